import type { ParticipantId } from "../types";

/** What one participant stated, in the order in which it is to be kept. */
export interface Share<T> {
  readonly own: readonly T[];
  /** Whom it let in, and the keys to which it handed its seat. */
  readonly newcomers: readonly { readonly item: T; readonly id: ParticipantId }[];
}

/**
 * Hands out what everybody stated in fair shares: the founder and those it let in take turns, and each hands its turns
 * on to itself and those it let in, in turn. So whoever states too much, or lets in too many who do, uses up its own
 * share and never that of others, and nobody is unknown when its own statements come.
 *
 * Of two copies, the first thing that one hands out and the other does not is new to the other and would be handed out
 * there as well, in the same place. Hence copies that keep the first so many things and show each other what they have
 * become equal, whatever came when.
 */
export function* inTurn<T>(
  founder: ParticipantId,
  shareOf: (id: ParticipantId) => Share<T> | null,
): Iterable<T> {
  const branches = new Map<ParticipantId, Branch<T>>();
  const branchOf = (id: ParticipantId): Branch<T> => {
    const known = branches.get(id);
    if (known !== undefined) return known;
    const { own = [], newcomers = [] } = shareOf(id) ?? {};
    const items = own.values();
    const fresh = new Branch<T>([
      () => items.next().value ?? null,
      ...newcomers.map((newcomer) => {
        let isFirst = true;
        return () => {
          if (!isFirst) return branchOf(newcomer.id).next();
          isFirst = false;
          return newcomer.item;
        };
      }),
    ]);
    branches.set(id, fresh);
    return fresh;
  };
  const root = branchOf(founder);
  for (let item = root.next(); item !== null; item = root.next()) yield item;
}

/** One participant with all whom it let in. Whoever was let in by several has a turn of each. */
class Branch<T> {
  readonly #lanes: (() => T | null)[];
  #turn = 0;
  /** Asks itself, by way of somebody who let it in again. */
  #isAsked = false;

  constructor(lanes: (() => T | null)[]) {
    this.#lanes = lanes;
  }

  /** Null if there is nothing left that nobody else hands out. */
  next(): T | null {
    if (this.#isAsked) return null;
    this.#isAsked = true;
    let item: T | null = null;
    while (item === null && this.#lanes.length > 0) {
      const at = this.#turn % this.#lanes.length;
      item = this.#lanes[at]?.() ?? null;
      if (item === null) this.#lanes.splice(at, 1);
      this.#turn = item === null ? at : at + 1;
    }
    this.#isAsked = false;
    return item;
  }
}

/** The share of one who would be let in now, when all who are present are counted in turn as above, from 1. */
export function placeOfNewcomer(
  admitter: ParticipantId,
  admitted: ReadonlyMap<ParticipantId, { readonly admittedBy: ParticipantId | null }>,
  isPresent: (id: ParticipantId) => boolean,
): number {
  const loads = new Map<ParticipantId, number>();
  const children = new Map<ParticipantId, ParticipantId[]>();
  for (const [id, { admittedBy }] of admitted) {
    if (admittedBy !== null) children.set(admittedBy, [...(children.get(admittedBy) ?? []), id]);
    if (isPresent(id))
      for (const above of lineage(id, admitted)) loads.set(above, (loads.get(above) ?? 0) + 1);
  }
  let place = 1;
  let below: ParticipantId | null = null;
  for (const id of lineage(admitter, admitted)) {
    const turns = place;
    if (isPresent(id)) place += 1;
    for (const child of children.get(id) ?? [])
      if (child !== below) place += Math.min(turns, loads.get(child) ?? 0);
    below = id;
  }
  return place;
}

/** Somebody, who let it in, who let that one in, and so on to the founder. */
export function* lineage(
  id: ParticipantId,
  admitted: ReadonlyMap<ParticipantId, { readonly admittedBy: ParticipantId | null }>,
): Iterable<ParticipantId> {
  for (let at: ParticipantId | null = id; at !== null; at = admitted.get(at)?.admittedBy ?? null) yield at;
}
