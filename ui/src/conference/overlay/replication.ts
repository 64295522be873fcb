import type { Clock, ParticipantId } from "../types";
import { Bucket } from "./bucket";
import type { Frame, ItemGroup } from "./frame";
import { canonical, hashOf } from "./hash";
import type { Neighbour, Urgency } from "./neighbour";
import type { Replica } from "./replica";
import { Sources } from "./sources";

/** How often a neighbour may ask: a burst, and after it so many times a second. */
const DIGESTS = { burst: 16, perSecond: 4 } as const;
/** For how long a neighbour may be behind before it is taken to lack something, in milliseconds. */
const BEHIND = 2500;

/** For how long something handed over is taken to be on its way, in milliseconds. */
const ON_ITS_WAY = 1500;

/** How much of a bulky replica is one portion, in UTF-16 units: at first, and where it is taken quickly. */
const PORTION = { least: 64 * 1024, most: 512 * 1024 } as const;
/** A portion that took longer, in milliseconds, is followed by one that is no larger. */
const QUICK = 500;
/** So many portions are on their way at once, so that waiting for the answer to one does not hold up the next. */
const AHEAD = 2;

export interface ReplicationPorts {
  readonly clock: Clock;
  neighbour(id: ParticipantId): Neighbour | null;
  /** Whether somebody is a member, so that it may have everything. */
  mayHave(id: ParticipantId): boolean;
  /** Whether somebody may say who is there. */
  mayTell(id: ParticipantId): boolean;
  /**
   * To whom this device passes on what spreads from the first of these who is in reach; of nobody: it spreads from
   * here. `root` says from whom.
   */
  spread(...origins: readonly (ParticipantId | null)[]): {
    readonly root: ParticipantId;
    readonly to: Iterable<ParticipantId>;
  };
  /** Something of a replica is new here. */
  taken(replica: string, item: object): void;
}

/** What somebody is handed, portion by portion. */
interface Handing {
  readonly missing: Iterator<object>;
  /** How large the next portion is. */
  portion: number;
  /** When the last one was sent. */
  at: number;
}

/** What is known of how a neighbour's copies stand. */
interface Standing {
  /** What it said it holds, while it may not have more. */
  readonly digests: Map<string, unknown>;
  /** Which copies differed at its last beat, what they were, and since when they differ. */
  readonly differing: Map<string, { readonly prints: string; readonly since: number }>;
  readonly bucket: Bucket;
  /** When it was handed something of the replicas that go first. */
  readonly handed: WeakMap<object, number>;
  /** What it has asked for of the others and has not got yet. */
  readonly handing: Map<string, Handing>;
  /** The fingerprints of its last beat. */
  prints: Readonly<Record<string, string>>;
}

/**
 * Keeps the copies of all replicas equal. A new item spreads along the tree of shortest paths from whoever it is from,
 * so that everybody gets it once. Whatever that misses (a link that broke, a neighbour that keeps things to itself) is
 * found by the beats: neighbours whose copies differ for longer compare digests and hand over what is missing.
 *
 * Statements and roster are small, and everybody hands them to whoever lacks them. What is bulky is asked for, by whoever
 * lacks it and from one neighbour at a time, and comes in portions: whatever becomes of a link, little comes twice.
 */
export class Replication {
  readonly #ports: ReplicationPorts;
  readonly #replicas = new Map<string, Replica>();
  readonly #prints = new Map<string, string>();
  /** Earlier fingerprints and until when a neighbour may still have them. */
  readonly #past = new Map<string, Map<string, number>>();
  readonly #standings = new Map<ParticipantId, Standing>();
  readonly #sources: Sources;

  constructor(ports: ReplicationPorts) {
    this.#ports = ports;
    this.#sources = new Sources(ports.clock);
  }

  /** The first two are what everything else rests on and go first. */
  add(replica: Replica): void {
    this.#replicas.set(replica.name, replica);
  }

