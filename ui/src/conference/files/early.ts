import { MAX_EARLY, MAX_TEXT } from "./limits";

/**
 * A channel for files from its first moment on. The other side may know who is here, and ask for something, a moment
 * before it is known here who the other side is; what it asks for by then waits here.
 */
export class EarlyChannel {
  readonly channel: RTCDataChannel;
  readonly #texts: string[] = [];
  readonly #listener = ({ data }: MessageEvent<unknown>): void => {
    // Nothing was asked for yet, so answers, which are binary, are none.
    if (typeof data === "string" && data.length <= MAX_TEXT && this.#texts.length < MAX_EARLY)
      this.#texts.push(data);
  };

  constructor(channel: RTCDataChannel) {
    this.channel = channel;
    channel.addEventListener("message", this.#listener);
  }

  /** What has come so far; nothing is kept from now on. */
  take(): readonly string[] {
    this.channel.removeEventListener("message", this.#listener);
    return this.#texts.splice(0);
  }
}
