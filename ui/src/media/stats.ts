import type { Clock } from "../conference";
import { Growth, codecOf, number, pathOf, selectedPair, statsOf, sum, type Stat } from "./report";
import type { Quality } from "./types";
import type { LinkLoad } from "./uplink";

/** The thresholds of {@link Quality.grade}, from ITU-T G.114 (delay) and what Opus and VP8 conceal (loss). */
const FAIR = { roundTrip: 300, loss: 0.02, dropped: 0.2 };
const POOR = { roundTrip: 600, loss: 0.08, dropped: 0.5 };
/** With fewer pictures in an interval nothing is concluded from one that was dropped. */
const PICTURES = 10;

/** Of what figures grow from one look to the next. */
const INBOUND = [
  "bytesReceived",
  "packetsReceived",
  "packetsLost",
  "framesReceived",
  "framesDropped",
  "concealedSamples",
  "silentConcealedSamples",
  "totalSamplesReceived",
] as const;

/** Makes figures of a link's statistics; feed it about once in one or two seconds. */
export class QualityMeter {
  readonly #inbound = new Map(INBOUND.map((field) => [field, new Growth()]));
  readonly #sent = new Growth();
  readonly #pairSent = new Growth();
  readonly #pairReceived = new Growth();
  #at: number | null = null;
  #load: LinkLoad = {
    available: null,
    sent: 0,
    limited: false,
    busy: false,
    loss: null,
    roundTrip: null,
  };

  /** How the last report says the way out is. */
  get load(): LinkLoad {
    return this.#load;
  }

  take(report: RTCStatsReport): Quality {
    const stats = statsOf(report);
    const ofType = (type: string, kind?: string): Stat[] =>
      stats.filter((stat) => stat.type === type && (kind === undefined || stat["kind"] === kind));
    const inbound = ofType("inbound-rtp");
    const outbound = ofType("outbound-rtp");
    const pair = selectedPair(stats);
    const pairs = pair === undefined ? [] : [pair];

    const at = stats[0]?.timestamp ?? 0;
    const seconds = this.#at === null ? 0 : (at - this.#at) / 1000;
    this.#at = at;
    const rate = (bytes: number): number => (seconds > 0 ? Math.round((bytes * 8) / seconds) : 0);

    const grown = new Map([...this.#inbound].map(([field, growth]) => [field, growth.of(inbound, field)]));
    const growthOf = (field: (typeof INBOUND)[number], kind?: string): number =>
      total(grown.get(field), (stat) => kind === undefined || stat["kind"] === kind);
    const sent = this.#sent.of(outbound, "bytesSent");
    const pairSent = total(this.#pairSent.of(pairs, "bytesSent"));
    const arrived = growthOf("bytesReceived") + total(this.#pairReceived.of(pairs, "bytesReceived"));

    const [packets, lost] = [growthOf("packetsReceived"), growthOf("packetsLost")];
    const samples = growthOf("totalSamplesReceived");
    const concealed = growthOf("concealedSamples") - growthOf("silentConcealedSamples");
    const roundTrip = number(pair, "currentRoundTripTime");
    const picture = most(grown.get("bytesReceived"), "video");
    const figures = {
      path: pathOf(stats, pair),
      roundTrip: roundTrip === null ? null : Math.round(roundTrip * 1000),
      loss: seconds <= 0 || packets + lost <= 0 ? null : lost / (packets + lost),
      received: rate(growthOf("bytesReceived")),
      sent: rate(total(sent)),
      framesDecoded: sum(inbound, "framesDecoded"),
      videoCodec: codecOf(stats, picture),
      width: number(picture, "frameWidth"),
      height: number(picture, "frameHeight"),
      audioCodec: codecOf(stats, most(grown.get("bytesReceived"), "audio")),
      audioReceived: rate(growthOf("bytesReceived", "audio")),
      audioSent: rate(total(sent, (stat) => stat["kind"] === "audio")),
      concealed: seconds <= 0 || samples <= 0 ? null : Math.max(0, concealed) / samples,
    };

    const isLimited = (by: string): boolean =>
      outbound.some((stat) => stat["qualityLimitationReason"] === by && stat["active"] !== false);
    this.#load = {
      available: number(pair, "availableOutgoingBitrate"),
      sent: Math.max(rate(pairSent), figures.sent),
      limited: isLimited("bandwidth"),
      busy: isLimited("cpu"),
      ...remoteView(ofType("remote-inbound-rtp")),
    };
    const pictures = growthOf("framesReceived");
    return {
      ...figures,
      ...judge(figures, {
        isFirst: seconds <= 0,
        expects: inbound.length > 0,
        arrives: arrived > 0,
        isLimited: isLimited("bandwidth"),
        isBusy: isLimited("cpu"),
        dropped: pictures < PICTURES ? 0 : growthOf("framesDropped") / pictures,
      }),
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
    const inbound = statsOf(report).filter(({ type }) => type === "inbound-rtp");
    if (sum(inbound, "framesDecoded") > 0) return clock.now();
    await new Promise<void>((resolve) => clock.after(everyMs, resolve));
  }
}

interface Signs {
  readonly isFirst: boolean;
  /** Whether anything can come at all. */
  readonly expects: boolean;
  /** Whether anything came, if only a sign of life: somebody may have nothing to say and nothing to show. */
  readonly arrives: boolean;
  readonly isLimited: boolean;
  /** Whether this device cannot make pictures as fast as it should. */
  readonly isBusy: boolean;
  /** 0 to 1, of the pictures that arrived and were not shown. */
  readonly dropped: number;
}

function judge(
  figures: Pick<Quality, "roundTrip" | "loss">,
  { isFirst, expects, arrives, isLimited, isBusy, dropped }: Signs,
): Pick<Quality, "grade" | "reason"> {
  if (isFirst || !expects) return { grade: "unknown", reason: null };
  if (!arrives) return { grade: "poor", reason: "nothing arrives" };
  const loss = figures.loss ?? 0;
  const roundTrip = figures.roundTrip ?? 0;
  // A busy device answers late and drops packets, too: then the network is not to blame for it.
  if (isBusy || (dropped > FAIR.dropped && loss <= FAIR.loss)) {
    const isPoor = dropped > POOR.dropped || loss > POOR.loss || roundTrip > POOR.roundTrip;
    return { grade: isPoor ? "poor" : "fair", reason: "cpu" };
  }
  if (loss > POOR.loss) return { grade: "poor", reason: "loss" };
  if (roundTrip > POOR.roundTrip) return { grade: "poor", reason: "delay" };
  if (loss > FAIR.loss) return { grade: "fair", reason: "loss" };
  if (roundTrip > FAIR.roundTrip) return { grade: "fair", reason: "delay" };
  return isLimited ? { grade: "fair", reason: "bandwidth" } : { grade: "good", reason: null };
}

/** What the other side says of what it gets; the worst of its streams. */
function remoteView(stats: readonly Stat[]): Pick<LinkLoad, "loss" | "roundTrip"> {
  const worst = (field: string): number | null => {
    const values = stats.flatMap((stat) => number(stat, field) ?? []);
    return values.length === 0 ? null : Math.max(...values);
  };
  const seconds = worst("roundTripTime");
  return { loss: worst("fractionLost"), roundTrip: seconds === null ? null : seconds * 1000 };
}

function total(
  grown: ReadonlyMap<Stat, number> | undefined,
  fits: (stat: Stat) => boolean = () => true,
): number {
  let all = 0;
  for (const [stat, growth] of grown ?? []) if (fits(stat)) all += growth;
  return all;
}

/** The stream of a kind of which most came. */
function most(grown: ReadonlyMap<Stat, number> | undefined, kind: string): Stat | undefined {
  const ofKind = [...(grown ?? [])].filter(([stat]) => stat["kind"] === kind);
  return ofKind.sort(([, a], [, b]) => b - a)[0]?.[0];
}
