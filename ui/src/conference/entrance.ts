import type { CallLink } from "./conference-links";
import type { Ends } from "./greeting";
import { helloText, type Hello } from "./message";
import { OverlayError, participantIdOf, type KeyRing, type Keys, type Overlay } from "./overlay";
import type { ConferenceId, Identity, ParticipantId, Refusal } from "./types";

export interface EntrancePorts {
  readonly ring: KeyRing;
  readonly identity: Pick<Identity, "personOf">;
  /** Null as long as the conference is not settled. */
  overlay(): Overlay | null;
  /** Whether others are or were in this side's conference. */
  isRunning(): boolean;
  /** This side's conference is the one, if it is not settled already. */
  found(keys: Keys): Promise<void>;
  /** The other side's conference is the one. */
  join(keys: Keys, conference: ConferenceId): void;
  /** Whether nobody else can be let in. */
  isFull(): boolean;
  /** The other end of a call cannot be let in. */
  refuse(call: CallLink, why: Refusal): void;
  readonly fault: (error: unknown) => void;
}

/**
 * How both ends of a call come to the same conference, whichever hello is heard first: the one that is running, and if
 * neither is, that of the side that hosts. Its side lets the other in.
 */
export class Entrance {
  /** This device's, for one conference. */
  readonly keys: Promise<Keys>;
  readonly #ports: EntrancePorts;

  constructor(ports: EntrancePorts) {
    this.#ports = ports;
    this.keys = ports.ring.create();
    this.keys.catch(ports.fault);
  }

  async hello({ own, other }: Ends, hosts: boolean): Promise<Hello> {
    const keys = await this.keys;
    if (hosts) await this.#ports.found(keys);
    const said = { conference: this.#ports.overlay()?.id ?? null, running: this.#ports.isRunning() };
    const sig = await keys.sign(helloText(said, own, other));
    return { type: "hello", key: keys.publicKey, sig, ...said };
  }

  /** Who says so; null unless it is true. */
  async provenBy(hello: Hello, { own, other }: Ends): Promise<ParticipantId | null> {
    const id = participantIdOf(hello.key);
    const isTrue = await this.#ports.ring.verifier.verify(hello.key, helloText(hello, other, own), hello.sig);
    const keys = await this.keys;
    return isTrue && id !== keys.id ? id : null;
  }

  /** Settles the conference of a call by what the other end said. */
  async settle(leg: CallLink, hello: Hello): Promise<void> {
    const ports = this.#ports;
    const { call, hosts } = leg;
    const isSame = hello.conference !== null && hello.conference === ports.overlay()?.id;
    if (isSame && hello.running) return;
    const keys = await this.keys;
    const isRunning = ports.isRunning();
    const letsIn = isRunning === hello.running ? hosts : isRunning;
    if (letsIn) {
      await ports.found(keys);
      const { name = "", address = "" } = ports.identity.personOf(call) ?? {};
      await this.#letIn(leg, hello.key, { name, address });
    } else if (hello.conference !== null && !isSame && !isRunning) {
      ports.join(keys, hello.conference);
    }
  }

  async #letIn(leg: CallLink, key: string, known: { name: string; address: string }): Promise<void> {
    const overlay = this.#ports.overlay();
    const id = participantIdOf(key);
    if (overlay === null || id === null) return;
    if (!overlay.isMember(id) && this.#ports.isFull()) return this.#ports.refuse(leg, "full");
    try {
      await overlay.admit(key, known);
    } catch (error) {
      const why = error instanceof OverlayError ? REFUSED[error.code] : undefined;
      if (why !== undefined) return this.#ports.refuse(leg, why);
      // Who has left, or was put out: their call ends in its own way.
      if (!(error instanceof OverlayError)) throw error;
      this.#ports.fault(error);
    }
  }
}

const REFUSED: Partial<Record<OverlayError["code"], Refusal>> = { locked: "locked", full: "full" };
