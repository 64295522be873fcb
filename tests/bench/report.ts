import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { root } from "../harness/paths.ts";
import { type Figure, type Report, limit, passes } from "./figures.ts";

export const reportFile = join(root, "target", "bench", "report.json");

/** The report of the runs before; empty if there were none. */
export async function readReport(): Promise<Report> {
  try {
    return JSON.parse(await readFile(reportFile, "utf8")) as Report;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Puts new figures among the earlier ones, at once, so that a later part that fails loses none. */
export async function mergeReport(figures: Report): Promise<Report> {
  const all = { ...(await readReport()), ...figures };
  const sorted = Object.fromEntries(Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1)));
  await mkdir(dirname(reportFile), { recursive: true });
  await writeFile(`${reportFile}.new`, `${JSON.stringify(sorted, null, 2)}\n`);
  await rename(`${reportFile}.new`, reportFile);
  return sorted;
}

/** The figures of these keys beside what they must be. */
export function table(report: Report, keys: readonly string[]): string {
  const rows = keys.map((key) => {
    const verdict = { true: "ok", false: "MISSED", undefined: "" }[`${passes(key, report)}`];
    return [key, words(report[key]), limit(key, report)?.words ?? "stated", verdict];
  });
  const all = [["key", "measured", "must be", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return all.map((row) => line(row).trimEnd()).join("\n");
}

function words(value: Figure | undefined): string {
  if (value === undefined) return "not measured";
  if (typeof value === "number") return String(value);
  return `p50 ${value.p50}, p90 ${value.p90}, n ${value.n}`;
}

/** Tells whoever waits. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
