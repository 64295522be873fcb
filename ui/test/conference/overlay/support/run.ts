import { disagreement } from "./agreement";
import { Mallory } from "./mallory";
import type { Person } from "./person";
import { CALM, ROUGH, World, type WorldOptions } from "./world";

/** After so long everybody has heard of a new link, also from somebody whom Mallory would keep apart, in milliseconds. */
const HEARD = 3000;
/** How long after the last event everybody must agree, in milliseconds: the longest is an entry that gets stale. */
const PEACE = 120_000;

export interface Run {
  readonly seed: number;
  /** How many people take part at first. */
  readonly people: number;
  readonly events: number;
  readonly isAttacked: boolean;
  readonly options: WorldOptions;
}

/** What a run was like; `wrong` is what should not be. */
export interface Outcome {
  readonly wrong: readonly string[];
  readonly sent: number;
  /** The most that may have been sent. */
  readonly bound: number;
}

/**
 * A run with this number: mostly small, each 50th of 9 to 24 people, each 250th of 50; every fourth four have documents.
 */
export function runOf(seed: number): Run {
  const people = seed % 250 === 0 ? 50 : seed % 50 === 1 ? 9 + (seed % 16) : 2 + (seed % 7);
  const documents = Math.floor(seed / 4) % 4 === 0;
  const options = { ...(seed % 5 === 0 ? CALM : ROUGH), documents };
  return { seed, people, events: people > 8 ? 12 : 8, isAttacked: people > 2 && seed % 3 !== 0, options };
}

/** Runs it to the end. */
export async function play(run: Run): Promise<Outcome> {
  const play = new Play(run);
  await play.begin();
  for (let event = 0; event < run.events; event += 1) await play.event();
  return play.end();
}

class Play {
  readonly #run: Run;
  readonly #world: World;
  readonly #traffic = new Traffic();
  /**
   * Put out by an organiser who was one, and who was in that one's reach then: they stay, whoever let them in. All as
   * they were before their first reload.
   */
  readonly #removed = new Map<Person, ReadonlySet<Person>>();
  /** The founder and its first guest: everybody else is junior to them. */
  #seniors: readonly Person[] = [];
  #mallory: Mallory | null = null;
  #isSplit = false;
  #count = 0;

  constructor(run: Run) {
    this.#run = run;
    this.#world = new World(run.seed, run.options);
  }

  async begin(): Promise<void> {
    const { people, isAttacked } = this.#run;
    const { random, time } = this.#world;
    await this.#world.found("Person 0");
    for (let n = 1; n < people; n += 1) {
      await this.#join();
      await time.pass(n === 1 ? 2000 : random.between(0, people > 8 ? 600 : 1500));
    }
    await time.pass(2000);
    this.#seniors = this.#world.people.slice(0, 2);
    const suspects = this.#honest.filter((person) => !this.#seniors.includes(person));
    if (!isAttacked || suspects.length === 0) return;
    this.#mallory = new Mallory(random.pick(suspects));
    this.#mallory.start();
  }

