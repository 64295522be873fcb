import {
  makeRenewal,
  OverlayError,
  webCryptoRing,
  type KeyRing,
  type Keys,
  type Verifier,
} from "../../../../src/conference/overlay";
import type { ParticipantId } from "../../../../src/conference";
import { BY_CALL } from "../../../../src/conference/search";
import { FakeRing } from "./keys";
import { Person } from "./person";
import { Random } from "./random";
import { VirtualTime } from "./time";
import { Wire } from "./wire";

export interface WorldOptions {
  /** How long a message takes, from and to, in milliseconds; each wire has its own. */
  readonly delay: readonly [number, number];
  /** What comes on top for each message, at most. */
  readonly jitter: number;
  /** The probability that a message comes twice. */
  readonly duplicates: number;
  /** Whether keys are real ones. */
  readonly crypto: "fake" | "real";
  /** Whether there are chat, notes and files beside the list. */
  readonly documents?: boolean;
}

export const CALM: WorldOptions = { delay: [10, 40], jitter: 0, duplicates: 0, crypto: "fake" };
export const ROUGH: WorldOptions = { delay: [2, 120], jitter: 60, duplicates: 0.02, crypto: "fake" };

/** How long both ends try a link that was made by mail, in milliseconds. */
const LINKS_TRIED = 60_000;

/**
 * People whose devices are linked in virtual time. Links are begun by way of the overlay; by mail between those who
 * called each other, as backends do it for a while; and by mail between those who look for each other.
 */
export class World {
  readonly time = new VirtualTime();
  readonly random: Random;
  readonly options: WorldOptions;
  readonly verifier: Verifier;
  readonly people: Person[] = [];
  /** How much each wire carries in each direction, in characters each millisecond. */
  bandwidth = Infinity;
  readonly #ring: KeyRing;
  readonly #byId = new Map<ParticipantId, Person>();
  readonly #wires = new Set<Wire>();
  #islandOf: (person: Person) => number = () => 0;
  #apartSince = new Map<string, number>();
  #conference = "";

  constructor(seed: number, options: WorldOptions = CALM) {
    this.random = new Random(seed);
    this.options = options;
    this.#ring = options.crypto === "real" ? webCryptoRing() : new FakeRing(new Random(seed), true);
    const { verifier } = this.#ring;
    this.verifier = { verify: (...args) => this.time.during(verifier.verify(...args)) };
    this.#mail();
  }

  /** Keys of somebody who does not exist. */
  createKeys(): Promise<Keys> {
    return this.#ring.create();
  }

  person(id: ParticipantId): Person | null {
    return this.#byId.get(id) ?? null;
  }

  /** Those whose devices are on and who are in. */
  get present(): Person[] {
    return this.people.filter((person) => person.isIn);
  }

  canReach(a: Person, b: Person): boolean {
    return this.#islandOf(a) === this.#islandOf(b);
  }

  async found(name: string): Promise<Person> {
    const person = await this.#create(name);
    await person.found();
    this.#conference = person.overlay.id;
    return person;
  }

