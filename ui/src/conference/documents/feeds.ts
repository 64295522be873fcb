import type { Replica, Taken } from "../overlay/replica";
import type { ParticipantId } from "../types";
import {
  BATCH_SIZE,
  MAX_AUTHORS,
  hashes,
  isCount,
  isObject,
  readItem,
  signedText,
  size,
  type Batch,
  type Entry,
  type Fork,
} from "./entry";
import { Feed, hashIn, type Clocks, type Stored } from "./feed";
import { clientOf } from "./update";

export interface FeedPorts {
  /** Signs as this device's participant, for this conference. */
  sign(text: string): Promise<string>;
  /** Whether the owner of a public key signed this, for this conference. */
  verify(publicKey: string, text: string, signature: string): Promise<boolean>;
  /** Of everybody who ever was let in, also of who left: what it wrote stays. Null: not one of us. */
  publicKeyOf(participant: ParticipantId): string | null;
  /** The last entry that counts of somebody who was removed, or whom nobody let in; null: all do. */
  lastOf(participant: ParticipantId): number | null;
  /** Hands a new item to the overlay. */
  flood(item: object): void;
  /** More entries count than before, or it is known that some never will. */
  grown(): void;
  /** Entries that counted count no more, or again. */
  rewritten(): void;
  /** What others are told of this copy changed, though nothing came. */
  recounted(): void;
  readonly fault: (error: unknown) => void;
}

/** What `digest` says of one feed: how many entries, the beginning of the last one's hash, where it forks or 0. */
type Mark = readonly [entries: number, hash: string, fork: number];

/**
 * What everybody wrote into the documents: one append-only signed feed per author. Where somebody signed two different
 * entries at one place, everybody learns it, and the feed counts up to before it.
 */
export class Feeds implements Replica {
  readonly name = "feeds";
  readonly #self: ParticipantId;
  readonly #ports: FeedPorts;
  readonly #own: Feed;
  readonly #feeds = new Map<ParticipantId, Feed>();
  readonly #clients = new Map<number, ParticipantId>();
  readonly #counted = new Map<ParticipantId, number>();
  readonly #final = new Map<ParticipantId, number>();
  /** What was said of those whose feeds are not here. */
  readonly #missed = new Map<ParticipantId, number>();
  /** Proven batches that came before what they follow. */
  readonly #early = new Map<ParticipantId, Batch[]>();
  #publishing = false;

  constructor(self: ParticipantId, ports: FeedPorts) {
    this.#self = self;
    this.#ports = ports;
    this.#own = new Feed(self);
    this.#feeds.set(self, this.#own);
    this.#clients.set(clientOf(self), self);
  }

  get authors(): Iterable<ParticipantId> {
    return this.#feeds.keys();
  }

  authorOf(client: number): ParticipantId | null {
    return this.#clients.get(client) ?? null;
  }

  /** How many entries of an author count. */
  counted(author: ParticipantId): number {
    return this.#counted.get(author) ?? 0;
  }

  /** Of an author's entries no later one can ever count, as far as is known. */
  final(author: ParticipantId): number {
    const known = this.#final.get(author) ?? this.#missed.get(author);
    if (known !== undefined) return known;
    const last = this.#lastOf(author);
    this.#missed.set(author, last);
    return last;
  }

  /** How many entries of an author others can have from here. */
  lengthOf(author: ParticipantId): number {
    const feed = this.#feeds.get(author);
    return feed === undefined ? 0 : this.#shown(feed);
  }

  entry(author: ParticipantId, number: number): Stored | null {
    return this.#feeds.get(author)?.entry(number) ?? null;
  }

  /** Null if the entry is not here. */
  clocksAt(author: ParticipantId, number: number): Clocks | null {
    return this.#feeds.get(author)?.clocksAt(number) ?? null;
  }

  /** Whether this device may write so much more. */
  hasRoom(more: number): boolean {
    return this.#own.hasRoom(more);
  }

