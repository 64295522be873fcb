/** A figure of `RTCStats`, of which browsers leave out some. */
export type Stat = RTCStats & Readonly<Record<string, unknown>>;

export function statsOf(report: RTCStatsReport): Stat[] {
  const stats: Stat[] = [];
  report.forEach((stat: Stat) => stats.push(stat));
  return stats;
}

export function sum(stats: readonly Stat[], field: string): number {
  return stats.reduce((total, stat) => total + (number(stat, field) ?? 0), 0);
}

export function number(stat: Stat | undefined, field: string): number | null {
  const value = stat?.[field];
  return typeof value === "number" ? value : null;
}

export function text(stat: Stat | undefined, field: string): string | null {
  const value = stat?.[field];
  return typeof value === "string" ? value : null;
}

/** The pair of candidates that everything of a link goes over. */
export function selectedPair(stats: readonly Stat[]): Stat | undefined {
  const transport = stats.find(({ type }) => type === "transport");
  const id = transport?.["selectedCandidatePairId"];
  const pairs = stats.filter(({ type }) => type === "candidate-pair");
  // Firefox has no transport statistics and marks the pair instead.
  return pairs.find((pair) => pair.id === id) ?? pairs.find((pair) => pair["selected"] === true);
}

export function pathOf(stats: readonly Stat[], pair: Stat | undefined): "direct" | "relayed" | "unknown" {
  if (pair === undefined) return "unknown";
  const ends = [pair["localCandidateId"], pair["remoteCandidateId"]];
  const isRelayed = stats.some((stat) => ends.includes(stat.id) && stat["candidateType"] === "relay");
  return isRelayed ? "relayed" : "direct";
}

/** The name of the codec of a stream, for example `VP8`. */
export function codecOf(stats: readonly Stat[], stream: Stat | undefined): string | null {
  const codec = stats.find(({ id }) => id === stream?.["codecId"]);
  return text(codec, "mimeType")?.replace(/^\w+\//, "") ?? null;
}

/** How much a figure that only grows grew since the last look, per stream; streams come and go. */
export class Growth {
  #last = new Map<string, number>();

  /** Of a stream that was not there before everything is growth. */
  of(stats: readonly Stat[], field: string): Map<Stat, number> {
    const now = new Map(stats.map((stat) => [stat.id, number(stat, field) ?? 0]));
    const grown = new Map(
      stats.map((stat) => [stat, Math.max(0, (now.get(stat.id) ?? 0) - (this.#last.get(stat.id) ?? 0))]),
    );
    this.#last = now;
    return grown;
  }
}
