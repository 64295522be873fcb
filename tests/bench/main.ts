/** What `cargo xtask bench` runs: `[--only PREFIX] [--calls N]`. */
import { parseArgs } from "node:util";

import { type Report, passes } from "./figures.ts";
import { PARTS } from "./parts.ts";
import { mergeReport, readReport, reportFile, say, table } from "./report.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "" }, calls: { type: "string", default: "20" } },
});
const rounds = Number(values.calls);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--calls wants a number");

const wanted = PARTS.filter(({ keys }) => keys.some((key) => key.startsWith(values.only)));
if (wanted.length === 0) throw new Error(`no key begins with ${values.only}`);

let report: Report = await readReport();
let failed = 0;
for (const part of wanted) {
  say(`--- ${part.keys.join(", ")}`);
  const began = performance.now();
  try {
    report = await mergeReport(await part.measure(rounds));
  } catch (error) {
    // The other parts are worth having all the same.
    failed += 1;
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  say(`(${((performance.now() - began) / 1000).toFixed(0)} s)`);
}

const keys = wanted.flatMap((part) => part.keys);
say(`\n${table(report, keys)}\n\n${reportFile}`);
const missed = keys.filter((key) => passes(key, report) === false);
if (missed.length > 0) say(`missed: ${missed.join(", ")}`);
process.exitCode = failed > 0 ? 1 : 0;
