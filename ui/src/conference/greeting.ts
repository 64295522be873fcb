import type { ControlChannel } from "./channel";
import type { Urgency } from "./frames";
import { MAX_UNPROVEN, MAX_UNPROVEN_SIZE } from "./limits";
import type { Hello } from "./message";
import type { ParticipantId } from "./types";

/** The two ends of a link, by the fingerprints of their DTLS certificates. */
export interface Ends {
  readonly own: string;
  readonly other: string;
}

export interface GreetingPorts {
  /** What this device says of itself on such a link; null: nothing (yet). */
  hello(ends: Ends): Promise<Hello | null>;
  /** Who says this on such a link, and `known` has said so before if anybody has; null: it is not true. */
  greeted(hello: Hello, ends: Ends, known: ParticipantId | null): Promise<ParticipantId | null>;
  /** It is proven who is at the other end: frames may be sent. */
  known(id: ParticipantId): void;
  frame(text: string): void;
  readonly fault: (error: unknown) => void;
}

/**
 * Who is at the other end of a link: each side signs both ends of the DTLS session with its key of the conference.
 * Frames count only from then on.
 */
export class Greeting {
  readonly #ports: GreetingPorts;
  readonly #channel: ControlChannel;
  #id: ParticipantId | null = null;
  /** The newest hello that is being examined. */
  #examined: Hello | null = null;
  /** Frames that wait for it. */
  #early: string[] = [];
  #earlySize = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(channel: ControlChannel, ports: GreetingPorts) {
    this.#channel = channel;
    this.#ports = ports;
  }

  get id(): ParticipantId | null {
    return this.#id;
  }

  async say(ends: Ends): Promise<void> {
    const hello = await this.#ports.hello(ends);
    if (hello !== null) this.#channel.send(hello);
  }

  /** A later hello tells of another conference; it never changes who it is. One is examined after the other. */
  hear(hello: Hello, ends: Ends): Promise<void> {
    this.#examined = hello;
    const done = this.#work.then(() => this.#examine(hello, ends));
    this.#work = done.catch(() => undefined);
    return done;
  }

  async #examine(hello: Hello, ends: Ends): Promise<void> {
    const id = await this.#ports.greeted(hello, ends, this.#id);
    this.#id ??= id;
    if (id !== null && id === this.#id) this.#ports.known(id);
    if (this.#examined !== hello) return;
    this.#examined = null;
    if (this.#id === null) return;
    this.#earlySize = 0;
    for (const text of this.#early.splice(0)) this.#ports.frame(text);
  }

  frame(text: string): void {
    if (this.#id !== null && this.#examined === null) this.#ports.frame(text);
    else if (this.#early.length < MAX_UNPROVEN && this.#earlySize + text.length <= MAX_UNPROVEN_SIZE) {
      this.#early.push(text);
      this.#earlySize += text.length;
    }
  }

  send(text: string, urgency: Urgency): void {
    try {
      this.#channel.sendFrame(text, urgency);
    } catch (error) {
      this.#ports.fault(error);
    }
  }
}
