import { describe, expect, test, vi } from "vitest";
import { mergeMs, messagesPerJoin } from "./measure";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

async function medianOf(measure: (seed: number) => Promise<number>): Promise<number> {
  const all = await Promise.all([1, 2, 3].map(measure));
  return all.sort((a, b) => a - b)[1] ?? NaN;
}

describe("what the overlay costs", () => {
  test("two halves of twenty become one within three seconds", async () => {
    expect(await mergeMs(20)).toBeLessThanOrEqual(3000);
  });

  test("the messages for a join grow no faster than the number of people", async () => {
    const four = await medianOf((seed) => messagesPerJoin(4, seed));
    const sixteen = await medianOf((seed) => messagesPerJoin(16, seed));
    expect(sixteen / four).toBeLessThanOrEqual(16 / 4);
  });

  test("a join of a fiftieth costs each of the others no more than seven", async () => {
    expect(await messagesPerJoin(50)).toBeLessThanOrEqual(7 * 49);
  });
});