  /** Somebody takes a call of a participant, which lets it in. Resolves when the call is on its way. */
  async invite(inviter: Person, name: string): Promise<Person> {
    const person = await this.uninvited(name);
    inviter.calls.add(person);
    person.calls.add(inviter);
    this.time.after(this.random.between(50, 200), () => {
      if (inviter.isGone || !this.canReach(inviter, person)) return;
      this.connect(inviter, person);
      this.time.during(this.#admit(inviter, person)).catch((error: unknown) => inviter.faults.push(error));
    });
    return person;
  }

  /** Somebody who wants to take part and whom nobody has let in. */
  async uninvited(name: string): Promise<Person> {
    const person = await this.#create(name);
    person.join(this.#conference);
    return person;
  }

  /** Reloads somebody's page, who has a new key then and wants its place back. Resolves when a link is on its way. */
  async reload(person: Person, through?: Person): Promise<Person> {
    person.crash();
    const fresh = await this.#create(person.name);
    const renewal = await this.time.during(makeRenewal(person.keys, fresh.keys, this.#conference));
    fresh.former = person;
    fresh.admittedBy = person.admittedBy;
    fresh.renewals = [...person.renewals, renewal.wire];
    for (const other of person.calls) {
      fresh.calls.add(other);
      other.calls.add(fresh);
    }
    fresh.join(this.#conference);
    const called = [...fresh.calls].filter((other) => other.isIn);
    const others = called.length > 0 ? called : this.present;
    const other = through ?? (others.length > 0 ? this.random.pick(others) : null);
    this.time.after(this.random.between(100, 2000), () => {
      if (other !== null) this.connect(fresh, other);
    });
    return fresh;
  }

  /** Opens a link, if that is possible. */
  connect(a: Person, b: Person): Wire | null {
    if (a.isGone || b.isGone || !this.canReach(a, b)) return null;
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      this.time.during(this.#takeBack(one, other)).catch((error: unknown) => other.faults.push(error));
    const wire = new Wire(this, a, b);
    this.#wires.add(wire);
    a.link(wire);
    b.link(wire);
    return wire;
  }

  /** Nobody can reach anybody outside of its island; who is on none is on the first. */
  split(...islands: readonly (readonly Person[])[]): void {
    const of = new Map(islands.flatMap((people, at) => people.map((person) => [person, at] as const)));
    this.#islandOf = (person) => of.get(person) ?? 0;
    this.#pathsChanged();
  }

  heal(): void {
    this.#islandOf = () => 0;
    this.#pathsChanged();
  }

  /** What somebody who was reloaded says first on a link. */
  async #takeBack(person: Person, other: Person): Promise<void> {
    if (person.renewals.length === 0 || !other.isIn) return;
    await other.overlay.renew(person.keys.publicKey, person.renewals);
    if (other.overlay.isMember(person.id)) person.tookBack.add(other);
  }

  async #admit(inviter: Person, { name, keys }: Person): Promise<void> {
    try {
      await inviter.overlay.admit(keys.publicKey, { name, address: "" });
      const person = this.person(keys.id);
      if (person !== null) person.admittedBy = inviter;
    } catch (error) {
      // A conference may be locked meanwhile, and the inviter put out; everything else is wrong.
      if (!(error instanceof OverlayError) || !["locked", "not_in"].includes(error.code)) throw error;
    }
  }

  #pathsChanged(): void {
    for (const wire of this.#wires) {
      if (wire.isOpen) wire.pathsChanged();
      else this.#wires.delete(wire);
    }
  }

  async #create(name: string): Promise<Person> {
    const person = new Person(this, name, await this.time.during(this.#ring.create()));
    this.people.push(person);
    this.#byId.set(person.id, person);
    return person;
  }

  /** Somebody writes to somebody whom nothing else leads to. What comes of it is tried for a minute. */
  write(from: Person, to: ParticipantId): void {
    const first = this.person(to)?.first;
    const { time, random } = this;
    time.after(random.between(500, 3000), () => {
      const other = this.people.find((person) => person.first === first && person.answersMail && person.isIn);
      if (other !== undefined)
        time.during(this.#read(from, other, to)).catch((e: unknown) => other.faults.push(e));
    });
  }

  /**
   * A letter says how its writer came to be in; one for a former key is answered by another. Who was put out and has not
   * heard of it gets a link, too, and hears of it; pages are alone then, and end.
   */
  async #read(from: Person, other: Person, to: ParticipantId): Promise<void> {
    await other.overlay.takeRow(from.overlay.row);
    if (from.former !== null && other.overlay.isMember(from.id)) from.tookBack.add(other);
    if (!other.overlay.knows(from.id)) return;
    if (other.id !== to) this.write(other, from.id);
    else this.#tryToConnect(from, other, this.time.now() + LINKS_TRIED);
  }

  #tryToConnect(a: Person, b: Person, until: number): void {
    if (this.time.now() > until || !a.isIn || !b.isIn || a.wires.has(b.id)) return;
    if (this.connect(a, b) === null) this.time.after(500, () => this.#tryToConnect(a, b, until));
  }

  /** What backends do for those who called each other. */
  #mail(): void {
    this.time.after(1000, () => this.#mail());
    const reachable = this.people.filter((person) => person.answersMail && (person.isIn || person.isJoining));
    for (const [at, a] of reachable.entries()) {
      for (const b of reachable.slice(at + 1)) {
        if (!a.calls.has(b) || !this.#areApart(a, b)) continue;
        const pair = `${a.id} ${b.id}`;
        const since = this.#apartSince.get(pair) ?? this.time.now();
        this.#apartSince.set(pair, since);
        const apart = this.time.now() - since;
        const isGivenUp = a.isIn && b.isIn && apart > BY_CALL;
        if (apart >= 4000 && apart % 4000 < 1000 && !isGivenUp) this.connect(a, b);
      }
    }
  }

  #areApart(a: Person, b: Person): boolean {
    const isSeen = (by: Person, whom: Person): boolean =>
      by.others.some(({ id, connection }) => id === whom.id && connection === "connected");
    const isApart = !isSeen(a, b) && !isSeen(b, a) && a.overlay.id === b.overlay.id;
    if (!isApart) this.#apartSince.delete(`${a.id} ${b.id}`);
    return isApart;
  }
}
