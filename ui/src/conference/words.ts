import type { ControlChannel } from "./channel";
import { asksForPath, type Message } from "./message";

export interface WordsPorts {
  /** Whether anything gets through the link, as far as this side knows. */
  isOpen(): boolean;
  /** Whether it was open, and nothing gets through any more. */
  isBroken(): boolean;
  /** Says it by way of others. False: there is no way. */
  detour(message: Message): boolean;
  readonly fault: (error: unknown) => void;
}

/** What this side says to the other end of a link, and which way that goes. */
export class Words {
  readonly #channel: ControlChannel;
  readonly #ports: WordsPorts;
  /** Something about the link was said where nobody was to pass it on. */
  #isMissed = false;

  constructor(channel: ControlChannel, ports: WordsPorts) {
    this.#channel = channel;
    this.#ports = ports;
  }

  /** Over the link itself. False if it was not sent. */
  say(message: Message): boolean {
    try {
      this.#channel.send(message);
      return true;
    } catch (error) {
      this.#ports.fault(error);
      return false;
    }
  }

  /**
   * Something about the link itself, which cannot wait until it works. A new path is not asked for in a channel that is
   * dead: when that is heard, there is one.
   */
  sayOfLink(message: Message): void {
    if (!this.#ports.isOpen()) {
      if (this.#ports.detour(message)) return;
      this.#isMissed = true;
    }
    if (!this.#ports.isBroken() || !asksForPath(message)) this.say(message);
  }

  /** Whether the other side missed something of the link, as far as this side knows; it is about to be said again. */
  takeMissed(): boolean {
    const was = this.#isMissed;
    this.#isMissed = false;
    return was;
  }
}
