import { MAX_MESSAGE } from "./message";

/** `control` goes at once; `bulk` waits for a free line, behind all that is urgent. */
export type Urgency = "control" | "bulk";

/** Bulk is sent while less than this waits in the channel, in bytes: what is urgent is never far behind. */
export const BULK_AHEAD = 64 * 1024;

/** The most bulk that waits here, in UTF-16 units. */
export const MAX_BULK = 8 * 1024 * 1024;

/** The longest frame that is put together, in UTF-16 units. */
export const MAX_FRAME = 1024 * 1024;

/** A part of a frame: its line, whether more follows, then text. A message of the link begins with `{` instead. */
const LINES: Record<Urgency, string> = { control: "c", bulk: "b" };
const [MORE, LAST] = ["+", "."];
/** What certainly fits into a message besides the head, in UTF-16 units: each takes at most three bytes. */
const PART = Math.floor((MAX_MESSAGE - 2) / 3);
/** The same for text without a byte above 0x7f. */
const ASCII_PART = MAX_MESSAGE - 2;

/** Splits frames into messages that fit, and keeps the channel from filling up. */
export class Outbox {
  readonly #channel: RTCDataChannel;
  #bulk: string[] = [];
  #waiting = 0;

  constructor(channel: RTCDataChannel) {
    this.#channel = channel;
    channel.bufferedAmountLowThreshold = BULK_AHEAD / 2;
    channel.addEventListener("bufferedamountlow", () => this.#flush());
  }

  /** False if too much waits already: the frame is not sent. */
  send(frame: string, urgency: Urgency): boolean {
    if (urgency === "control") {
      for (const part of parts(frame, LINES.control)) this.#channel.send(part);
      return true;
    }
    if (this.#waiting + frame.length > MAX_BULK) return false;
    for (const part of parts(frame, LINES.bulk)) {
      this.#bulk.push(part);
      this.#waiting += part.length;
    }
    this.#flush();
    return true;
  }

  clear(): void {
    this.#bulk = [];
    this.#waiting = 0;
  }

  #flush(): void {
    let sent = 0;
    for (const part of this.#bulk) {
      if (this.#channel.readyState !== "open" || this.#channel.bufferedAmount >= BULK_AHEAD) break;
      this.#channel.send(part);
      this.#waiting -= part.length;
      sent += 1;
    }
    this.#bulk.splice(0, sent);
  }
}

/** Puts frames together again. */
export class Inbox {
  readonly #whole: (frame: string) => void;
  readonly #lines = new Map<string, { parts: string[]; length: number }>();

  constructor(whole: (frame: string) => void) {
    this.#whole = whole;
  }

  /** Whether it was a part of a frame. A frame that grows too long is dropped, whatever follows of it as well. */
  take(message: string): boolean {
    const [line = "", mark = ""] = message;
    if ((line !== LINES.control && line !== LINES.bulk) || (mark !== MORE && mark !== LAST)) return false;
    if (message.length > MAX_MESSAGE) return true;
    const open = this.#lines.get(line) ?? { parts: [], length: 0 };
    open.length += message.length;
    if (open.length <= MAX_FRAME) open.parts.push(message.slice(2));
    else open.parts = [];
    if (mark === MORE) {
      this.#lines.set(line, open);
    } else {
      this.#lines.delete(line);
      if (open.length <= MAX_FRAME) this.#whole(open.parts.join(""));
    }
    return true;
  }
}

function* parts(frame: string, line: string): Iterable<string> {
  // eslint-disable-next-line no-control-regex -- exactly the characters that take one byte
  const size = /^[\x00-\x7f]*$/.test(frame) ? ASCII_PART : PART;
  for (let at = 0; ;) {
    let end = Math.min(at + size, frame.length);
    // A pair of surrogates stays together: alone they are not text.
    if (end < frame.length && /[\ud800-\udbff]/.test(frame.charAt(end - 1))) end -= 1;
    const isLast = end >= frame.length;
    yield line + (isLast ? LAST : MORE) + frame.slice(at, end);
    if (isLast) return;
    at = end;
  }
}
