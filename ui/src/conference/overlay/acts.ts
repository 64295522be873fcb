import { MAX_TOPIC } from "../../limits";
import type { Clock, ConferenceId, ParticipantId } from "../types";
import { pathBetween } from "./graph";
import { participantIdOf, type Keys, type PublicKey } from "./keys";
import type { Member, Membership } from "./membership";
import type { Picture } from "./presence";
import type { Seat } from "./seats";
import { lineage, placeOfNewcomer } from "./shares";
import { Signed } from "./signed";
import type { StatementSet } from "./statement-set";
import {
  MAX_ADDRESS,
  MAX_KEPT,
  MAX_LOCKED,
  MAX_NAME,
  MAX_RANK_STEP,
  MAX_RENEWALS,
  MAX_STANDING,
  MAX_VERSION,
  type Statement,
} from "./statements";

/** Something that was asked of the overlay was not done. */
export class OverlayError extends Error {
  override readonly name = "OverlayError";
  constructor(
    /**
     * `not_in`: this device is no member. `locked`: only the organiser can let somebody in now. `full`: nobody can.
     * `gone`: it has left or was removed, and needs a new key. `bad_key`: it is none.
     */
    readonly code: "not_in" | "locked" | "full" | "gone" | "bad_key",
  ) {
    super(code);
  }
}

/** The most participants at one time; of too many everybody may have let in its share ({@link placeOfNewcomer}). */
export const MAX_PRESENT = 64;
/** Who let in more than this, itself or by way of others, is taken to have let in people who do not exist. */
export const MANY = 16;

export interface ActsPorts {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly conference: ConferenceId;
  readonly statements: StatementSet;
  picture(): Picture;
  /** How many entries of its feed somebody has written so far. */
  lengthOf(id: ParticipantId): number;
  /** Takes a statement of this device and spreads it. False if there is no room for it, or no need. */
  publish(signed: Signed): boolean;
  readonly fault: (error: unknown) => void;
}

/**
 * How long something must have held to be stated again, in milliseconds. Halves that become one see parts of each other
 * first, so that for a moment somebody may seem to be the organiser who is not.
 */
const HOLDS = 3000;

/**
 * For how long whoever becomes the organiser states again what counts no more since an organiser was lost, in
 * milliseconds: those who would have followed first may be lost at the same time, and each is waited for.
 */
const LAPSES_FOR = 30_000;

/** What counted until its organiser was lost, and until when it may be stated again. */
interface Lapsed {
  readonly before: Membership;
  readonly until: number;
}

/** What this device states about the membership, and whether it may. */
export class Acts {
  readonly #ports: ActsPorts;
  #rulesSince = -Infinity;
  readonly #removedSince = new Map<ParticipantId, number>();
  #lapsedRules: Lapsed | null = null;
  readonly #lapsedRemovals = new Map<ParticipantId, Lapsed>();
  /** Signs one after the other, so that a farewell names all that was stated before. */
  #stating: Promise<unknown> = Promise.resolve();

  constructor(ports: ActsPorts) {
    this.#ports = ports;
  }

  get isOrganiser(): boolean {
    return this.#membership.organiser === this.#ports.keys.id;
  }

