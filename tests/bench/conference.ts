import type { Report } from "./figures.ts";
import { fourFigures } from "./four.ts";
import type { Part } from "./part.ts";
import { processorFigures } from "./processor.ts";
import { repairFigures } from "./repair.ts";
import { syncFigure } from "./sync.ts";
import { Table } from "./table.ts";
import { SIZES, mergeFigure, messageFigures } from "./virtual.ts";
import { voiceFigures } from "./voices.ts";

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
  {
    keys: ["conference.repair_ms", "conference.repair_ms_worst"],
    measure: (rounds) => repairFigures(half(rounds)),
  },
  {
    keys: [
      "media.audio_concealed_pct_1mbit",
      "media.audio_concealed_pct_free",
      "media.picture_fps_1mbit",
      "media.picture_fps_free",
      "media.picture_lines_1mbit",
      "media.picture_lines_free",
    ],
    measure: (rounds) => voiceFigures(Math.ceil(rounds / 7)),
  },
  { keys: ["media.cpu_ratio_4"], measure: (rounds) => processorFigures(Math.ceil(rounds / 4)) },
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
