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
  /** The tree of shortest paths from somebody. */
  tree(root: ParticipantId): Tree;
}

type Tree = ReadonlyMap<ParticipantId, ParticipantId | null>;

/** Whether two pictures show the same people; links may differ. */
export function isSamePeople(a: Picture, b: Picture): boolean {
  const [one, other] = [a.membership, b.membership];
  return (
    hasSameIds(a.reached, b.reached) &&
    hasSameIds(a.around, b.around) &&
    hasSameIds(one.members, other.members) &&
    hasSameIds(one.admitted, other.admitted) &&
    hasSameEnds(one.removed, other.removed) &&
    one.organiser === other.organiser
  );
}

type Ids = Pick<ReadonlyMap<ParticipantId, unknown>, "size" | "has" | "keys">;

export function hasSameIds(a: Ids, b: Ids): boolean {
  if (a.size !== b.size) return false;
  for (const id of a.keys()) if (!b.has(id)) return false;
  return true;
}

function hasSameEnds(a: Membership["removed"], b: Membership["removed"]): boolean {
  return hasSameIds(a, b) && [...a].every(([id, last]) => b.get(id) === last);
}

/**
 * Who is present as this device sees it: whoever is reached over links that both ends list. So nobody can say of
 * another that it is there or gone, and somebody whom everybody lost is gone.
 */
export class Presence {
  readonly #ports: PresencePorts;
  /** Until when those are waited for who are not reached any more. */
  readonly #awaited = new Map<ParticipantId, number>();
  #picture: Picture;
  #holdsUntil = 0;

  constructor(ports: PresencePorts) {
    this.#ports = ports;
    this.#picture = this.#draw(new Set());
  }

  get picture(): Picture {
    return this.#picture;
  }

  /** Whether time alone has changed the picture. */
  get isOutdated(): boolean {
    return this.#ports.clock.now() >= this.#holdsUntil;
  }

  /** Looks again. */
  refresh(): Picture {
    this.#picture = this.#draw(this.#picture.reached);
    return this.#picture;
  }

  #draw(before: ReadonlySet<ParticipantId>): Picture {
    const { own, clock, statements } = this.#ports;
    const now = clock.now();
    this.#holdsUntil = Infinity;
    const graph = this.#graph(now);
    const trees = new Map<ParticipantId, Tree>();
    const tree = (root: ParticipantId): Tree => {
      const known = trees.get(root) ?? treeOf(graph, root);
      trees.set(root, known);
      return known;
    };
    const reached = new Set(tree(own).keys());
    for (const id of before) if (!reached.has(id)) this.#awaited.set(id, now + RETURNS);
    const around = new Set(reached);
    for (const [id, until] of this.#awaited) {
      if (reached.has(id) || until <= now) this.#awaited.delete(id);
      else around.add(id);
      if (until > now) this.#holdsUntil = Math.min(this.#holdsUntil, until);
    }
    const membership = membershipOf(statements, (id) => around.has(id));
    // Who is no member is not waited for; or it would be the organiser as soon as its remover has gone.
    for (const id of this.#awaited.keys()) if (!membership.members.has(id)) this.#awaited.delete(id);
    return { graph, reached, around, membership, tree };
  }

  #graph(now: number): Graph {
    const { own, roster } = this.#ports;
    const lists = new Map<ParticipantId, readonly ParticipantId[]>();
    for (const [id, { links }, until] of roster.fresh(STALE)) {
      lists.set(id, links);
      this.#holdsUntil = Math.min(this.#holdsUntil, until);
    }
    const listed: ParticipantId[] = [];
    for (const [id, since] of this.#ports.links()) {
      listed.push(id);
      const theirs = lists.get(id) ?? [];
      if (theirs.includes(own) || now - since >= FRESH_LINK) continue;
      lists.set(id, [...theirs, own]);
      this.#holdsUntil = Math.min(this.#holdsUntil, since + FRESH_LINK);
    }
    return mutualEdges(lists.set(own, listed));
  }
}