  /** Does nothing for somebody who is in. Rejects with an {@link OverlayError}. */
  async admit(key: PublicKey, known: { readonly name: string; readonly address: string }): Promise<void> {
    const id = participantIdOf(key);
    if (id === null) throw new OverlayError("bad_key");
    const { members, admitted, locked, removed } = this.#membership;
    const own = members.get(this.#ports.keys.id);
    if (own === undefined) throw new OverlayError("not_in");
    if (members.has(id)) return;
    if (this.#ports.statements.hasLeft(id) || removed.has(id)) throw new OverlayError("gone");
    if (locked !== null && !this.isOrganiser) throw new OverlayError("locked");
    const { around } = this.#ports.picture();
    const isPresent = (one: ParticipantId): boolean => around.has(one) && members.has(one);
    if (placeOfNewcomer(own.id, admitted, isPresent) > MAX_PRESENT) throw new OverlayError("full");
    let highest = 0;
    for (const { rank } of members.values()) highest = Math.max(highest, rank);
    const isTaken = await this.#state({
      t: "admit",
      key,
      rank: Math.min(highest + 1, own.rank + MAX_RANK_STEP),
      name: known.name.slice(0, MAX_NAME),
      address: known.address.slice(0, MAX_ADDRESS),
    });
    if (!isTaken && !this.#membership.members.has(id)) throw new OverlayError("full");
  }

  /** False if this device may not. */
  remove(id: ParticipantId): boolean {
    const isOther = id !== this.#ports.keys.id && this.#membership.members.has(id);
    if (!this.isOrganiser || !isOther) return false;
    this.#remove(id, this.#membership, (one) => this.#ports.lengthOf(one));
    return true;
  }

  /** Changes what is named. False if this device may not. */
  setRules(rules: { readonly topic?: string; readonly locked?: boolean }): boolean {
    if (!this.isOrganiser) return false;
    this.#rule(() => {
      const { topic, locked } = this.#membership;
      const isLocked = rules.locked ?? locked !== null;
      const holds = isLocked ? (locked ?? this.#everybody()) : null;
      return { topic: (rules.topic ?? topic).slice(0, MAX_TOPIC), locked: holds };
    });
    return true;
  }

