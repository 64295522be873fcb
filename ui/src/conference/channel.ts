import type { ParticipantId } from "./types";

/** What two devices say to each other on the control channel. */
export type Message =
  | { readonly type: "hello"; readonly participant: ParticipantId }
  | { readonly type: "state"; readonly name: string; readonly muted: boolean; readonly camera: boolean }
  | { readonly type: "signal"; readonly signal: object }
  | {
      readonly type: "candidate";
      readonly candidate: string;
      readonly mid: string;
      readonly ufrag: string | null;
    }
  | { readonly type: "restart" }
  | { readonly type: "description"; readonly kind: "offer" | "answer"; readonly sdp: string };

/** The largest message in bytes: every SCTP implementation takes it whole. */
export const MAX_MESSAGE = 16 * 1024 - 1;

/** The most messages that wait for the channel to open. */
export const MAX_WAITING = 64;

/** The most bytes that wait in an open channel; a peer that reads nothing for so long gets no more. */
export const MAX_BUFFERED = 1024 * 1024;

/** A message was not sent; the link goes on. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  constructor(
    readonly code: "message_too_large" | "too_many_waiting" | "peer_does_not_read",
    type: Message["type"],
  ) {
    super(`${code}: ${type}`);
  }
}

/** The JSON text of a message. Every message carries the version, so that none depends on another's arrival. */
export function writeMessage(message: Message): string {
  return JSON.stringify({ v: VERSION, ...message });
}

/** Null for other versions, unknown types and garbage of any kind; unknown fields are ignored. */
export function readMessage(data: unknown): Message | null {
  if (typeof data !== "string" || data.length > MAX_MESSAGE) return null;
  const fields = parseObject(data);
  if (fields === null || fields["v"] !== VERSION) return null;
  switch (fields["type"]) {
    case "hello": {
      const { participant } = fields;
      return typeof participant === "string" && /^[0-9a-f]{32}$/.test(participant)
        ? { type: "hello", participant }
        : null;
    }
    case "state": {
      const { name, muted, camera } = fields;
      if (typeof name !== "string" || typeof muted !== "boolean" || typeof camera !== "boolean") return null;
      return { type: "state", name: plain(name), muted, camera };
    }
    case "signal": {
      const { signal } = fields;
      return isObject(signal) ? { type: "signal", signal } : null;
    }
    case "candidate": {
      const { candidate, mid, ufrag } = fields;
      if (typeof candidate !== "string" || typeof mid !== "string") return null;
      return { type: "candidate", candidate, mid, ufrag: typeof ufrag === "string" ? ufrag : null };
    }
    case "description": {
      const { kind, sdp } = fields;
      if ((kind !== "offer" && kind !== "answer") || typeof sdp !== "string") return null;
      return { type: "description", kind, sdp };
    }
    case "restart":
      return { type: "restart" };
    default:
      return null;
  }
}

/** The control channel of a link: messages out, also before it is open, and messages in. */
export class ControlChannel {
  readonly #channel: RTCDataChannel;
  #waiting: string[] = [];

  constructor(
    peer: RTCPeerConnection,
    events: { open(): void; closed(): void; message(message: Message): void },
  ) {
    this.#channel = peer.createDataChannel("control", { negotiated: true, id: 0, ordered: true });
    this.#channel.addEventListener("open", () => {
      events.open();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const text of waiting) this.#channel.send(text);
    });
    this.#channel.addEventListener("close", () => events.closed());
    this.#channel.addEventListener("message", (event: MessageEvent<unknown>) => {
      const message = readMessage(event.data);
      if (message !== null) events.message(message);
    });
  }

  /** @throws ChannelError if it cannot be sent. Does nothing once the channel is closing. */
  send(message: Message): void {
    const text = writeMessage(message);
    if (new TextEncoder().encode(text).length > MAX_MESSAGE)
      throw new ChannelError("message_too_large", message.type);
    if (this.#channel.readyState === "connecting") {
      if (this.#waiting.length >= MAX_WAITING) throw new ChannelError("too_many_waiting", message.type);
      this.#waiting.push(text);
    } else if (this.#channel.readyState === "open") {
      if (this.#channel.bufferedAmount > MAX_BUFFERED)
        throw new ChannelError("peer_does_not_read", message.type);
      this.#channel.send(text);
    }
  }

  /** Closes after everything sent has been delivered. */
  close(): void {
    this.#channel.close();
  }
}

const VERSION = 1;
const MAX_NAME = 100;

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** One short line: no control characters and no marks that turn the reading direction of what stands around it. */
function plain(name: string): string {
  const marks = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
  return Array.from(name.replace(marks, " ").trim()).slice(0, MAX_NAME).join("");
}
