import { mergeMs, messagesPerJoin } from "../../ui/test/conference/overlay/measure.ts";
import { type Report, figure } from "./figures.ts";

/** How many of them are parted and meet again. */
const PARTED = 20;

/** The sizes at which the cost of one more is counted. */
export const SIZES = [4, 16, 50] as const;

/** Virtual time on the virtual network: another course of events for each seed, the same figure on every machine. */
export async function mergeFigure(rounds: number): Promise<Report> {
  return { "conference.merge_ms": figure(await forSeeds(rounds, (seed) => mergeMs(PARTED, seed))) };
}

export async function messageFigures(rounds: number): Promise<Report> {
  const figures: Report = {};
  for (const size of SIZES) {
    const sent = await forSeeds(rounds, (seed) => messagesPerJoin(size, seed));
    figures[`conference.msgs_per_join_${size}`] = figure(sent, 0);
  }
  return figures;
}

async function forSeeds(count: number, measure: (seed: number) => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let seed = 1; seed <= count; seed++) values.push(await measure(seed));
  return values;
}
