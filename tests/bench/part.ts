import type { Report } from "./figures.ts";

/** One run of the bench, and the keys it measures. */
export interface Part {
  readonly keys: readonly string[];
  readonly measure: (rounds: number) => Promise<Report>;
}