  async event(): Promise<void> {
    const { random, time } = this.#world;
    if (this.#honest.length > 0) await random.pick(EVENTS)(this);
    await this.#scribbles();
    await time.pass(random.between(0, random.chance(0.2) ? 20_000 : 3000));
  }

  async end(): Promise<Outcome> {
    const { time } = this.#world;
    this.#world.heal();
    this.#mallory?.stop();
    this.#costs("split");
    await time.until(() => this.#agreed() === null, PEACE, 250);
    this.#costs("item");
    const sent = this.#honestEver.reduce((sum, person) => sum + person.overlay.counters.sent, 0);
    const bound = this.#traffic.allowed;
    const wrong = [...this.#wrongs(), this.#agreed()].filter((one) => one !== null);
    if (sent > bound) wrong.push(`${String(sent)} messages, more than ${String(bound)}`);
    for (const person of this.#world.people) person.overlay.close();
    return { wrong, sent, bound };
  }

  static readonly events = {
    join: (play: Play) => play.#join(),
    leave: async (play: Play) => {
      const person = play.#someoneToLose();
      if (person === null) return;
      play.#costs("loss");
      await person.leave();
    },
    crash: (play: Play) => {
      const person = play.#someoneToLose();
      if (person === null) return;
      play.#costs("loss");
      person.crash();
    },
    reload: async (play: Play) => {
      const person = play.#someoneToLose();
      if (person === null) return;
      play.#costs("loss");
      play.#costs("join");
      const fresh = await play.#world.reload(person);
      play.#seniors = play.#seniors.map((one) => (one === person ? fresh : one));
    },
    split: (play: Play) => {
      const { random } = play.#world;
      if (play.#isSplit) return;
      play.#isSplit = true;
      const together = [...play.#seniors, play.#mallory?.person];
      const away = play.#world.present.filter((one) => !together.includes(one) && random.chance(0.4));
      play.#costs("split");
      play.#world.split([], away);
    },
    heal: (play: Play) => {
      if (!play.#isSplit) return;
      play.#isSplit = false;
      play.#costs("split");
      play.#world.heal();
    },
    cut: (play: Play) => {
      const person = play.#someone();
      if (person.wires.size === 0) return;
      play.#costs("loss");
      play.#world.random.pick([...person.wires.values()]).cut();
    },
    write: async (play: Play) => {
      const person = play.#someone();
      play.#costs("item");
      await person.write(`line ${String((play.#count += 1))} of ${person.name}`);
    },
    say: (play: Play) => {
      const [from, to] = [play.#someone(), play.#someone()];
      if (from === to) return;
      play.#costs("item");
      from.say(to, `words ${String((play.#count += 1))}`);
    },
    tell: (play: Play) => {
      const { random } = play.#world;
      play.#costs("item");
      play.#someone().overlay.tell({ muted: random.chance(0.5), hand: random.chance(0.5) });
    },
    rule: (play: Play) => {
      const { random } = play.#world;
      const organiser = play.#honest.find(({ overlay }) => overlay.view.own.organiser);
      if (organiser === undefined) return;
      play.#costs("item");
      const topic = `topic ${String((play.#count += 1))}`;
      organiser.overlay.setRules({ topic, locked: random.chance(0.3) });
    },
    remove: (play: Play) => {
      const organiser = play.#honest.find(({ overlay }) => overlay.view.own.organiser);
      const other = play.#someoneToLose();
      if (organiser !== undefined && other !== null) play.#remove(organiser, other);
    },
    expel: (play: Play) => {
      const organiser = play.#honest.find(({ overlay }) => overlay.view.own.organiser);
      const mallory = play.#mallory?.person;
      if (organiser === undefined || mallory === undefined || play.#world.random.chance(0.5)) return;
      play.#remove(organiser, mallory);
    },
  };

  get #honest(): Person[] {
    return this.#world.present.filter((person) => person !== this.#mallory?.person);
  }

  get #honestEver(): Person[] {
    return this.#world.people.filter((person) => person !== this.#mallory?.person);
  }

  /** An event happens: so much may be sent because of it. */
  #costs(event: "join" | "loss" | "split" | "item"): void {
    const { present, people, time } = this.#world;
    const n = present.length + people.filter((person) => person.isJoining).length;
    this.#traffic.add(event, n);
    this.#traffic.pass(time.now(), n, this.#mallory !== null);
  }

  #someone(): Person {
    return this.#world.random.pick(this.#honest);
  }

  /**
   * While Mallory is there one of the two stays to whom it is junior: so it is never the organiser, and what it states
   * never counts.
   */
  #someoneToLose(): Person | null {
    const seniors = this.#honest.filter((one) => this.#seniors.includes(one));
    const isKept = (one: Person): boolean =>
      this.#run.isAttacked && seniors.length === 1 && seniors.includes(one);
    const honest = this.#honest.filter((one) => !isKept(one));
    return honest.length > 1 ? this.#world.random.pick(honest) : null;
  }

  /** In the lives with documents some write into them, at once or one after the other. */
  async #scribbles(): Promise<void> {
    const { random, time, options } = this.#world;
    for (let times = options.documents === true ? random.between(0, 4) : 0; times > 0; times -= 1) {
      if (this.#honest.length === 0) return;
      this.#costs("item");
      this.#someone().scribble(`words ${String((this.#count += 1))}; `);
      if (random.chance(0.5)) await time.pass(random.between(0, 400));
    }
  }

  async #join(): Promise<void> {
    this.#count += 1;
    await this.#world.invite(this.#someone(), `Person ${String(this.#count)}`);
    this.#costs("join");
  }

  #remove(organiser: Person, other: Person): void {
    const seen = new Set(organiser.sees);
    const stay = [...this.#linkedTo(organiser, other)].filter(({ name }) => seen.has(name));
    if (!organiser.overlay.remove(other.id)) return;
    this.#removed.set(other.first, new Set(stay.map(({ first }) => first)));
    this.#costs("loss");
  }

  /** All whom somebody reaches without another's help, over links that everybody has heard of. */
  #linkedTo(person: Person, without: Person): ReadonlySet<Person> {
    const linked = new Set([person]);
    // A set hands out as well what it is given meanwhile.
    for (const one of linked)
      for (const wire of one.wires.values()) {
        const next = wire.other(one);
        if (next !== without && wire.worksFor >= HEARD) linked.add(next);
      }
    return linked;
  }

  /**
   * Was put out, or let in by somebody who was and out of reach of whoever did that: away, or not in yet. Or came back
   * after a reload without hearing of the others.
   */
  #mayBeOut(person: Person): boolean {
    return this.#mayHaveBeenPutOut(person.first) || this.#isMisled(person);
  }

  /**
   * Came back after a reload only by way of Mallory, or of people who were being put out at that moment: it may be put
   * out by them, or stay alone with what little it was told.
   */
  #isMisled({ tookBack }: Person): boolean {
    const isOfNoHelp = (one: Person): boolean =>
      one === this.#mallory?.person || this.#mayHaveBeenPutOut(one.first);
    return tookBack.size > 0 && [...tookBack].every(isOfNoHelp);
  }

