import type { Urgency } from "../../../../src/conference/overlay";
import type { Person } from "./person";
import type { World } from "./world";

/** How long a wire may be broken before both ends give it up, in milliseconds. */
export const GIVES_UP = 30_000;

interface Lane {
  lastArrival: number;
  readonly held: string[];
  /** What waits for a slow wire: bulk behind everything that is urgent. */
  readonly waiting: Readonly<Record<Urgency, string[]>>;
  isBusy: boolean;
}

/** A link between two people: reliable and in order, as slow as it likes, and holding everything back while broken. */
export class Wire {
  readonly ends: readonly [Person, Person];
  readonly #world: World;
  readonly #delay: number;
  /** What is on its way to each end. */
  readonly #lanes = new Map<Person, Lane>();
  #isOpen = true;
  #isCut = false;
  #brokenSince: number | null = null;
  #worksSince: number;

  constructor(world: World, a: Person, b: Person) {
    this.#world = world;
    this.ends = [a, b];
    for (const end of this.ends)
      this.#lanes.set(end, { lastArrival: 0, held: [], waiting: { control: [], bulk: [] }, isBusy: false });
    this.#worksSince = world.time.now();
    this.#delay = world.random.between(...world.options.delay);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get #works(): boolean {
    return !this.#isCut && this.#world.canReach(...this.ends);
  }

  /** For how long it has carried everything, in milliseconds. */
  get worksFor(): number {
    return this.#isOpen && this.#works ? this.#world.time.now() - this.#worksSince : 0;
  }

  other(person: Person): Person {
    return this.ends[0] === person ? this.ends[1] : this.ends[0];
  }

  /** From now on nothing comes through, and nobody is told. */
  cut(): void {
    this.#isCut = true;
    this.pathsChanged();
  }

  /** The world says that who can reach whom has changed. */
  pathsChanged(): void {
    if (!this.#isOpen) return;
    const { time } = this.#world;
    if (this.#works) {
      if (this.#brokenSince !== null) this.#worksSince = time.now();
      this.#brokenSince = null;
      for (const [end, lane] of this.#lanes) for (const text of lane.held.splice(0)) this.#carry(end, text);
    } else if (this.#brokenSince === null) {
      const since = time.now();
      this.#brokenSince = since;
      time.after(GIVES_UP, () => {
        if (this.#brokenSince === since) this.close();
      });
    }
  }

  send(from: Person, text: string, urgency: Urgency = "control"): void {
    if (!this.#isOpen) return;
    const to = this.other(from);
    if (this.#world.bandwidth === Infinity) return this.#put(to, text);
    this.#lanes.get(to)?.waiting[urgency].push(text);
    this.#transmit(to);
  }

  /** Both ends learn that it is no more; `silently`: only that another one took its place. */
  close(silently = false): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const end of this.ends) end.unlink(this, silently);
  }

  /** One after the other, as fast as the world lets them through. */
  #transmit(to: Person): void {
    const lane = this.#lanes.get(to);
    if (lane === undefined || lane.isBusy) return;
    const text = lane.waiting.control.shift() ?? lane.waiting.bulk.shift();
    if (text === undefined) return;
    lane.isBusy = true;
    this.#world.time.after(text.length / this.#world.bandwidth, () => {
      lane.isBusy = false;
      if (this.#isOpen) this.#put(to, text);
      this.#transmit(to);
    });
  }

  #put(to: Person, text: string): void {
    if (this.#works) this.#carry(to, text);
    else this.#lanes.get(to)?.held.push(text);
  }

  #carry(to: Person, text: string): void {
    const { time, random, options } = this.#world;
    const lane = this.#lanes.get(to);
    if (lane === undefined) return;
    const arrive = (): void => {
      const at = Math.max(lane.lastArrival, time.now() + this.#delay + random.between(0, options.jitter));
      lane.lastArrival = at;
      time.after(at - time.now(), () => {
        if (!this.#isOpen) return;
        if (this.#works) to.hear(this, text);
        else lane.held.push(text);
      });
    };
    arrive();
    if (random.chance(options.duplicates)) arrive();
  }
}