  /**
   * The membership changed. Who becomes the organiser states again what held before, for it would not count any more,
   * or something else would; but only what held for a while: see {@link HOLDS}.
   */
  follow(before: Membership): void {
    const { clock, keys, statements } = this.#ports;
    const now = clock.now();
    const after = this.#membership;
    // Whoever says goodbye means what was stated last; else the halves of a conference may be becoming one.
    const isMeant = before.organiser !== null && statements.hasLeft(before.organiser);
    const held = (since: number): boolean => isMeant || now - since >= HOLDS;
    const until = now + LAPSES_FOR;
    if (hasOtherRules(before, after)) {
      if (before.organiser === after.organiser) this.#lapsedRules = null;
      else if (held(this.#rulesSince)) this.#lapsedRules = { before, until };
      this.#rulesSince = now;
    }
    for (const [id, since] of this.#removedSince) {
      if (after.removed.has(id)) continue;
      this.#removedSince.delete(id);
      if (held(since)) this.#lapsedRemovals.set(id, { before, until });
    }
    for (const id of after.removed.keys()) {
      this.#lapsedRemovals.delete(id);
      if (!this.#removedSince.has(id)) this.#removedSince.set(id, now);
    }
    if (this.isOrganiser && before.organiser !== keys.id && before.members.has(keys.id)) this.#succeed(now);
  }

  #succeed(now: number): void {
    const rules = this.#lapsedRules;
    if (rules !== null && now < rules.until && hasOtherRules(rules.before, this.#membership))
      this.#rule(() => rules.before);
    const voided = new Map<ParticipantId, Membership>();
    for (const [id, { before, until }] of this.#lapsedRemovals)
      if (now < until) voided.set(this.#ports.statements.seatOf(id).current, before);
    for (const [id, before] of voided)
      this.#remove(id, before, (one) => before.removed.get(one) ?? this.#ports.lengthOf(one));
    this.#lapsedRules = null;
    this.#lapsedRemovals.clear();
  }

  /** The statement that this device leaves. */
  farewell(): Promise<Signed> {
    return this.#inOrder(() => {
      const stands = this.#seat.marks.slice(0, MAX_STANDING);
      return this.#sign({ t: "leave", stands });
    });
  }

  /** With all that this device stated before it was reloaded. */
  get #seat(): Seat {
    return this.#ports.statements.seatOf(this.#ports.keys.id);
  }

  get #membership(): Membership {
    return this.#ports.picture().membership;
  }

  /** Who is in while nobody comes in: those who are there first, for the list is limited. */
  #everybody(): ParticipantId[] {
    const { around } = this.#ports.picture();
    const { members } = this.#membership;
    const ids = [...this.#ports.statements.everybodyInTurn()].filter((id) => members.has(id));
    const inOrder = [...ids.filter((id) => around.has(id)), ...ids.filter((id) => !around.has(id))];
    return inOrder.slice(0, MAX_LOCKED).map((id) => oldestOf(id, members));
  }

  /**
   * Whom it let in may stay; but of {@link MANY} only those who can be reached without it, and by this device's own
   * word, so that they have no part in the share of whoever is put out.
   */
  #remove(id: ParticipantId, { members, admitted }: Membership, lastOf: (id: ParticipantId) => number): void {
    const { ids } = this.#ports.statements.seatOf(id);
    const branch = [...members.values()].filter((one) => firstBelow(ids, one, admitted) !== null);
    if (branch.length <= MANY) {
      // Also who is no member any more, for the sake of whom that one let in.
      const first = new Set(branch.flatMap((one) => firstBelow(ids, one, admitted) ?? []));
      const keeps = Array.from(first, (one) => oldestOf(one, admitted)).slice(0, MAX_KEPT);
      return this.#removeAll(ids, id, keeps, lastOf);
    }
    const { graph } = this.#ports.picture();
    const without = new Set(ids);
    for (const one of branch) {
      const { key, rank, name, address } = one;
      if (pathBetween(graph, this.#ports.keys.id, one.id, without) !== null)
        this.#stateSoon({ t: "admit", key, rank, name, address });
    }
    this.#removeAll(ids, id, [], lastOf);
  }

  /** One removal puts out all ids of a seat, but of what was written under each it must be said how much counts. */
  #removeAll(
    ids: readonly ParticipantId[],
    present: ParticipantId,
    keeps: readonly ParticipantId[],
    lastOf: (id: ParticipantId) => number,
  ): void {
    const written = ids.filter((id) => id !== present && lastOf(id) > 0).slice(-MAX_RENEWALS);
    for (const id of [...written, present]) this.#stateSoon({ t: "remove", id, keeps, last: lastOf(id) });
  }

  /** `rules` are those of the moment in which they are stated: what was stated just before counts, too. */
  #rule(rules: () => Pick<Membership, "topic" | "locked">): void {
    const stated = this.#inOrder(async () => {
      const { topic, locked } = rules();
      const version = Math.min((this.#seat.rules?.version ?? 0) + 1, MAX_VERSION);
      return this.#ports.publish(await this.#sign({ t: "rules", version, topic, locked }));
    });
    stated.catch(this.#ports.fault);
  }

  #stateSoon(statement: Statement): void {
    this.#state(statement).catch(this.#ports.fault);
  }

  #state(statement: Statement): Promise<boolean> {
    return this.#inOrder(async () => this.#ports.publish(await this.#sign(statement)));
  }

  #inOrder<T>(next: () => Promise<T>): Promise<T> {
    const done = this.#stating.then(next);
    this.#stating = done.catch(() => undefined);
    return done;
  }

  #sign(statement: Statement): Promise<Signed> {
    return Signed.make(this.#ports.keys, this.#ports.conference, statement);
  }
}

function hasOtherRules(one: Membership, other: Membership): boolean {
  return one.topic !== other.topic || one.locked?.join() !== other.locked?.join();
}

/** By way of whom somebody was let in: whom the holder of `above` let in itself. Null if that one had no part in it. */
function firstBelow(
  above: readonly ParticipantId[],
  { id }: Member,
  admitted: Membership["admitted"],
): ParticipantId | null {
  for (const one of lineage(id, admitted)) {
    const by = admitted.get(one)?.admittedBy ?? null;
    if (by !== null && above.includes(by)) return one;
  }
  return null;
}

/** The id by which also those know somebody to whom the news of its renewal is yet to come. */
function oldestOf(id: ParticipantId, all: ReadonlyMap<ParticipantId, Member>): ParticipantId {
  return all.get(id)?.ids[0] ?? id;
}
