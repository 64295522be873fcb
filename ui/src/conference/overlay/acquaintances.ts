import type { Clock, ParticipantId } from "../types";
import { pathBetween } from "./graph";
import { participantIdOf } from "./keys";
import type { Membership } from "./membership";
import type { Neighbour } from "./neighbour";
import type { Picture } from "./presence";
import type { Replication } from "./replication";
import type { Roster } from "./roster";
import type { StatementSet } from "./statement-set";

/** For how long this device must count as removed to take it for true, in milliseconds. */
const REMOVED_HOLDS = 3000;
/** For how long somebody else must count as removed before the link to it is given up, in milliseconds. */
const STRANGER_HOLDS = 1000;
/**
 * The same for whoever is out with somebody else, and for this device: the statement that lets it in again may come by
 * another way than the removal, and later.
 */
const DROPPED_HOLDS = 6000;

export interface AcquaintancesPorts {
  readonly clock: Clock;
  readonly own: ParticipantId;
  readonly statements: StatementSet;
  readonly replication: Replication;
  readonly roster: Roster;
  /** Nothing is to be said to somebody any more; once for each link. */
  giveUp(id: ParticipantId): void;
}

/**
 * Which neighbours are spoken to as members. Who becomes one is handed everything; who is none any more is told why,
 * and its link is given up.
 *
 * A removal must hold for a while before it has consequences that cannot be taken back: halves that become one see
 * parts of each other first, so that for a moment somebody may seem to be the organiser who is not.
 */
export class Acquaintances {
  readonly #ports: AcquaintancesPorts;
  readonly #members = new Set<ParticipantId>();
  /** Since when a neighbour, or this device itself, counts as removed. */
  readonly #removedSince = new Map<ParticipantId, number>();
  readonly #givenUp = new Set<ParticipantId>();

  constructor(ports: AcquaintancesPorts) {
    this.#ports = ports;
  }

  /** Whether time alone may have consequences. */
  get isWaiting(): boolean {
    return this.#removedSince.size > 0;
  }

  /** Counts as removed, but not for long enough yet. */
  isInDoubt(id: ParticipantId): boolean {
    return this.#removedSince.has(id);
  }

  up(neighbour: Neighbour, isMember: boolean): void {
    const { replication, statements } = this.#ports;
    replication.greet(neighbour);
    if (isMember) this.#members.add(neighbour.id);
    else neighbour.sendAll(statements.name, statements.removalsOf(neighbour.id), "control");
  }

  down(id: ParticipantId): void {
    this.#removedSince.delete(id);
    this.#givenUp.delete(id);
    this.#members.delete(id);
    this.#ports.replication.forget(id);
  }

  /** False if this device is out itself. `news`: the statement that changed the picture. */
  follow(picture: Picture, neighbours: Iterable<Neighbour>, news: object | null): boolean {
    const { own, statements, replication } = this.#ports;
    const { membership } = picture;
    const { members } = membership;
    if (this.#hasHeld(own, membership, REMOVED_HOLDS)) return false;
    for (const neighbour of neighbours) {
      const { id, isAlive } = neighbour;
      if (this.#hasHeld(id, membership, STRANGER_HOLDS)) this.#sendAway(neighbour, picture);
      else if (members.has(id)) this.#givenUp.delete(id);
      if (!isAlive || members.has(id) === this.#members.has(id)) continue;
      if (this.#members.delete(id)) {
        const why = new Set<object>(statements.removalsOf(id));
        neighbour.sendAll(statements.name, news === null ? why : why.add(news), "control");
        if (statements.hasLeft(id) || statements.isFormer(id)) this.#giveUp(id);
      } else {
        this.#members.add(id);
        replication.welcome(neighbour);
      }
    }
    return true;
  }

  /**
   * Whoever did not see that its remover is there, as it was elsewhere itself, would not believe the removal: it is
   * handed the entries that lead to that one.
   */
  #sendAway(neighbour: Neighbour, { graph }: Picture): void {
    const { id } = neighbour;
    if (this.#givenUp.has(id)) return;
    const { own, roster, statements } = this.#ports;
    const avoiding = new Set([id]);
    const removers = new Set(statements.removalsOf(id).map(({ key }) => participantIdOf(key)));
    const ways = Array.from(removers, (one) => one && pathBetween(graph, own, one, avoiding));
    neighbour.sendAll(roster.name, roster.of(new Set(ways.flatMap((way) => way ?? []))), "control");
    this.#giveUp(id);
  }

  #giveUp(id: ParticipantId): void {
    if (this.#givenUp.has(id)) return;
    this.#givenUp.add(id);
    this.#ports.giveUp(id);
  }

  #hasHeld(id: ParticipantId, { removed, dropped }: Membership, ms: number): boolean {
    const isDropped = dropped.has(id);
    if (!removed.has(id) && !isDropped) {
      this.#removedSince.delete(id);
      return false;
    }
    const now = this.#ports.clock.now();
    const since = this.#removedSince.get(id) ?? now;
    this.#removedSince.set(id, since);
    return now - since >= (isDropped ? DROPPED_HOLDS : ms);
  }
}
