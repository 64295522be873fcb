import type { ParticipantId } from "../types";
import { participantIdOf, type PublicKey } from "./keys";
import type { Admission, Removal, Rules } from "./statements";

/** What one participant stated. */
export interface Stated {
  readonly admissions: Iterable<Admission & { readonly id: ParticipantId }>;
  readonly removals: Iterable<Removal>;
  readonly rules: Rules | null;
  readonly hasLeft: boolean;
}

/** All statements: who founded the conference and what everybody stated. */
export interface Statements {
  readonly founder: PublicKey;
  of(id: ParticipantId): Stated | null;
  /** Who stated the removal of somebody, and has not taken it back; whether it counts or not. */
  removersOf(id: ParticipantId): readonly ParticipantId[];
}

export interface Member {
  readonly id: ParticipantId;
  readonly key: PublicKey;
  /** Smaller is more senior; of two with one rank the smaller id is. */
  readonly rank: number;
  /** Null for the founder. */
  readonly admittedBy: ParticipantId | null;
  /** What the admitter knew of it; empty for the founder. */
  readonly name: string;
  readonly address: string;
}

export interface Membership {
  /** In order of seniority. */
  readonly members: ReadonlyMap<ParticipantId, Member>;
  /** The most senior member present; null if none is. */
  readonly organiser: ParticipantId | null;
  readonly topic: string;
  readonly locked: readonly ParticipantId[] | null;
  /** Who was put out, and how many entries of its feed still count. */
  readonly removed: ReadonlyMap<ParticipantId, number>;
  /** Whom admissions that count join to the founder, whatever became of them. */
  readonly admitted: ReadonlyMap<ParticipantId, Member>;
  /** Whose admission counted no more when somebody was put out: its own or that of whoever let it in. */
  readonly dropped: ReadonlySet<ParticipantId>;
  /** Whom somebody let in who could not while the conference is locked. */
  readonly lockedOut: ReadonlySet<ParticipantId>;
}

