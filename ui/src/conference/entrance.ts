import type { CallLink } from "./conference-links";
import type { Ends } from "./greeting";
import { helloText, type Hello } from "./message";
import type { KeyStore } from "./key-store";
import { OverlayError, participantIdOf, type KeyRing, type Keys, type Overlay } from "./overlay";
import { OwnSeat } from "./own-seat";
import type { Clock, ConferenceId, Identity, ParticipantId, Refusal } from "./types";

/**
 * For how long after it began a device that found its own conference, since all whom it was linked with first were
 * reloaded as well, leaves that for the one it was called into, in milliseconds. Later too much would be lost by it.
 */
const RETURNS_WITHIN = 30_000;

export interface EntrancePorts {
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly keyStore: KeyStore | null;
  readonly identity: Pick<Identity, "personOf">;
  /** Null as long as the conference is not settled. */
  overlay(): Overlay | null;
  /** Whether others are or were in this side's conference. */
  isRunning(): boolean;
  /** This side's conference is the one, if it is not settled already. */
  found(keys: Keys): Promise<void>;
  /** The other side's conference is the one. */
  join(keys: Keys, conference: ConferenceId): void;
  /** The links of this conference's calls. */
  legs(): readonly CallLink[];
  /** Whether nobody else can be let in. */
  isFull(): boolean;
  /** The other end of a call cannot be let in. */
  refuse(call: CallLink, why: Refusal): void;
  readonly fault: (error: unknown) => void;
}

/**
 * How both ends of a call come to the same conference, whichever hello is heard first: the one that is running, and if
 * neither is, that of the side that hosts. Its side lets the other in, who need not be let in if its page was reloaded.
 */
export class Entrance {
  /** This device's, for one conference. */
  readonly keys: Promise<Keys>;
  readonly seat: OwnSeat;
  readonly #ports: EntrancePorts;
  readonly #named: ConferenceId | null;
  readonly #began: number;
  /** Those on which to say which conference this device is in, once it is. */
  #follows: readonly CallLink[] = [];

  /** `named`: into which conference the first call leads; null: it begins one. */
  constructor(ports: EntrancePorts, named: ConferenceId | null) {
    const { clock, keyStore: store, fault } = ports;
    this.#ports = ports;
    this.#named = named;
    this.#began = clock.now();
    this.keys = ports.ring.create();
    this.keys.catch(fault);
    this.seat = new OwnSeat({ clock, store, keys: this.keys, fault }, named);
  }

  /** What is said on a link; `leg`: it is that of a call. */
  async hello({ own, other }: Ends, leg: CallLink | null): Promise<Hello> {
    const keys = await this.keys;
    const renewals = leg === null ? [] : await this.seat.renewals;
    if (leg?.hosts === true) await this.#ports.found(keys);
    const said = { conference: this.#ports.overlay()?.id ?? null, running: this.#ports.isRunning() };
    const sig = await keys.sign(helloText(said, own, other));
    const hello = { type: "hello", key: keys.publicKey, sig, ...said } as const;
    return renewals.length > 0 ? { ...hello, renewals } : hello;
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
    // First of all: whoever has a seat need not be let in, and is not refused.
    if (hello.renewals !== undefined) await ports.overlay()?.renew(hello.key, hello.renewals);
    const isSame = hello.conference !== null && hello.conference === ports.overlay()?.id;
    if (isSame && hello.running) return;
    const keys = await this.keys;
    const isRunning = ports.isRunning();
    if (isRunning && hello.running && hello.conference !== null && this.leadsTo(hello.conference))
      return this.#return(keys, hello.conference, leg);
    const letsIn = isRunning === hello.running ? hosts : isRunning;
    if (letsIn) {
      await ports.found(keys);
      const { name = "", address = "" } = ports.identity.personOf(call) ?? {};
      await this.#letIn(leg, hello.key, { name, address });
    } else if (hello.conference !== null && !isSame && !isRunning) {
      ports.join(keys, hello.conference);
    }
  }

  /** This device is in its conference now. */
  isIn(): void {
    for (const { link } of this.#follows) link.sayHello();
    this.#follows = [];
  }

  /** Whether this conference is the one that its first call leads into, or is left for that one if it goes on. */
  leadsTo(conference: ConferenceId): boolean {
    const isEarly = this.#ports.clock.now() - this.#began < RETURNS_WITHIN;
    return conference === this.#named && (isEarly || !this.#ports.isRunning());
  }

  /** Who is in the conference that is left comes along, once this device can let them in. */
  #return(keys: Keys, conference: ConferenceId, by: CallLink): void {
    this.#ports.join(keys, conference);
    by.link.sayHello();
    this.#follows = this.#ports.legs().filter((leg) => leg !== by);
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
