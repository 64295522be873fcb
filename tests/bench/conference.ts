import type { Report } from "./figures.ts";
import { fourFigures } from "./four.ts";
import type { Part } from "./part.ts";
import { syncFigure } from "./sync.ts";
import { Table } from "./table.ts";
import { SIZES, mergeFigure, messageFigures } from "./virtual.ts";

/** What is measured of conferences. Half as many rounds as of calls: each of them gathers four people. */
export const CONFERENCE_PARTS: readonly Part[] = [
  { keys: ["conference.merge_ms"], measure: mergeFigure },
  { keys: SIZES.map((size) => `conference.msgs_per_join_${size}`), measure: messageFigures },
  { keys: ["conference.sync_5k_lines_ms"], measure: (rounds) => syncFigure(half(rounds)) },
  {
    keys: [
      "conference.join_ms",
      "conference.leave_gap_ms",
      "conference.leave_gap_ms_before",
      "conference.mails_per_guest",
    ],
    measure: (rounds) => withTable(half(rounds)),
  },
];

async function withTable(rounds: number): Promise<Report> {
  const table = await Table.open("conference", rounds);
  try {
    return await fourFigures(table, rounds);
  } finally {
    await table.close();
  }
}

function half(rounds: number): number {
  return Math.ceil(rounds / 2);
}
