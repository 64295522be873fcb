import type { Role } from "./description";
import { isCancel, type Message } from "./message";

/** What counts only once the call was taken. */
export type Accepted = Exclude<Message, { type: "candidate" | "signal" | "probe" }>;

export interface HearingPorts {
  readonly role: Role;
  /** Whether the call was taken, and media runs. */
  isAccepted(): boolean;
  candidate(message: Extract<Message, { type: "candidate" }>): void;
  signal(signal: object): void;
  /** Anything else; only once the call was taken. */
  accepted(message: Accepted): void;
}

/**
 * What of a link's messages counts when: before the local accept nothing but candidates and signals, and on the callee's
 * side nothing of these but `cancel`.
 */
export class Hearing {
  readonly #ports: HearingPorts;
  /** What came before the local accept, the newest of each type. */
  readonly #parked = new Map<Message["type"], Accepted>();

  constructor(ports: HearingPorts) {
    this.#ports = ports;
  }

  hear(message: Message): void {
    const isAccepted = this.#ports.isAccepted();
    switch (message.type) {
      case "candidate":
        return this.#ports.candidate(message);
      case "signal":
        if (isAccepted || this.#ports.role === "offer" || isCancel(message.signal))
          this.#ports.signal(message.signal);
        return;
      case "probe":
        return;
      case "hello":
      case "want":
      case "private":
      case "refused":
      case "restart":
      case "description":
      case "spare":
        if (isAccepted) this.#ports.accepted(message);
        else this.#parked.set(message.type, message);
    }
  }

  /** The call was taken: what was put aside counts now. */
  resume(): void {
    const parked = [...this.#parked.values()];
    this.#parked.clear();
    for (const message of parked) this.#ports.accepted(message);
  }
}
