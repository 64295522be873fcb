import type { ParticipantId } from "../types";
import { fromBase64url } from "../base64url";
import {
  BATCH_SIZE,
  MAX_FEED,
  cost,
  hashAfter,
  hashes,
  rootOf,
  size,
  type Batch,
  type DocumentName,
  type Entry,
  type Fork,
} from "./entry";
import { clientOf, inspect } from "./update";

/** How much of each document an author wrote, as the clock of its Yjs client. */
export type Clocks = Readonly<Record<DocumentName, number>>;

/** An entry that is here. */
export interface Stored {
  readonly entry: Entry;
  readonly hash: string;
  /** After this entry. */
  readonly clocks: Clocks;
}

/** How a batch lies to what is here: it follows on, or the two go apart `at` an entry, or it cannot be placed yet. */
export type Position =
  | { readonly type: "known" }
  | { readonly type: "gap" }
  | { readonly type: "next" }
  | { readonly type: "fork"; readonly at: number };

const NOTHING: Clocks = { chat: 0, notes: 0, files: 0 };

/**
 * What one participant wrote, in order. Entries are in it only with a signature of their author at or after them, so
 * all of it can be proven to others; one's own are in it before they are signed.
 */
export class Feed {
  readonly author: ParticipantId;
  readonly #root: string;
  readonly #client: number;
  readonly #stored: Stored[] = [];
  /** By the number of the entry. */
  readonly #signatures = new Map<number, string>();
  /** The last entry with a signature. */
  #proven = 0;
  #cost = 0;
  #seen: ReadonlyMap<ParticipantId, number> = new Map();
  #fork: Fork | null = null;

  constructor(author: ParticipantId) {
    this.author = author;
    this.#root = rootOf(author);
    this.#client = clientOf(author);
  }

  get length(): number {
    return this.#stored.length;
  }

  get proven(): number {
    return this.#proven;
  }

  get clocks(): Clocks {
    return this.#stored.at(-1)?.clocks ?? NOTHING;
  }

  /** The earliest fork that is known. */
  get fork(): Fork | null {
    return this.#fork;
  }

  entry(number: number): Stored | null {
    return this.#stored[number - 1] ?? null;
  }

  /** Of each document; zero before the first entry. Null if the entry is not here. */
  clocksAt(number: number): Clocks | null {
    return number === 0 ? NOTHING : (this.entry(number)?.clocks ?? null);
  }

  /** Null if the entry is not here. */
  hashAt(number: number): string | null {
    return number === 0 ? this.#root : (this.entry(number)?.hash ?? null);
  }

  /** Whether so much more, as counted by `cost`, may be written. */
  hasRoom(more: number): boolean {
    return this.#cost + more <= MAX_FEED;
  }

  locate(batch: Batch, chain: readonly string[]): Position {
    const before = [batch.prev, ...chain];
    for (const [index, hash] of before.entries()) {
      const at = batch.first - 1 + index;
      const here = this.hashAt(at);
      if (here === null) break;
      if (here !== hash) return { type: "fork", at };
    }
    if (batch.first - 1 > this.length) return { type: "gap" };
    return batch.first - 1 + batch.entries.length <= this.length ? { type: "known" } : { type: "next" };
  }

  /** Takes what follows on, proven by then. False, and nothing is taken, if an honest author cannot have written it. */
  append(batch: Batch, chain: readonly string[]): boolean {
    const fresh: Stored[] = [];
    const seen = new Map(this.#seen);
    let total = this.#cost;
    let { clocks } = this;
    for (let index = this.length - (batch.first - 1); index < batch.entries.length; index += 1) {
      const [entry, hash] = [batch.entries[index], chain[index]];
      if (entry === undefined || hash === undefined) return false;
      const after = this.#check(entry, clocks, seen);
      total += cost(entry);
      if (after === null || total > MAX_FEED) return false;
      fresh.push({ entry, hash, clocks: after });
      clocks = after;
    }
    for (const stored of fresh) this.#stored.push(stored);
    this.#seen = seen;
    this.#cost = total;
    this.sign(this.length, batch.sig);
    return true;
  }

  /** Adds an entry of this device's own, to be signed. Null if there is no room. */
  write(entry: Entry): Stored | null {
    const prev = this.#stored.at(-1)?.hash ?? this.#root;
    const seen = new Map(this.#seen);
    const clocks = this.#check(entry, this.clocks, seen);
    if (clocks === null || !this.hasRoom(cost(entry))) return null;
    const stored = { entry, hash: hashAfter(prev, entry), clocks };
    this.#stored.push(stored);
    this.#seen = seen;
    this.#cost += cost(entry);
    return stored;
  }

  /** Up to which entry the next signature goes, so that what it proves fits into a message. */
  get signable(): number {
    let whole = HEAD;
    let end = this.#proven;
    for (let stored = this.entry(end + 1); stored !== null; stored = this.entry(end + 1)) {
      whole += size(stored.entry);
      if (whole > BATCH_SIZE && end > this.#proven) break;
      end += 1;
    }
    return end;
  }

  sign(number: number, signature: string): void {
    this.#signatures.set(number, signature);
    this.#proven = Math.max(this.#proven, number);
  }

  /** Takes the proof that it forks. False if an earlier fork is known. */
  cut(fork: Fork): boolean {
    if (this.#fork !== null && this.#fork.at <= fork.at) return false;
    this.#fork = fork;
    return true;
  }

  /** Proven entries from one on, as many as go into a message; at least up to the next signature. */
  batch(first: number): Batch | null {
    const prev = this.hashAt(first - 1);
    if (prev === null || first > this.#proven) return null;
    const entries: Entry[] = [];
    let whole = 0;
    let end: { entries: number; sig: string } | null = null;
    for (let number = first; number <= this.#proven; number += 1) {
      const stored = this.entry(number);
      if (stored === null) break;
      whole += size(stored.entry);
      if (whole > BATCH_SIZE - HEAD && end !== null) break;
      entries.push(stored.entry);
      const sig = this.#signatures.get(number);
      if (sig !== undefined) end = { entries: entries.length, sig };
    }
    if (end === null) return null;
    return { author: this.author, first, prev, entries: entries.slice(0, end.entries), sig: end.sig };
  }

  /** The clocks after an entry; null if an honest author cannot have written it there. Notes in `seen` what it saw. */
  #check([document, update, saw]: Entry, clocks: Clocks, seen: Map<ParticipantId, number>): Clocks | null {
    for (const [author, entry] of saw) {
      if (author === this.author || entry <= (seen.get(author) ?? 0)) return null;
      seen.set(author, entry);
    }
    const bytes = fromBase64url(update);
    const clock = bytes && inspect(document, bytes, this.#client, clocks[document]);
    return clock === null ? null : { ...clocks, [document]: clock };
  }
}

/** What a batch takes beside its entries, in characters. */
const HEAD = 320;

/** What a batch says is the hash of an entry; it tells that of its own and of the one before. Null if it says nothing. */
export function hashIn(batch: Batch, at: number): string | null {
  if (at === batch.first - 1) return batch.prev;
  return hashes(batch)[at - batch.first] ?? null;
}