/** Negative if `a` is senior to `b`. */
export function bySeniority(a: Ranked, b: Ranked): number {
  return a.rank - b.rank || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

type Ranked = Pick<Member, "id" | "rank">;

/**
 * Who is in the conference and by which rules, from everything stated and from who is present.
 *
 * Participants are judged one after the other in order of seniority, so that whatever is said about one comes from
 * somebody already judged. Until the most senior member present has been reached, nobody present is senior to the
 * signer: only such signers may say anything about others. Hence only seniors remove, the organiser's word holds as
 * long as it is the organiser, and what somebody junior did in a partition is void when the organiser is back.
 *
 * Of those who are absent nobody knows whether they were organisers when they signed, but of the founder. So the
 * others' removals count only if somebody else stated the same, which an organiser does who takes over; their rules do
 * not count, and whoever takes over states them again.
 *
 * Who has left has had its say, the founder as well: of its removals and rules only those count that its farewell
 * names, so that nothing can be added to them, and of one with two farewells none. What it let in stays.
 *
 * While the conference is locked nobody is a member but those listed and those whom the organiser admitted, or
 * somebody more senior.
 */
export function membershipOf(statements: Statements, isPresent: (id: ParticipantId) => boolean): Membership {
  const members = new Map<ParticipantId, Member>();
  const admitted = new Map<ParticipantId, Member>();
  const removed = new Map<ParticipantId, number>();
  const uncounted = new Set<ParticipantId>();
  const lockedOut = new Set<ParticipantId>();
  /** For each who was removed: whose admission by it still counts, and how much of its feed, by every removal. */
  const out = new Map<ParticipantId, { readonly keeps: ReadonlySet<ParticipantId>; readonly last: number }>();
  /** Those to whom nobody present is senior. */
  const authorities = new Set<ParticipantId>();
  let organiser: ParticipantId | null = null;
  let rules: Rules | null = null;

  walk(statements, (candidate, admitters, stated) => {
    const { id } = candidate;
    const verdict = out.get(id);
    const isOut = verdict !== undefined;
    const isListed = rules?.locked?.includes(id) !== false || admitters.some((one) => authorities.has(one));
    admitted.set(id, candidate);
    if (isOut) removed.set(id, verdict.last);
    const mayBeIn = !isOut && stated?.hasLeft !== true;
    const isMember = mayBeIn && isListed;
    if (isMember) members.set(id, candidate);
    else if (mayBeIn) lockedOut.add(id);
    if (organiser === null && !isOut && isListed) {
      authorities.add(id);
      if (isMember && isPresent(id)) organiser = id;
      const isProven = organiser === id || candidate.admittedBy === null;
      if (isProven) rules = stated?.rules ?? rules;
      for (const removal of stated?.removals ?? []) {
        if (removal.id === id || !(isProven || isSeconded(statements, removal.id, id))) continue;
        const before = out.get(removal.id);
        const keeps = new Set(removal.keeps.filter((one) => before?.keeps.has(one) !== false));
        out.set(removal.id, { keeps, last: Math.min(removal.last, before?.last ?? Infinity) });
      }
    }
    return (newcomer) => {
      const counts = out.get(id)?.keeps.has(newcomer) !== false;
      if (!counts) uncounted.add(newcomer);
      return counts;
    };
  });

  const held = rules as Rules | null;
  return {
    members,
    organiser,
    topic: held?.topic ?? "",
    locked: held?.locked ?? null,
    removed,
    admitted,
    dropped: droppedOf(statements, uncounted, admitted),
    lockedOut,
  };
}

/** Those of them whom nobody else let in, with whom they let in. */
function droppedOf(
  statements: Statements,
  uncounted: ReadonlySet<ParticipantId>,
  admitted: ReadonlyMap<ParticipantId, unknown>,
): ReadonlySet<ParticipantId> {
  const dropped = new Set([...uncounted].filter((id) => !admitted.has(id)));
  // A set hands out as well what it is given meanwhile.
  for (const one of dropped)
    for (const { id } of statements.of(one)?.admissions ?? []) if (!admitted.has(id)) dropped.add(id);
  return dropped;
}

/** Whether anybody but the signer stated a removal too. */
function isSeconded(statements: Statements, id: ParticipantId, signer: ParticipantId): boolean {
  return statements.removersOf(id).some((one) => one !== signer && one !== id);
}

/**
 * Visits everybody whom admissions join to the founder in order of seniority. `visit` answers which of the visited
 * one's own admissions count.
 */
function walk(
  statements: Statements,
  visit: (
    candidate: Member,
    admitters: readonly ParticipantId[],
    stated: Stated | null,
  ) => (newcomer: ParticipantId) => boolean,
): void {
  const founder = participantIdOf(statements.founder);
  if (founder === null) return;
  const waiting = new Queue();
  waiting.add({ id: founder, key: statements.founder, rank: 0, admittedBy: null, name: "", address: "" });
  const admitters = new Map<ParticipantId, ParticipantId[]>();
  const seen = new Set<ParticipantId>();
  for (let next = waiting.take(); next !== null; next = waiting.take()) {
    if (seen.has(next.id)) continue;
    seen.add(next.id);
    const stated = statements.of(next.id);
    const counts = visit(next, admitters.get(next.id) ?? [], stated);
    for (const { id, key, rank, name, address } of stated?.admissions ?? []) {
      if (seen.has(id) || !counts(id)) continue;
      // Its admitter's rank is another once somebody else's admission of that one counts, or no longer does.
      waiting.add({ id, key, rank: Math.max(rank, next.rank + 1), admittedBy: next.id, name, address });
      const known = admitters.get(id);
      if (known === undefined) admitters.set(id, [next.id]);
      else known.push(next.id);
    }
  }
}

/** Hands out candidates in order of seniority; of one who was admitted twice with one rank, the first added first. */
class Queue {
  readonly #sorted: Member[] = [];

  add(candidate: Member): void {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#sorted[middle];
      // Sorted backwards, so that the next one is taken off the end; a later equal one stands before it.
      if (other !== undefined && bySeniority(other, candidate) > 0) low = middle + 1;
      else high = middle;
    }
    this.#sorted.splice(low, 0, candidate);
  }

  take(): Member | null {
    return this.#sorted.pop() ?? null;
  }
}
