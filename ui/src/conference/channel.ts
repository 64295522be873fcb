import { Inbox, Outbox, type Urgency } from "./frames";
import { MAX_MESSAGE, readMessage, writeMessage, type Message } from "./message";

/** The most messages that wait for the channel to open. */
export const MAX_WAITING = 64;

/** The most bytes that wait in an open channel; a peer that reads nothing for so long gets no more. */
export const MAX_BUFFERED = 1024 * 1024;

/** A message was not sent; the link goes on. */
export class ChannelError extends Error {
  override readonly name = "ChannelError";
  constructor(
    readonly code: "message_too_large" | "too_many_waiting" | "peer_does_not_read",
    what: string,
  ) {
    super(`${code}: ${what}`);
  }
}

export interface ChannelEvents {
  open(): void;
  closed(): void;
  message(message: Message): void;
  /** A whole frame of the overlay. */
  frame(text: string): void;
}

/**
 * The control channel of a link: messages of the link, also before it is open, and frames of the overlay, which may
 * be longer than a message and wait behind those that are urgent.
 */
export class ControlChannel {
  readonly #channel: RTCDataChannel;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  #waiting: string[] = [];

  constructor(peer: RTCPeerConnection, events: ChannelEvents) {
    this.#channel = peer.createDataChannel("control", { negotiated: true, id: 0, ordered: true });
    this.#outbox = new Outbox(this.#channel);
    this.#inbox = new Inbox((text) => events.frame(text));
    this.#channel.addEventListener("open", () => {
      events.open();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const text of waiting) this.#channel.send(text);
    });
    this.#channel.addEventListener("close", () => events.closed());
    this.#channel.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== "string" || this.#inbox.take(data)) return;
      const message = readMessage(data);
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

  /**
   * Sends a frame of the overlay; nothing unless the channel is open.
   *
   * @throws ChannelError if the peer does not read, or too much waits.
   */
  sendFrame(text: string, urgency: Urgency): void {
    if (this.#channel.readyState !== "open") return;
    if (this.#channel.bufferedAmount > MAX_BUFFERED || !this.#outbox.send(text, urgency))
      throw new ChannelError("peer_does_not_read", "frame");
  }

  /** Closes after everything sent has been delivered. */
  close(): void {
    this.#outbox.clear();
    this.#channel.close();
  }
}
