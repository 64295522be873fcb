import type { ParticipantId } from "../types";

/**
 * Something that every participant has a copy of: a set of items that only grows, or whose items supersede each other
 * in an order that all agree on. Two copies that have seen the same items are equal, however they came.
 */
export interface Replica {
  /** At most 32 characters; names it in messages. */
  readonly name: string;
  /** What this copy holds, as JSON, in any order of keys; equal for equal copies. */
  digest(): object;
  /** What the other copy lacks. `theirs` came from others and may be anything; `{}` lacks everything. */
  missing(theirs: unknown): Iterable<object>;
  /**
   * Takes an item that `from` handed over (who need not be its author). `bad`: an honest neighbour would never have
   * handed it over, because it must be wrong for everybody (shape, signature); `known`: not needed, or not yet of use.
   */
  take(item: unknown, from: ParticipantId): Promise<Taken>;
  /** How many entries of somebody's own are here; for a replica whose entries a removal cuts off. */
  lengthOf?(author: ParticipantId): number;
  /** Whether an item that was just taken or made may wait a moment for others before it is passed on. */
  mayWait?(item: object): boolean;
}

export type Taken = "new" | "known" | "bad";
