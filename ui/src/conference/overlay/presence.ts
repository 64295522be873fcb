import type { Clock, ParticipantId } from "../types";
import { mutualEdges, treeOf, type Graph } from "./graph";
import { membershipOf, type Membership, type Statements } from "./membership";
import type { Roster } from "./roster";

/** An entry older than this says nothing about links any more, in milliseconds: three times its renewal. */
export const STALE = 45_000;
/** How long somebody who cannot be reached any more is still waited for, in milliseconds. */
export const RETURNS = 10_000;
/** How long a fresh link counts before the other end lists it, in milliseconds. */
const FRESH_LINK = 5000;

export interface PresencePorts {
  readonly clock: Clock;
  readonly own: ParticipantId;
  readonly statements: Statements;
  readonly roster: Roster;
  /** The live links of this device and since when they are. */
  links(): Iterable<readonly [ParticipantId, number]>;
}

/** Who is where at one moment. */
export interface Picture {
  readonly graph: Graph;
  /** Who is reached over links, oneself included. */
  readonly reached: ReadonlySet<ParticipantId>;
  /** Who is reached or was a moment ago. */
  readonly around: ReadonlySet<ParticipantId>;
  readonly membership: Membership;
}

/**
 * Who is present as this device sees it: whoever is reached over links that both ends list. So nobody can say of
 * another that it is there or gone, and somebody whom everybody lost is gone.
 */
export class Presence {
  readonly #ports: PresencePorts;
  /** When somebody who is not reached now was last. */
  readonly #lastReached = new Map<ParticipantId, number>();
  #picture: Picture;

  constructor(ports: PresencePorts) {
    this.#ports = ports;
    this.#picture = this.#draw();
  }

  get picture(): Picture {
    return this.#picture;
  }

  /** Looks again, after anything changed and from time to time. */
  refresh(): Picture {
    this.#picture = this.#draw();
    return this.#picture;
  }

  #draw(): Picture {
    const { own, clock, statements } = this.#ports;
    const now = clock.now();
    const graph = this.#graph(now);
    const reached = new Set(treeOf(graph, own).keys());
    for (const id of reached) this.#lastReached.set(id, now);
    for (const [id, at] of this.#lastReached) if (now - at > RETURNS) this.#lastReached.delete(id);
    const around = new Set(this.#lastReached.keys());
    return { graph, reached, around, membership: membershipOf(statements, (id) => around.has(id)) };
  }

  #graph(now: number): Graph {
    const { own, roster } = this.#ports;
    const lists = new Map<ParticipantId, readonly ParticipantId[]>();
    for (const [id, entry] of roster.younger(STALE)) lists.set(id, entry.links);
    const listed: ParticipantId[] = [];
    for (const [id, since] of this.#ports.links()) {
      listed.push(id);
      const theirs = lists.get(id) ?? [];
      if (!theirs.includes(own) && now - since < FRESH_LINK) lists.set(id, [...theirs, own]);
    }
    return mutualEdges(lists.set(own, listed));
  }
}
