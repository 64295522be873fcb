import type { Content, FileId } from "../files";
import type { ParticipantId } from "../types";
import { isMoment, parse, type Listed } from "./chat";
import { isObject } from "./entry";
import { short } from "./text";
import { MAX_FILE } from "../../limits";

/** What a participant says of a file it shares. */
export interface Offer {
  readonly content: Content;
  readonly name: string;
  readonly mime: string;
  readonly at: number;
  /** What the participant calls itself. */
  readonly by: string;
}

/** A file in the list. */
export interface Listing {
  /** The same on every device; the same content can be listed more than once. */
  readonly id: string;
  readonly owner: ParticipantId;
  readonly ownerName: string;
  readonly content: Content;
  readonly name: string;
  readonly mime: string;
  readonly at: number;
}

export interface List {
  readonly listings: readonly Listing[];
  /** Who says to have the whole of a file; its owners among them. */
  readonly holders: ReadonlyMap<FileId, ReadonlySet<ParticipantId>>;
}

const MAX_NAME = 200;

export function writeListing({ content, name, mime, at, by }: Offer): string {
  return JSON.stringify({
    file: content.id,
    size: content.size,
    name: fileName(name),
    mime: mimeType(mime),
    at,
    by: short(by, MAX_NAME),
  });
}

/** Says that the whole of a file came, so that others can have it from here as well. */
export function writeHolding(file: FileId): string {
  return JSON.stringify({ have: file });
}

/** What makes no sense is left out. */
export function readList(entries: Iterable<Listed>): List {
  const listings: Listing[] = [];
  const holders = new Map<FileId, Set<ParticipantId>>();
  const hold = (file: FileId, participant: ParticipantId): void => {
    holders.set(file, (holders.get(file) ?? new Set()).add(participant));
  };
  for (const { id, author, value } of entries) {
    const fields = parse(value);
    if (!isObject(fields)) continue;
    const { have } = fields;
    if (isFileId(have)) hold(have, author);
    const offer = readOffer(fields);
    if (offer === null) continue;
    const { by, ...rest } = offer;
    listings.push({ id, owner: author, ownerName: by, ...rest });
    hold(offer.content.id, author);
  }
  return { listings, holders };
}

function readOffer({ file, size, name, mime, at, by }: Record<string, unknown>): Offer | null {
  if (!isFileId(file) || !Number.isSafeInteger(size) || !isMoment(at)) return null;
  if (typeof name !== "string" || typeof mime !== "string" || typeof by !== "string") return null;
  const bytes = size as number;
  if (bytes < 0 || bytes > MAX_FILE) return null;
  const content = { id: file, size: bytes };
  return { content, name: fileName(name), mime: mimeType(mime), at, by: short(by, MAX_NAME) };
}

function isFileId(value: unknown): value is FileId {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

/** A name that leads to no other folder. */
function fileName(name: string): string {
  const safe = short(name.replaceAll(/[/\\]/g, "_"), MAX_NAME);
  return /^\.*$/.test(safe) ? "file" : safe;
}

function mimeType(mime: string): string {
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(mime) ? mime.toLowerCase() : "";
}
