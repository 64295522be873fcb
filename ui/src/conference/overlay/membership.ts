import type { ParticipantId } from "../types";
import { participantIdOf, type PublicKey } from "./keys";
import type { Seat } from "./seats";
import type { Removal, Rules } from "./statements";

/** All statements: who founded the conference and what everybody stated. */
export interface Statements {
  readonly founder: PublicKey;
  seatOf(id: ParticipantId): Seat;
  publicKeyOf(id: ParticipantId): PublicKey | null;
  /** The names of the seats whose holders put out that of another, and have not taken it back; whether it counts or not. */
  removersOf(seat: Seat): readonly ParticipantId[];
}

export interface Member {
  readonly id: ParticipantId;
  readonly key: PublicKey;
  /** Smaller is more senior; of two with one rank the smaller id is. */
  readonly rank: number;
  /** All ids of its seat, the oldest first; its own is among them. */
  readonly ids: readonly ParticipantId[];
  /** Under its present id. Null for the founder. */
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
  /** Whom admissions that count join to the founder, whatever became of them; by all of their ids. */
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
 *
 * All this is about seats. What is said of one id of a seat, or under it, is said of its holder and by it, who is in
 * under the present id only: a reload changes nothing but that. Of what was written under an id by somebody who was
 * put out only as much counts as a removal of that very id says, for more may come under each.
 */
export function membershipOf(statements: Statements, isPresent: (id: ParticipantId) => boolean): Membership {
  const members = new Map<ParticipantId, Member>();
  const admitted = new Map<ParticipantId, Member>();
  const removed = new Map<ParticipantId, number>();
  const uncounted = new Set<ParticipantId>();
  const lockedOut = new Set<ParticipantId>();
  /** Seats whose holders were removed. */
  const out = new Map<ParticipantId, Verdict>();
  /** Seats to whose holders nobody present is senior. */
  const authorities = new Set<ParticipantId>();
  let organiser: ParticipantId | null = null;
  let rules: Rules | null = null;

  walk(statements, (candidate, seat, admitters) => {
    const { ids, name, current } = seat;
    const verdict = out.get(name);
    const isOut = verdict !== undefined;
    const { locked = null } = rules ?? {};
    const isListed =
      locked === null ||
      ids.some((id) => locked.includes(id)) ||
      admitters.some((one) => authorities.has(one));
    const mayBeIn = !isOut && !seat.hasLeft;
    const isMember = mayBeIn && isListed;
    if (isMember) members.set(current, candidate);
    for (const id of ids) {
      admitted.set(id, candidate);
      if (isOut) removed.set(id, verdict.last.get(id) ?? 0);
      else if (mayBeIn && !isListed) lockedOut.add(id);
    }
    if (organiser === null && !isOut && isListed) {
      authorities.add(name);
      if (isMember && isPresent(current)) organiser = current;
      const isProven = organiser === current || candidate.admittedBy === null;
      if (isProven) rules = seat.rules ?? rules;
      for (const removal of seat.removals) {
        const target = statements.seatOf(removal.id);
        if (target.name === name || !(isProven || isSeconded(statements, target, seat))) continue;
        out.set(target.name, withRemoval(statements, out.get(target.name), removal));
      }
    }
    return (newcomer) => {
      const counts = out.get(name)?.keeps.has(newcomer.name) !== false;
      if (!counts) for (const id of newcomer.ids) uncounted.add(id);
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

/** What all removals of the holder of a seat say together. */
interface Verdict {
  /** The seats of those whose admission by it still counts. */
  readonly keeps: ReadonlySet<ParticipantId>;
  /** How much counts of what it wrote under each of its ids; of others nothing does. */
  readonly last: ReadonlyMap<ParticipantId, number>;
}

function withRemoval(statements: Statements, before: Verdict | undefined, removal: Removal): Verdict {
  const { id, last } = removal;
  const keeps = removal.keeps.map((one) => statements.seatOf(one).name);
  return {
    keeps: new Set(keeps.filter((one) => before?.keeps.has(one) !== false)),
    last: new Map(before?.last).set(id, Math.min(last, before?.last.get(id) ?? Infinity)),
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
    for (const admission of statements.seatOf(one).admissions)
      for (const id of statements.seatOf(admission.id).ids) if (!admitted.has(id)) dropped.add(id);
  return dropped;
}

/** Whether anybody but the signer stated a removal too. */
function isSeconded(statements: Statements, removed: Seat, signer: Seat): boolean {
  return statements.removersOf(removed).some((one) => one !== signer.name && one !== removed.name);
}

/**
 * Visits the seats of everybody whom admissions join to the founder in order of seniority. `visit` answers which of the
 * visited one's own admissions count.
 */
function walk(
  statements: Statements,
  visit: (candidate: Member, seat: Seat, admitters: readonly ParticipantId[]) => (newcomer: Seat) => boolean,
): void {
  const founder = participantIdOf(statements.founder);
  if (founder === null) return;
  const waiting = new Queue();
  waiting.add({ id: founder, rank: 0, admittedBy: null, name: "", address: "" });
  const admitters = new Map<ParticipantId, ParticipantId[]>();
  const seen = new Set<ParticipantId>();
  for (let next = waiting.take(); next !== null; next = waiting.take()) {
    const seat = statements.seatOf(next.id);
    if (seen.has(seat.name)) continue;
    seen.add(seat.name);
    const { current, ids } = seat;
    const key = statements.publicKeyOf(current) ?? "";
    const counts = visit({ ...next, id: current, key, ids }, seat, admitters.get(seat.name) ?? []);
    for (const { id, rank, name, address } of seat.admissions) {
      const newcomer = statements.seatOf(id);
      if (seen.has(newcomer.name) || !counts(newcomer)) continue;
      // Its admitter's rank is another once somebody else's admission of that one counts, or no longer does.
      waiting.add({ id, rank: Math.max(rank, next.rank + 1), admittedBy: current, name, address });
      const known = admitters.get(newcomer.name);
      if (known === undefined) admitters.set(newcomer.name, [seat.name]);
      else known.push(seat.name);
    }
  }
}

/** Under the id that was let in, which decides on its seniority ever after. */
type Candidate = Omit<Member, "key" | "ids">;

/** Hands out candidates in order of seniority; of one who was admitted twice with one rank, the first added first. */
class Queue {
  readonly #sorted: Candidate[] = [];

  add(candidate: Candidate): void {
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

  take(): Candidate | null {
    return this.#sorted.pop() ?? null;
  }
}
