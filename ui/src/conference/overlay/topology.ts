import type { Clock, ParticipantId } from "../types";
import { neighboursOf } from "./graph";

/** A link that was asked for and is not there is asked for again after so long, in milliseconds. */
export const ASK_AGAIN = 5000;

export interface TopologyPorts {
  readonly clock: Clock;
  connect(id: ParticipantId): void;
  disconnect(id: ParticipantId): void;
}

export interface Situation {
  readonly own: ParticipantId;
  /** Members in reach, without oneself. */
  readonly reachable: ReadonlySet<ParticipantId>;
  /** Members who are in reach or were a moment ago. */
  readonly around: ReadonlySet<ParticipantId>;
  isJuniorTo(id: ParticipantId): boolean;
  /** `alive`: something comes over the link. `silent`: it is not given up yet. */
  linkTo(id: ParticipantId): "alive" | "silent" | null;
}

/** Which links this side begins: of each pair that shall be linked, the junior does. */
export class Topology {
  readonly #ports: TopologyPorts;
  /** Whom this side has asked to be linked to, and when. */
  readonly #asked = new Map<ParticipantId, number>();

  #holdsUntil = Infinity;

  constructor(ports: TopologyPorts) {
    this.#ports = ports;
  }

  /** Whether a link that was asked for does not come. */
  get isOutdated(): boolean {
    return this.#ports.clock.now() >= this.#holdsUntil;
  }

  update(situation: Situation): void {
    const { own, reachable, around } = situation;
    const now = this.#ports.clock.now();
    const wanted = neighboursOf(reachable, own);
    this.#holdsUntil = Infinity;
    for (const id of wanted) {
      if (situation.linkTo(id) === "alive" || !situation.isJuniorTo(id)) continue;
      const asked = this.#asked.get(id) ?? -Infinity;
      const isDue = now >= asked + ASK_AGAIN;
      this.#holdsUntil = Math.min(this.#holdsUntil, (isDue ? now : asked) + ASK_AGAIN);
      if (!isDue) continue;
      this.#asked.set(id, now);
      this.#ports.connect(id);
    }
    for (const id of this.#asked.keys()) {
      const isKept =
        situation.linkTo(id) !== null || wanted.has(id) || (around.has(id) && !reachable.has(id));
      if (!isKept) this.giveUp(id);
    }
  }

  /** The link to somebody is lost: the next one is asked for at once. */
  lost(id: ParticipantId): void {
    if (this.#asked.has(id)) this.#asked.set(id, -Infinity);
  }

  giveUp(id: ParticipantId): void {
    this.#asked.delete(id);
    this.#ports.disconnect(id);
  }
}
