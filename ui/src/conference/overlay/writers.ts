import type { ParticipantId } from "../types";

/**
 * By how many of its first hex digits an id is told from others in documents: Yjs takes no more than 53 bits. With less
 * somebody could search for a key that shares them with another's; two such keys of one's own can be found.
 */
export const WRITER_DIGITS = 13;

/** Of those who are one writer to documents the one with the smallest id, so that all devices choose the same. */
export function writersOf(ids: Iterable<ParticipantId>): ReadonlySet<ParticipantId> {
  const first = new Map<string, ParticipantId>();
  for (const id of ids) {
    const writer = id.slice(0, WRITER_DIGITS);
    const known = first.get(writer);
    if (known === undefined || id < known) first.set(writer, id);
  }
  return new Set(first.values());
}
