import { describe, expect, test, vi } from "vitest";
import {
  FULL_MESH,
  mutualEdges,
  neighboursOf,
  pathBetween,
  treeOf,
} from "../../../src/conference/overlay/graph";
import { Random } from "./support/random";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

function ids(count: number): string[] {
  const random = new Random(count);
  return Array.from({ length: count }, () => random.hex(32));
}

/** Everybody linked to whom it shall be linked to, but nobody to the lost ones. */
function networkOf(everybody: readonly string[], lost: readonly string[]): Map<string, string[]> {
  const rest = everybody.filter((id) => !lost.includes(id));
  const links = rest.map((id) => [id, [...neighboursOf(everybody, id)]] as const);
  return new Map(links.map(([id, others]) => [id, others.filter((other) => !lost.includes(other))]));
}

describe("whom one is linked to", () => {
  test("up to eight participants, everybody is linked to everybody", () => {
    const everybody = ids(FULL_MESH);
    for (const id of everybody) expect(neighboursOf(everybody, id).size).toBe(FULL_MESH - 1);
  });

  test("of nine and more each has four neighbours, and both sides want each link", () => {
    for (let n = FULL_MESH + 1; n <= 50; n += 1) {
      const everybody = ids(n);
      for (const id of everybody) {
        const wanted = [...neighboursOf(everybody, id)];
        expect(wanted).toHaveLength(4);
        expect(wanted.every((other) => neighboursOf(everybody, other).has(id))).toBe(true);
      }
    }
  });

  test("whichever two of 9 to 50 are lost, the rest stays connected", () => {
    for (let n = FULL_MESH + 1; n <= 50; n += 1) {
      const everybody = ids(n);
      for (const [at, one] of everybody.entries())
        for (const other of everybody.slice(at + 1)) {
          const rest = mutualEdges(networkOf(everybody, [one, other]));
          const [first = ""] = rest.keys();
          if (treeOf(rest, first).size !== n - 2) expect.fail(`${String(n)} without ${one} and ${other}`);
        }
    }
  });
});

describe("a graph", () => {
  const graph = mutualEdges(
    new Map([
      ["a", ["b", "c"]],
      ["b", ["a", "d"]],
      ["c", ["a", "d", "x"]],
      ["d", ["b", "c", "e"]],
      ["e", []],
    ]),
  );

  test("has no edge that only one end lists", () => {
    expect([graph.get("d"), graph.get("c")]).toEqual([new Set(["b", "c"]), new Set(["a", "d"])]);
  });

  test("has the same tree for everybody", () => {
    expect([...treeOf(graph, "a")]).toEqual([
      ["a", null],
      ["b", "a"],
      ["c", "a"],
      ["d", "b"],
    ]);
  });

  test("has another path when somebody is to be avoided, and none through everybody", () => {
    expect(pathBetween(graph, "a", "d", new Set())).toEqual(["a", "b", "d"]);
    expect(pathBetween(graph, "a", "d", new Set(["b"]))).toEqual(["a", "c", "d"]);
    expect(pathBetween(graph, "a", "d", new Set(["b", "c"]))).toBeNull();
    expect(pathBetween(graph, "a", "e", new Set())).toBeNull();
  });
});
