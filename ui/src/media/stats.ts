import type { Clock } from "../conference";
import type { Quality } from "./types";

/** The thresholds of {@link Quality.grade}, from ITU-T G.114 (delay) and what Opus and VP8 conceal (loss). */
const FAIR = { roundTrip: 300, loss: 0.02 };
const POOR = { roundTrip: 600, loss: 0.08 };

/** A figure of `RTCStats`, of which browsers leave out some. */
type Stat = RTCStats & Readonly<Record<string, unknown>>;

/** Makes figures of a link's statistics; feed it about once in two seconds. */
export class QualityMeter {
  #last: { at: number; received: number; sent: number; packets: number; lost: number } | null = null;

  take(report: RTCStatsReport): Quality {
    const stats: Stat[] = [];
    report.forEach((stat: Stat) => stats.push(stat));
    const inbound = stats.filter(({ type }) => type === "inbound-rtp");
    const outbound = stats.filter(({ type }) => type === "outbound-rtp");
    const video = inbound.find(({ kind }) => kind === "video");
    const pair = selectedPair(stats);
    const now = {
      at: stats[0]?.timestamp ?? 0,
      received: sum(inbound, "bytesReceived"),
      sent: sum(outbound, "bytesSent"),
      packets: sum(inbound, "packetsReceived"),
      lost: sum(inbound, "packetsLost"),
    };
    const last = this.#last;
    this.#last = now;
    const seconds = last === null ? 0 : (now.at - last.at) / 1000;
    const rate = (bytes: number): number =>
      seconds > 0 ? Math.max(0, Math.round((bytes * 8) / seconds)) : 0;
    const packets = now.packets - (last?.packets ?? 0);
    const lost = Math.max(0, now.lost - (last?.lost ?? 0));
    const roundTripS = number(pair, "currentRoundTripTime");
    const codec = stats.find(({ id }) => id === video?.["codecId"]);
    const figures = {
      path: pathOf(stats, pair),
      roundTrip: roundTripS === null ? null : Math.round(roundTripS * 1000),
      loss: last === null || packets + lost <= 0 ? null : lost / (packets + lost),
      received: rate(now.received - (last?.received ?? 0)),
      sent: rate(now.sent - (last?.sent ?? 0)),
      framesDecoded: number(video, "framesDecoded") ?? 0,
      videoCodec: text(codec, "mimeType")?.replace(/^video\//, "") ?? null,
      width: number(video, "frameWidth"),
      height: number(video, "frameHeight"),
    };
    const isLimited = outbound.some((stat) => stat["qualityLimitationReason"] === "bandwidth");
    return {
      ...figures,
      ...judge(figures, { isFirst: seconds <= 0, expects: inbound.length > 0, isLimited }),
    };
  }
}

/** When the next picture is shown, on the page's clock (`performance.now()`). */
export function nextFrame(video: HTMLVideoElement): Promise<number> {
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback((now) => resolve(now));
    else
      (video as HTMLVideoElement).addEventListener("timeupdate", () => resolve(performance.now()), {
        once: true,
      });
  });
}

/** When the first remote picture was decoded, also where none is shown; null if the link ended before. */
export async function firstDecoded(
  stats: () => Promise<RTCStatsReport | null>,
  clock: Clock,
  everyMs = 20,
): Promise<number | null> {
  for (;;) {
    const report = await stats();
    if (report === null) return null;
    let decoded = 0;
    report.forEach((stat: Stat) => {
      if (stat.type === "inbound-rtp") decoded += number(stat, "framesDecoded") ?? 0;
    });
    if (decoded > 0) return clock.now();
    await new Promise<void>((resolve) => clock.after(everyMs, resolve));
  }
}

function judge(
  figures: Pick<Quality, "roundTrip" | "loss" | "received">,
  { isFirst, expects, isLimited }: { isFirst: boolean; expects: boolean; isLimited: boolean },
): Pick<Quality, "grade" | "reason"> {
  if (isFirst || !expects) return { grade: "unknown", reason: null };
  if (figures.received === 0) return { grade: "poor", reason: "nothing arrives" };
  const loss = figures.loss ?? 0;
  const roundTrip = figures.roundTrip ?? 0;
  if (loss > POOR.loss) return { grade: "poor", reason: "loss" };
  if (roundTrip > POOR.roundTrip) return { grade: "poor", reason: "delay" };
  if (loss > FAIR.loss) return { grade: "fair", reason: "loss" };
  if (roundTrip > FAIR.roundTrip) return { grade: "fair", reason: "delay" };
  return isLimited ? { grade: "fair", reason: "bandwidth" } : { grade: "good", reason: null };
}

function selectedPair(stats: readonly Stat[]): Stat | undefined {
  const transport = stats.find(({ type }) => type === "transport");
  const id = transport?.["selectedCandidatePairId"];
  const pairs = stats.filter(({ type }) => type === "candidate-pair");
  // Firefox has no transport statistics and marks the pair instead.
  return pairs.find((pair) => pair.id === id) ?? pairs.find((pair) => pair["selected"] === true);
}

function pathOf(stats: readonly Stat[], pair: Stat | undefined): Quality["path"] {
  if (pair === undefined) return "unknown";
  const ends = [pair["localCandidateId"], pair["remoteCandidateId"]];
  const isRelayed = stats.some((stat) => ends.includes(stat.id) && stat["candidateType"] === "relay");
  return isRelayed ? "relayed" : "direct";
}

function sum(stats: readonly Stat[], field: string): number {
  return stats.reduce((total, stat) => total + (number(stat, field) ?? 0), 0);
}

function number(stat: Stat | undefined, field: string): number | null {
  const value = stat?.[field];
  return typeof value === "number" ? value : null;
}

function text(stat: Stat | undefined, field: string): string | null {
  const value = stat?.[field];
  return typeof value === "string" ? value : null;
}
