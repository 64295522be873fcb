import type { ParticipantId } from "../types";

/** Who is linked to whom; every edge stands at both of its ends. */
export type Graph = ReadonlyMap<ParticipantId, ReadonlySet<ParticipantId>>;

/** Up to so many participants, everybody is linked to everybody. */
export const FULL_MESH = 8;

/** The edges that both ends list: nobody can claim one alone. */
export function mutualEdges(lists: ReadonlyMap<ParticipantId, readonly ParticipantId[]>): Graph {
  const graph = new Map<ParticipantId, Set<ParticipantId>>();
  // In order of ids, so that everybody finds the same tree.
  for (const id of [...lists.keys()].sort()) {
    const mutual = (lists.get(id) ?? []).filter((other) => other !== id && lists.get(other)?.includes(id));
    graph.set(id, new Set(mutual.sort()));
  }
  return graph;
}

/**
 * The tree of shortest paths from `root`: the parent of each reachable participant, null of the root itself. Everybody
 * who knows the same graph finds the same tree.
 */
export function treeOf(graph: Graph, root: ParticipantId): Map<ParticipantId, ParticipantId | null> {
  const parents = new Map<ParticipantId, ParticipantId | null>([[root, null]]);
  // What is added while iterating is visited too.
  for (const id of parents.keys())
    for (const other of graph.get(id) ?? []) if (!parents.has(other)) parents.set(other, id);
  return parents;
}

/**
 * A shortest path from one to another, both included, whose inner participants are none of `avoiding`; null if there
 * is none.
 */
export function pathBetween(
  graph: Graph,
  from: ParticipantId,
  to: ParticipantId,
  avoiding: ReadonlySet<ParticipantId>,
): ParticipantId[] | null {
  const parents = new Map<ParticipantId, ParticipantId | null>([[from, null]]);
  for (const id of parents.keys()) {
    if (id === to) break;
    if (id !== from && avoiding.has(id)) continue;
    for (const other of graph.get(id) ?? []) if (!parents.has(other)) parents.set(other, id);
  }
  if (!parents.has(to)) return null;
  const path: ParticipantId[] = [];
  for (let id: ParticipantId | null = to; id !== null; id = parents.get(id) ?? null) path.unshift(id);
  return path;
}

/**
 * Whom a participant shall be linked to: up to {@link FULL_MESH} everybody; above, the two next and the two before it
 * in the circle of all ids in order. Losing any two participants leaves the rest connected.
 */
export function neighboursOf(present: Iterable<ParticipantId>, self: ParticipantId): Set<ParticipantId> {
  const circle = [...new Set(present).add(self)].sort();
  const n = circle.length;
  const at = circle.indexOf(self);
  const wanted =
    n <= FULL_MESH ? circle : [-2, -1, 1, 2].map((offset) => circle[(at + offset + n) % n] ?? self);
  return new Set(wanted.filter((id) => id !== self));
}
