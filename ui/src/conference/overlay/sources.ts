import type { Clock, ParticipantId } from "../types";

/** Who hands over nothing for so long is not waited for any more, in milliseconds: at all, and any more. */
const PATIENCE = { first: 1000, later: 4000 } as const;
/** Who takes longer than this gives way to another, in milliseconds. */
const TURN = 30_000;
/** Who was waited for in vain is not asked again for so long, in milliseconds. */
const REST = 10_000;

interface Turn {
  readonly id: ParticipantId;
  readonly since: number;
  heardAt: number | null;
}

/**
 * Which neighbour hands this device what it lacks of a replica: one at a time, and another if that one has nothing,
 * falls silent or is lost.
 */
export class Sources {
  readonly #clock: Clock;
  readonly #turns = new Map<string, Turn>();
  /** Until when somebody is not asked for a replica again. */
  readonly #resting = new Map<string, Map<ParticipantId, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to ask this neighbour now; it is the source from now on. */
  turnTo(replica: string, id: ParticipantId): boolean {
    const now = this.#clock.now();
    if ((this.#resting.get(replica)?.get(id) ?? 0) > now) return false;
    const turn = this.#turns.get(replica);
    if (turn !== undefined) {
      const patience = turn.heardAt === null && turn.id !== id ? PATIENCE.first : PATIENCE.later;
      const isPatient = now - (turn.heardAt ?? turn.since) < patience;
      if (isPatient && (turn.id === id || now - turn.since < TURN)) return false;
      this.#rest(replica, turn.id);
      if (turn.id === id) return false;
    }
    this.#turns.set(replica, { id, since: now, heardAt: null });
    return true;
  }

  isSource(replica: string, id: ParticipantId): boolean {
    return this.#turns.get(replica)?.id === id;
  }

  /** It has handed over something that was missing. */
  heard(replica: string, id: ParticipantId): void {
    const turn = this.#turns.get(replica);
    if (turn?.id === id) turn.heardAt = this.#clock.now();
  }

  /** It has nothing more that is missing here. */
  done(replica: string, id: ParticipantId): void {
    if (this.isSource(replica, id)) this.#turns.delete(replica);
  }

  /** Its link is no more, or another one. Returns the replicas that it was to hand over. */
  lost(id: ParticipantId): string[] {
    for (const resting of this.#resting.values()) resting.delete(id);
    const replicas = [...this.#turns].flatMap(([replica, turn]) => (turn.id === id ? replica : []));
    for (const replica of replicas) this.#turns.delete(replica);
    return replicas;
  }

  #rest(replica: string, id: ParticipantId): void {
    this.#turns.delete(replica);
    const resting = this.#resting.get(replica) ?? new Map<ParticipantId, number>();
    this.#resting.set(replica, resting.set(id, this.#clock.now() + REST));
  }
}
