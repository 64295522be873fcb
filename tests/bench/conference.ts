import type { Part } from "./part.ts";
import { syncFigure } from "./sync.ts";
import { SIZES, mergeFigure, messageFigures } from "./virtual.ts";

/** What is measured of conferences. Half as many rounds as of calls: each of them gathers four people. */
export const CONFERENCE_PARTS: readonly Part[] = [
  { keys: ["conference.merge_ms"], measure: mergeFigure },
  { keys: SIZES.map((size) => `conference.msgs_per_join_${size}`), measure: messageFigures },
  { keys: ["conference.sync_5k_lines_ms"], measure: (rounds) => syncFigure(half(rounds)) },
];

function half(rounds: number): number {
  return Math.ceil(rounds / 2);
}