  /** How much somebody has written, as far as it is here. */
  lengthOf(author: ParticipantId): number {
    let length = 0;
    for (const replica of this.#replicas.values()) length = Math.max(length, replica.lengthOf?.(author) ?? 0);
    return length;
  }

  /** The content of a replica changed. */
  touch(name: string): void {
    const print = this.#prints.get(name);
    this.#prints.delete(name);
    if (print === undefined) return;
    const now = this.#ports.clock.now();
    const past = this.#past.get(name) ?? new Map<string, number>();
    this.#past.set(name, past);
    for (const [old, until] of past) if (until < now) past.delete(old);
    past.set(print, now + BEHIND);
  }

  /** Spreads a new item of this device. */
  flood(name: string, item: object): void {
    this.touch(name);
    this.#pass(name, item, null, null);
  }

  /**
   * A link came up, or back. A member who has said nothing of itself yet was let in a moment ago and has nothing: it
   * need not ask, and what is said from now on makes sense to it.
   */
  greet(neighbour: Neighbour): void {
    this.#sources.lost(neighbour.id);
    const isNew = !Object.hasOwn(this.#replicas.get(ROSTER)?.digest() ?? {}, neighbour.id);
    if (isNew && this.#ports.mayHave(neighbour.id)) return this.welcome(neighbour);
    const names = this.#ports.mayHave(neighbour.id) ? [...this.#replicas.keys()] : [STATEMENTS];
    this.#sendDigest(neighbour, names, false);
  }

  /** A neighbour has become a member: it is handed what it lacks without being asked. */
  welcome(neighbour: Neighbour): void {
    const known = this.#standing(neighbour.id).digests;
    for (const [name, replica] of this.#replicas)
      if (known.has(name) || CONTROL.has(name)) this.#hand(neighbour, replica, known.get(name));
    known.clear();
    this.#sendDigest(neighbour, [...this.#replicas.keys()], false);
  }

  /** The link to somebody is lost: what it was to hand over is asked for elsewhere. */
  forget(id: ParticipantId): void {
    this.#standings.delete(id);
    for (const name of this.#sources.lost(id)) this.#askAnybody(name);
  }

  beat(): Frame {
    return {
      t: "beat",
      prints: Object.fromEntries(Array.from(this.#replicas.keys(), (name) => [name, this.#print(name)])),
    };
  }

  takeBeat(from: Neighbour, prints: Readonly<Record<string, string>>): void {
    if (!this.#ports.mayHave(from.id)) return;
    const standing = this.#standing(from.id);
    standing.prints = prints;
    const names = [...this.#replicas.keys()];
    for (const name of names) if (!this.#differs(name, prints[name])) this.#sources.done(name, from.id);
    const { differing } = standing;
    const lasting = names.filter((name) => this.#hasDiffered(differing, name, prints[name]));
    for (const name of this.#sendDigest(from, lasting, true)) differing.delete(name);
  }

  /** Whether copies differ that nothing is on its way to: they change no more, or have differed for long. */
  #hasDiffered(differing: Standing["differing"], name: string, theirs: string | undefined): boolean {
    const before = differing.get(name);
    differing.delete(name);
    if (!this.#differs(name, theirs)) return false;
    const now = this.#ports.clock.now();
    const prints = `${this.#print(name)} ${theirs ?? ""}`;
    const since = before?.since ?? now;
    differing.set(name, { prints, since });
    return before?.prints === prints || now - since >= BEHIND;
  }

  takeDigest(from: Neighbour, digests: Readonly<Record<string, unknown>>, ask: boolean): void {
    const standing = this.#standing(from.id);
    if (!standing.bucket.take()) return;
    const replicas = [...this.#replicas.values()].filter(({ name }) => Object.hasOwn(digests, name));
    const mayHave = this.#ports.mayHave(from.id);
    for (const replica of replicas) {
      if (mayHave) this.#hand(from, replica, digests[replica.name]);
      else standing.digests.set(replica.name, digests[replica.name]);
    }
    const names = replicas.map(({ name }) => name).filter((name) => mayHave || name === STATEMENTS);
    if (ask) this.#sendDigest(from, names, false);
  }

  /** It has taken a portion. */
  takeMore(from: Neighbour, name: string): void {
    const handing = this.#standing(from.id).handing.get(name);
    if (handing === undefined || !this.#ports.mayHave(from.id)) return;
    const isQuick = this.#ports.clock.now() - handing.at < QUICK;
    handing.portion = isQuick
      ? Math.min(2 * handing.portion, PORTION.most)
      : Math.max(handing.portion / 2, PORTION.least);
    this.#handOn(from, name, handing);
  }

  async takeItems(from: Neighbour, groups: readonly ItemGroup[]): Promise<void> {
    for (const { replica: name, origin, items, more } of groups) {
      const replica = this.#replicas.get(name);
      if (replica === undefined) continue;
      const lacking = origin === null && !CONTROL.has(name) ? this.#inStep(name) : null;
      for (const item of items) {
        // Asked again each time: the statements before it may have made its sender a member.
        if (!this.#mayTell(from.id, name)) break;
        const taken = await replica.take(item, from.id);
        if (taken === "bad") from.blame();
        if (taken !== "new") continue;
        if (origin === null) this.#sources.heard(name, from.id);
        this.touch(name);
        this.#pass(name, item as object, origin, from.id, lacking);
        this.#ports.taken(name, item as object);
      }
      if (more === false) this.#sources.done(name, from.id);
      else if (more && this.#sources.isSource(name, from.id)) from.send({ t: "more", replica: name });
    }
  }

  #mayTell(id: ParticipantId, name: string): boolean {
    if (name === STATEMENTS) return true;
    return CONTROL.has(name) ? this.#ports.mayTell(id) : this.#ports.mayHave(id);
  }

  /** `only`: to nobody else. */
  #pass(
    name: string,
    item: object,
    origin: ParticipantId | null,
    from: ParticipantId | null,
    only: ReadonlySet<ParticipantId> | null = null,
  ): void {
    const { root, to } = this.#ports.spread(origin, origin && from);
    for (const id of to)
      if (id !== from && only?.has(id) !== false && this.#ports.mayHave(id))
        this.#offer(id, name, root, item);
  }

  #offer(to: ParticipantId, name: string, root: ParticipantId, item: object): void {
    const mayWait = this.#replicas.get(name)?.mayWait?.(item) === true;
    this.#ports.neighbour(to)?.offer(name, root, item, { mayWait, urgency: urgencyOf(name) });
    if (CONTROL.has(name)) this.#standing(to).handed.set(item, this.#ports.clock.now());
  }

  /**
   * Those whose copies were equal to the one here: what is missing here they lack, too. Who has another copy is handed
   * things by somebody already, or finds by the beats that it lacks them.
   */
  #inStep(name: string): ReadonlySet<ParticipantId> {
    const print = this.#print(name);
    return new Set([...this.#standings].flatMap(([id, { prints }]) => (prints[name] === print ? id : [])));
  }

  #hand(to: Neighbour, replica: Replica, theirs: unknown): void {
    if (CONTROL.has(replica.name)) return this.#handAll(to, replica, theirs);
    const missing = replica.missing(theirs)[Symbol.iterator]();
    const handing = { missing, portion: PORTION.least, at: -Infinity };
    this.#standing(to.id).handing.set(replica.name, handing);
    for (let portion = 0; portion < AHEAD; portion += 1) this.#handOn(to, replica.name, handing);
  }

  /** The next portion of what somebody has asked for. That there is nothing at all is not worth a message. */
  #handOn(to: Neighbour, name: string, handing: Handing): void {
    const all = this.#standing(to.id).handing;
    if (!all.has(name)) return;
    const isFirst = handing.at === -Infinity;
    const items: object[] = [];
    for (let length = 0; length < handing.portion && all.has(name);) {
      const next = handing.missing.next();
      if (next.done === true) {
        all.delete(name);
      } else {
        items.push(next.value);
        length += JSON.stringify(next.value).length;
      }
    }
    handing.at = this.#ports.clock.now();
    if (items.length > 0 || !isFirst) to.sendAll(name, items, urgencyOf(name), all.has(name));
  }

  /** A digest may be from before something arrived that is on its way: that is not handed over again. */
  #handAll(to: Neighbour, replica: Replica, theirs: unknown): void {
    const { handed } = this.#standing(to.id);
    const now = this.#ports.clock.now();
    const items: object[] = [];
    for (const item of replica.missing(theirs)) {
      if (now - (handed.get(item) ?? -Infinity) < ON_ITS_WAY) continue;
      handed.set(item, now);
      items.push(item);
    }
    to.sendAll(replica.name, items, urgencyOf(replica.name));
  }

  /** Asks one of those whose copies are not known to be equal. */
  #askAnybody(name: string): void {
    for (const [id, { prints }] of this.#standings) {
      const neighbour = this.#ports.neighbour(id);
      const isEqual = prints[name] !== undefined && !this.#differs(name, prints[name]);
      if (neighbour === null || isEqual || !this.#ports.mayHave(id)) continue;
      if (this.#sendDigest(neighbour, [name], false).length > 0) return;
    }
  }

  /** Of bulky replicas only if it is to hand over what is missing here. Returns of which. */
  #sendDigest(to: Neighbour, all: readonly string[], ask: boolean): readonly string[] {
    const names = all.filter((name) => CONTROL.has(name) || this.#sources.turnTo(name, to.id));
    if (names.length === 0) return names;
    const digests = names.map((name) => [name, this.#replicas.get(name)?.digest()]);
    to.send({ t: "digest", digests: Object.fromEntries(digests) as Record<string, object>, ask });
    return names;
  }

  #differs(name: string, print: string | undefined): boolean {
    if (print === undefined || print === this.#print(name)) return false;
    return (this.#past.get(name)?.get(print) ?? 0) < this.#ports.clock.now();
  }

  #print(name: string): string {
    const known = this.#prints.get(name);
    if (known !== undefined) return known;
    const print = hashOf(canonical(this.#replicas.get(name)?.digest())).slice(0, 16);
    this.#prints.set(name, print);
    return print;
  }

  #standing(id: ParticipantId): Standing {
    const known = this.#standings.get(id);
    if (known !== undefined) return known;
    const fresh = {
      digests: new Map<string, unknown>(),
      differing: new Map<string, { prints: string; since: number }>(),
      bucket: new Bucket(this.#ports.clock, DIGESTS),
      handed: new WeakMap<object, number>(),
      handing: new Map<string, Handing>(),
      prints: {},
    };
    this.#standings.set(id, fresh);
    return fresh;
  }
}

const STATEMENTS = "statements";
const ROSTER = "roster";
/** What must be known before anything else can be judged. */
const CONTROL: ReadonlySet<string> = new Set([STATEMENTS, ROSTER]);

function urgencyOf(name: string): Urgency {
  return CONTROL.has(name) ? "control" : "bulk";
}
