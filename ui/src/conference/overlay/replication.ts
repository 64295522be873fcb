import type { Clock, ParticipantId } from "../types";
import { Bucket } from "./bucket";
import type { Frame, ItemGroup } from "./frame";
import { canonical, hashOf } from "./hash";
import type { Neighbour } from "./neighbour";
import type { Replica } from "./replica";

/** How often a neighbour may ask: a burst, and after it so many times a second. */
const DIGESTS = { burst: 16, perSecond: 4 } as const;
/** For how long a neighbour may be behind before it is taken to lack something, in milliseconds. */
const BEHIND = 2500;

/** For how long something handed over is taken to be on its way, in milliseconds. */
const ON_ITS_WAY = 1500;

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

/** What is known of how a neighbour's copies stand. */
interface Standing {
  /** What it said it holds, while it may not have more. */
  readonly digests: Map<string, unknown>;
  /** Which copies differed at its last beat, what they were, and since when they differ. */
  readonly differing: Map<string, { readonly prints: string; readonly since: number }>;
  readonly bucket: Bucket;
  /** When it was handed something. */
  readonly handed: WeakMap<object, number>;
}

/**
 * Keeps the copies of all replicas equal. A new item spreads along the tree of shortest paths from whoever it is from,
 * so that everybody gets it once. Whatever that misses (a link that broke, a neighbour that keeps things to itself) is
 * found by the beats: neighbours whose copies differ for longer compare digests and hand over what is missing.
 */
export class Replication {
  readonly #ports: ReplicationPorts;
  readonly #replicas = new Map<string, Replica>();
  readonly #prints = new Map<string, string>();
  /** Earlier fingerprints and until when a neighbour may still have them. */
  readonly #past = new Map<string, Map<string, number>>();
  readonly #standings = new Map<ParticipantId, Standing>();

  constructor(ports: ReplicationPorts) {
    this.#ports = ports;
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

  forget(id: ParticipantId): void {
    this.#standings.delete(id);
  }

  beat(): Frame {
    return {
      t: "beat",
      prints: Object.fromEntries(Array.from(this.#replicas.keys(), (name) => [name, this.#print(name)])),
    };
  }

  takeBeat(from: Neighbour, prints: Readonly<Record<string, string>>): void {
    if (!this.#ports.mayHave(from.id)) return;
    const { differing } = this.#standing(from.id);
    const lasting = [...this.#replicas.keys()].filter((name) =>
      this.#hasDiffered(differing, name, prints[name]),
    );
    if (lasting.length > 0) this.#sendDigest(from, lasting, true);
  }

  /** Whether copies differ that nothing is on its way to: they change no more, or have differed for long. */
  #hasDiffered(differing: Standing["differing"], name: string, theirs: string | undefined): boolean {
    const before = differing.get(name);
    differing.delete(name);
    if (!this.#differs(name, theirs)) return false;
    const now = this.#ports.clock.now();
    const prints = `${this.#print(name)} ${theirs ?? ""}`;
    const since = before?.since ?? now;
    if (before?.prints === prints || now - since >= BEHIND) return true;
    differing.set(name, { prints, since });
    return false;
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

  async takeItems(from: Neighbour, groups: readonly ItemGroup[]): Promise<void> {
    for (const { replica: name, origin, items } of groups) {
      const replica = this.#replicas.get(name);
      for (const item of items) {
        // Asked again each time: the statements before it may have made its sender a member.
        if (replica === undefined || !this.#mayTell(from.id, name)) break;
        const taken = await replica.take(item, from.id);
        if (taken === "bad") from.blame();
        if (taken !== "new") continue;
        this.touch(name);
        this.#pass(name, item as object, origin, from.id);
        this.#ports.taken(name, item as object);
      }
    }
  }

  #mayTell(id: ParticipantId, name: string): boolean {
    if (name === STATEMENTS) return true;
    return CONTROL.has(name) ? this.#ports.mayTell(id) : this.#ports.mayHave(id);
  }

  #pass(name: string, item: object, origin: ParticipantId | null, from: ParticipantId | null): void {
    const { root, to } = this.#ports.spread(origin, origin && from);
    for (const id of to) if (id !== from && this.#ports.mayHave(id)) this.#offer(id, name, root, item);
  }

  #offer(to: ParticipantId, name: string, root: ParticipantId, item: object): void {
    const mayWait = this.#replicas.get(name)?.mayWait?.(item) === true;
    this.#ports.neighbour(to)?.offer(name, root, item, mayWait);
    this.#standing(to).handed.set(item, this.#ports.clock.now());
  }

  /** A digest may be from before something arrived that is on its way: that is not handed over again. */
  #hand(to: Neighbour, replica: Replica, theirs: unknown): void {
    const { handed } = this.#standing(to.id);
    const now = this.#ports.clock.now();
    const items: object[] = [];
    for (const item of replica.missing(theirs)) {
      if (now - (handed.get(item) ?? -Infinity) < ON_ITS_WAY) continue;
      handed.set(item, now);
      items.push(item);
    }
    to.sendAll(replica.name, items, CONTROL.has(replica.name) ? "control" : "bulk");
  }

  #sendDigest(to: Neighbour, names: readonly string[], ask: boolean): void {
    const digests = names.map((name) => [name, this.#replicas.get(name)?.digest()]);
    to.send({ t: "digest", digests: Object.fromEntries(digests) as Record<string, object>, ask });
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
    };
    this.#standings.set(id, fresh);
    return fresh;
  }
}

const STATEMENTS = "statements";
const ROSTER = "roster";
/** What must be known before anything else can be judged. */
const CONTROL: ReadonlySet<string> = new Set([STATEMENTS, ROSTER]);
