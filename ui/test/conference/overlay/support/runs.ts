import { describe, expect, test } from "vitest";
import { play, runOf } from "./run";

/** How many random lives of conferences there are in all; `MAILCALL_RUNS` says otherwise. */
const RUNS = Number(process.env["MAILCALL_RUNS"] ?? 1000);
/** So many are one test. */
const BATCH = 25;

/** One of several parts of all runs, for a test file of its own. */
export function randomRuns(part: number, parts: number): void {
  const seeds = Array.from({ length: RUNS }, (_, at) => at + 1).filter(
    (seed) => seed % parts === part % parts,
  );
  describe(`random lives of conferences, part ${String(part)}`, () => {
    for (let at = 0; at < seeds.length; at += BATCH) {
      const batch = seeds.slice(at, at + BATCH);
      test(
        `end in agreement, with nothing forged and nobody evicted (seeds ${String(batch[0])} to ${String(batch.at(-1))})`,
        // Their time is virtual; how long they take depends on what else the machine does.
        { timeout: 900_000 },
        async () => {
          for (const seed of batch)
            expect(await play(runOf(seed)).then(({ wrong }) => ({ seed, wrong }))).toEqual({
              seed,
              wrong: [],
            });
        },
      );
    }
  });
}