  /** Adds to this device's own feed; it is signed and sent by itself. False if the feed is full or cut off. */
  write(entry: Entry): boolean {
    if (this.final(this.#self) <= this.#own.length || this.#own.write(entry) === null) return false;
    this.#counted.set(this.#self, this.#own.length);
    this.#publish().catch(this.#ports.fault);
    return true;
  }

  /** Call when {@link FeedPorts.lastOf} may answer something else. */
  recount(): void {
    const before = new Map(this.#counted);
    let isAnother = false;
    for (const [author, last] of this.#missed) isAnother ||= this.#lastOf(author) !== last;
    this.#missed.clear();
    this.#settle(isAnother, ...this.#feeds.values());
    const isSame = [...this.#counted].every(([author, counted]) => counted === (before.get(author) ?? 0));
    if (!isSame) this.#ports.recounted();
  }

  digest(): Readonly<Record<ParticipantId, Mark>> {
    const marks: Record<ParticipantId, Mark> = {};
    for (const author of [...this.#feeds.keys()].sort()) {
      const feed = this.#feeds.get(author);
      if (feed === undefined || (feed.proven === 0 && feed.fork === null)) continue;
      const entries = this.#shown(feed);
      marks[author] = [entries, short(feed.hashAt(entries)), feed.fork?.at ?? 0];
    }
    return marks;
  }

  *missing(theirs: unknown): Iterable<object> {
    if (!isObject(theirs)) return;
    for (const feed of [...this.#feeds.values()]) {
      const [entries, hash, fork] = readMark(theirs[feed.author]);
      if (feed.fork !== null && (fork === 0 || fork > feed.fork.at)) yield feed.fork;
      const end = fork === 0 ? this.#shown(feed) : Math.min(this.#shown(feed), fork - 1);
      if (entries > end) continue;
      if (entries > 0 && short(feed.hashAt(entries)) !== hash) {
        yield* evidence(feed, entries);
        continue;
      }
      for (let next = entries + 1; next <= end;) {
        const batch = feed.batch(next);
        if (batch === null) break;
        yield batch;
        next += batch.entries.length;
      }
    }
  }

  async take(item: unknown): Promise<Taken> {
    const read = readItem(item);
    if (read === null) return "bad";
    const key = this.#ports.publicKeyOf(read.author);
    const feed = key === null ? null : this.#feedOf(read.author);
    if (key === null || feed === null || feed === this.#own) return "known";
    try {
      return "branches" in read
        ? await this.#takeFork(feed, read, key)
        : await this.#takeBatch(feed, read, key);
    } catch (error) {
      this.#ports.fault(error);
      return "known";
    }
  }

  async #takeBatch(feed: Feed, batch: Batch, key: string): Promise<Taken> {
    const chain = hashes(batch);
    const before = feed.locate(batch, chain);
    if (before.type === "known" || !this.#useful(feed, batch, before)) return "known";
    const end = batch.first + batch.entries.length - 1;
    if (!(await this.#ports.verify(key, signedText(end, chain.at(-1) ?? ""), batch.sig))) return "bad";
    // Others may have come while it was verified.
    const position = feed.locate(batch, chain);
    if (!this.#useful(feed, batch, position)) return "known";
    switch (position.type) {
      case "known":
        return "known";
      case "gap":
        this.#early.set(feed.author, [...(this.#early.get(feed.author) ?? []), batch]);
        return "new";
      case "next":
        if (!feed.append(batch, chain)) return "bad";
        this.#catchUp(feed);
        this.#settle(false, feed);
        return "new";
      case "fork": {
        const here = feed.batch(position.at);
        if (here === null) return "known";
        const fork: Fork = { author: feed.author, at: position.at, branches: [here, batch] };
        if (feed.cut(fork)) {
          this.#ports.flood(fork);
          this.#settle(false, feed);
        }
        return "known";
      }
    }
  }

  /** Whether a batch at this place says something and there is room to keep it. */
  #useful(feed: Feed, batch: Batch, position: ReturnType<Feed["locate"]>): boolean {
    const fork = feed.fork?.at ?? Number.POSITIVE_INFINITY;
    if (position.type === "fork") return position.at < fork;
    if (batch.first >= fork) return false;
    const final = this.final(feed.author);
    if (feed.length >= final || batch.first > final) return false;
    if (position.type !== "gap") return true;
    const early = this.#early.get(feed.author) ?? [];
    if (early.some(({ first, sig }) => first === batch.first && sig === batch.sig)) return false;
    const held = early.flatMap(({ entries }) => entries).reduce((sum, entry) => sum + size(entry), 0);
    return early.length < MAX_EARLY && held <= MAX_EARLY_SIZE;
  }

  async #takeFork(feed: Feed, fork: Fork, key: string): Promise<Taken> {
    if (feed.fork !== null && feed.fork.at <= fork.at) return "known";
    const [one, other] = fork.branches.map((branch) => hashIn(branch, fork.at));
    if (!one || !other || one === other) return "bad";
    for (const branch of fork.branches) {
      const end = branch.first + branch.entries.length - 1;
      const hash = hashIn(branch, end) ?? "";
      if (!(await this.#ports.verify(key, signedText(end, hash), branch.sig))) return "bad";
    }
    if (!feed.cut(fork)) return "known";
    this.#settle(false, feed);
    return "new";
  }

  #catchUp(feed: Feed): void {
    let early = this.#early.get(feed.author) ?? [];
    for (let moved = true; moved;) {
      moved = false;
      const left: Batch[] = [];
      for (const batch of early) {
        const chain = hashes(batch);
        const { type } = feed.locate(batch, chain);
        if (type === "gap") left.push(batch);
        else if (type === "next" && feed.append(batch, chain)) moved = true;
      }
      early = left;
    }
    if (early.length > 0) this.#early.set(feed.author, early);
    else this.#early.delete(feed.author);
  }

  /** Null if nothing of it counts, if there are too many, or if Yjs could not tell this author from another. */
  #feedOf(author: ParticipantId): Feed | null {
    const known = this.#feeds.get(author);
    if (known !== undefined) return known;
    const client = clientOf(author);
    if (this.#lastOf(author) === 0) return null;
    const other = this.#clients.get(client);
    if (other !== undefined && !this.#forget(other)) return null;
    if (this.#feeds.size >= MAX_AUTHORS) this.#makeRoom();
    if (this.#feeds.size >= MAX_AUTHORS) return null;
    const feed = new Feed(author);
    this.#feeds.set(author, feed);
    this.#final.set(author, this.#lastOf(author));
    this.#clients.set(client, author);
    return feed;
  }

  /** Forgets those of whom nothing counts. */
  #makeRoom(): void {
    for (const { author } of [...this.#feeds.values()]) this.#forget(author);
  }

  /** False if something of it counts, or may. */
  #forget(author: ParticipantId): boolean {
    if (this.final(author) > 0 || this.counted(author) > 0 || author === this.#self) return false;
    for (const all of [this.#feeds, this.#counted, this.#final, this.#early]) all.delete(author);
    this.#clients.delete(clientOf(author));
    return true;
  }

  #lastOf(author: ParticipantId): number {
    return this.#ports.lastOf(author) ?? Number.POSITIVE_INFINITY;
  }

  /** How many entries others are told of. */
  #shown(feed: Feed): number {
    return Math.min(this.counted(feed.author), feed.proven);
  }

  #settle(isRewritten: boolean, ...feeds: readonly Feed[]): void {
    let rewritten = isRewritten;
    for (const feed of feeds) {
      const { author } = feed;
      const last = this.#lastOf(author);
      const final = feed.fork === null ? last : Math.min(feed.fork.at - 1, last);
      const counted = Math.min(feed.length, final);
      rewritten ||= counted < this.counted(author) || final > this.final(author);
      this.#counted.set(author, counted);
      this.#final.set(author, final);
    }
    if (rewritten) this.#ports.rewritten();
    else this.#ports.grown();
  }

  async #publish(): Promise<void> {
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      for (let end = this.#own.signable; end > this.#own.proven; end = this.#own.signable) {
        const first = this.#own.proven + 1;
        const signature = await this.#ports.sign(signedText(end, this.#own.hashAt(end) ?? ""));
        this.#own.sign(end, signature);
        const batch = this.#own.batch(first);
        if (batch !== null) this.#ports.flood(batch);
      }
    } finally {
      this.#publishing = false;
    }
  }
}

/** The most batches of one author that wait for what they follow, and the size of their entries. */
const MAX_EARLY = 32;
const MAX_EARLY_SIZE = 8 * BATCH_SIZE;

/** Batches that show where two copies of a feed go apart, ever farther from the end: each round halves the distance. */
function* evidence(feed: Feed, end: number): Iterable<object> {
  for (let at = end, step = 1; at >= 1; at -= step, step *= 2) {
    const batch = feed.batch(at);
    if (batch !== null) yield batch;
  }
}

function short(hash: string | null): string {
  return hash?.slice(0, 16) ?? "";
}

function readMark(mark: unknown): Mark {
  if (!Array.isArray(mark)) return [0, "", 0];
  const [entries, hash, fork] = mark as unknown[];
  return [isCount(entries) ? entries : 0, typeof hash === "string" ? hash : "", isCount(fork) ? fork : 0];
}
