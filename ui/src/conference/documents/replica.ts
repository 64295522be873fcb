import type { ParticipantId } from "../types";

/**
 * What became of an item that came. `new`: it says something, pass it on. `known`: nothing to do, or it cannot be
 * placed yet and the next comparison of digests brings it again. `bad`: nobody honest sends it.
 */
export type Taken = "new" | "known" | "bad";

/** Something every participant has a copy of: a set of signed items that only grows. */
export interface Replica {
  readonly name: string;
  /** What is here, small; equal on two devices (as JSON) if and only if they have the same. */
  digest(): object;
  /** What is here and not there, in the order in which it can be taken. `theirs` is another device's digest. */
  missing(theirs: unknown): Iterable<object>;
  /** Never rejects, whatever comes. */
  take(item: unknown, from: ParticipantId): Promise<Taken>;
}
