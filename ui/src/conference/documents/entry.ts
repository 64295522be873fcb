import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { ParticipantId } from "../types";

export type DocumentName = "chat" | "notes" | "files";

/** How far its author had applied the feeds of others, where that changed since the entry before. */
export type Seen = readonly (readonly [author: ParticipantId, entry: number])[];

/** One entry of a feed: a Yjs update of one document in base64url, made knowing what was {@link Seen} so far. */
export type Entry = readonly [document: DocumentName, update: string, seen: Seen];

/** Entries of one feed in a row, proven by their author's signature of the last. */
export interface Batch {
  readonly author: ParticipantId;
  /** The number of the first entry; feeds begin with 1. */
  readonly first: number;
  /** The hash of the entry before. */
  readonly prev: string;
  readonly entries: readonly Entry[];
  /** Of {@link signedText} of the last entry. */
  readonly sig: string;
}

/** Proves that somebody signed two different entries `at` one place: both batches cover it or begin right after it. */
export interface Fork {
  readonly author: ParticipantId;
  readonly at: number;
  readonly branches: readonly [Batch, Batch];
}

/** The largest update, in bytes. */
export const MAX_UPDATE = 64 * 1024;
/** What a batch of several entries takes at most as JSON, in characters; all of them are ASCII. */
export const BATCH_SIZE = 14 * 1024;
/** The most participants an entry can have seen, and the most feeds: as many as can be let in. */
export const MAX_AUTHORS = 1536;
/** The most that one participant may write, in characters as counted by {@link cost}. */
export const MAX_FEED = 8 * 1024 * 1024;
/** The most entries in a batch. */
const MAX_ENTRIES = 512;
const MAX_SIGNATURE = 128;
const MAX_NUMBER = 1_000_000;
/** What an entry takes in memory beside its text. */
const OVERHEAD = 256;

/** What an entry counts for in its author's feed. */
export function cost([, update, seen]: Entry): number {
  return OVERHEAD + update.length + 48 * seen.length;
}

/** About what an entry takes in a message, in characters; never less. */
export function size([, update, seen]: Entry): number {
  return 24 + update.length + 48 * seen.length;
}

/** The hash that stands before the first entry of a feed. */
export function rootOf(author: ParticipantId): string {
  return hash(`mailcall feed ${author}`);
}

/** The hash of an entry: it fixes everything its author wrote up to there. */
export function hashAfter(prev: string, entry: Entry): string {
  return hash(prev + JSON.stringify(entry));
}

/** The hashes of a batch's entries. */
export function hashes(batch: Batch): string[] {
  let prev = batch.prev;
  return batch.entries.map((entry) => (prev = hashAfter(prev, entry)));
}

/** What the author of an entry signs. */
export function signedText(entry: number, hash: string): string {
  return `feed ${entry} ${hash}`;
}

/** Null unless it has the shape of an item of a feed; nothing is proven yet. */
export function readItem(item: unknown): Batch | Fork | null {
  return readBatch(item) ?? readFork(item);
}

function readBatch(item: unknown): Batch | null {
  if (!isObject(item)) return null;
  const { author, first, prev, entries, sig } = item;
  if (!isParticipant(author) || !isCount(first) || !isHash(prev) || !Array.isArray(entries)) return null;
  if (first === 1 && prev !== rootOf(author)) return null;
  if (typeof sig !== "string" || sig.length > MAX_SIGNATURE) return null;
  if (entries.length === 0 || entries.length > MAX_ENTRIES || !entries.every(isEntry)) return null;
  if (entries.length > 1 && entries.reduce((sum, entry) => sum + size(entry), 0) > BATCH_SIZE) return null;
  return { author, first, prev, entries, sig };
}

function readFork(item: unknown): Fork | null {
  if (!isObject(item)) return null;
  const { author, at, branches } = item;
  if (!isParticipant(author) || !isCount(at) || !Array.isArray(branches) || branches.length !== 2)
    return null;
  const [one, other] = branches.map(readBatch);
  if (!one || !other || one.author !== author || other.author !== author) return null;
  return { author, at, branches: [one, other] };
}

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [document, update, seen] = value as unknown[];
  return (
    (document === "chat" || document === "notes" || document === "files") &&
    typeof update === "string" &&
    update.length <= Math.ceil((MAX_UPDATE * 4) / 3) &&
    /^[\w-]+$/.test(update) &&
    Array.isArray(seen) &&
    seen.length <= MAX_AUTHORS &&
    seen.every(isSeen)
  );
}

function isSeen(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isParticipant(value[0]) && isCount(value[1]);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isParticipant(value: unknown): value is ParticipantId {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= MAX_NUMBER;
}

function hash(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text)));
}