  #mayHaveBeenPutOut(person: Person): boolean {
    if (this.#removed.has(person)) return true;
    for (let by = person.admittedBy?.first; by !== undefined; by = by.admittedBy?.first)
      if (this.#removed.get(by)?.has(person) === false) return true;
    return false;
  }

  /** In what those who are in do not agree, or who should be in and is not. */
  #agreed(): string | null {
    // Whom nobody had heard of when it was locked does not hear of that either; pages end their calls with it.
    const isIn = this.#honest.filter((person, at, all) => {
      if (this.#isMisled(person) && person.sees.length === 0) return false;
      const { id } = person;
      const seniors = all.slice(0, at);
      return !seniors.some(({ overlay }) => overlay.view.out.get(id) === "locked");
    });
    // Somebody else may let people in while the organiser locks.
    const isLocked = isIn[0]?.overlay.view.locked === true;
    const missing = this.#honestEver.find((person) => {
      const isRefused = this.#mayBeOut(person) || (isLocked && person.overlay.view.standing === "locked out");
      return person.isAwaited && !isRefused && !person.isIn;
    });
    if (missing !== undefined) return `${missing.name} is not in: ${missing.overlay.view.standing}`;
    return disagreement(isIn);
  }

  *#wrongs(): Iterable<string> {
    const honest = this.#honestEver;
    for (const person of honest) {
      const { standing } = person.overlay.view;
      if (standing === "removed" && !this.#mayBeOut(person)) yield `${person.name} was evicted`;
      for (const fault of person.faults) yield `${person.name}: ${String(fault)}`;
      const said = new Set(honest.flatMap((one) => one.said));
      const words = new Set<string>();
      for (const { from, text } of person.heard) {
        if (from === this.#mallory?.person.id) continue;
        if (!said.has(`${person.id} ${text}`)) yield `${person.name} heard what nobody said: ${text}`;
        if (words.has(text)) yield `${person.name} heard twice: ${text}`;
        words.add(text);
      }
      const chat = this.#world.options.documents === true ? person.documents.chat : [];
      const lines = chat.map(({ author, text }) => ({ by: author, text }));
      for (const { by, text } of [...person.list.lines, ...lines]) {
        const author = honest.find(({ id }) => id === by);
        if (author !== undefined && !author.written.includes(text))
          yield `${person.name} has a line that ${author.name} never wrote`;
      }
      for (const { id, entry } of person.others) {
        const other = honest.find((one) => one.id === id);
        if (other !== undefined && other.name !== entry.name)
          yield `${person.name} takes ${entry.name} for ${other.name}`;
      }
    }
  }
}

const EVENTS: readonly ((play: Play) => void | Promise<void>)[] = Object.values(Play.events);

/**
 * The most that honest people together may send, beats apart: so many messages for each event, with `n` people present
 * when it happens. A life may cost as much as its events together.
 */
const COSTS = {
  /** A join: its links, and everybody's list of links. */
  join: (n: number) => 24 * n,
  /** Somebody leaves, crashes or is removed, or one link is cut: others take the place of the links. */
  loss: (n: number) => 12 * n,
  /** A split, or its end: everybody's links to up to eight, and what happened on the other side. */
  split: (n: number) => 8 * n * Math.min(n, 8),
  /** One item: a line, an edit, a mute, a message, a rule. */
  item: (n: number) => 2 * n,
  /** Everybody says each 15 s that it is still there. */
  second: (n: number) => (n * n) / 15,
  /** What Mallory makes the others send. */
  attackedSecond: (n: number) => 12 * n,
} as const;

class Traffic {
  #allowed = 0;
  #at = 0;
  #rate = 0;

  get allowed(): number {
    return Math.ceil(this.#allowed);
  }

  add(event: "join" | "loss" | "split" | "item", n: number): void {
    this.#allowed += COSTS[event](n);
  }

  /** Time has passed; `n` are present from now on. */
  pass(now: number, n: number, isAttacked: boolean): void {
    this.#allowed += (this.#rate * (now - this.#at)) / 1000;
    this.#at = now;
    this.#rate = COSTS.second(n) + (isAttacked ? COSTS.attackedSecond(n) : 0);
  }
}
