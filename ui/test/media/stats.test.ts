import { describe, expect, test } from "vitest";
import { QualityMeter, firstDecoded } from "../../src/media";
import { VirtualClock, settle } from "../conference/support/clock";

type Figures = Partial<Record<"packets" | "lost" | "bytes" | "frames" | "rtt" | "sent", number>> & {
  relayed?: boolean;
  limited?: boolean;
  firefox?: boolean;
};

/** What a browser would say after so many milliseconds. */
function report(at: number, figures: Figures = {}): RTCStatsReport {
  const stats: Record<string, unknown>[] = [
    {
      id: "in",
      type: "inbound-rtp",
      kind: "video",
      codecId: "codec",
      packetsReceived: figures.packets ?? 0,
      packetsLost: figures.lost ?? 0,
      bytesReceived: figures.bytes ?? 0,
      framesDecoded: figures.frames ?? 0,
      frameWidth: 640,
      frameHeight: 360,
    },
    {
      id: "out",
      type: "outbound-rtp",
      kind: "video",
      bytesSent: figures.sent ?? 0,
      qualityLimitationReason: figures.limited ? "bandwidth" : "none",
    },
    { id: "codec", type: "codec", mimeType: "video/VP8" },
    {
      id: "pair",
      type: "candidate-pair",
      selected: figures.firefox,
      localCandidateId: "local",
      remoteCandidateId: "remote",
      currentRoundTripTime: figures.rtt ?? 0.02,
    },
    {
      id: "other",
      type: "candidate-pair",
      localCandidateId: "x",
      remoteCandidateId: "y",
      currentRoundTripTime: 9,
    },
    { id: "local", type: "local-candidate", candidateType: figures.relayed ? "relay" : "host" },
    { id: "remote", type: "remote-candidate", candidateType: "srflx" },
    ...(figures.firefox ? [] : [{ id: "transport", type: "transport", selectedCandidatePairId: "pair" }]),
  ];
  return new Map(stats.map((stat) => [stat["id"], { timestamp: at, ...stat }])) as unknown as RTCStatsReport;
}

describe("quality", () => {
  function between(second: Figures, first: Figures = {}): ReturnType<QualityMeter["take"]> {
    const meter = new QualityMeter();
    meter.take(report(0, first));
    return meter.take(report(2000, second));
  }

  test("one look says nothing about it yet", () => {
    expect(new QualityMeter().take(report(0, { bytes: 5000, packets: 10 }))).toMatchObject({
      grade: "unknown",
      loss: null,
    });
  });

  test("the figures are those of the last interval", () => {
    const first = { bytes: 1_000_000, packets: 1000, lost: 500, sent: 5000 };
    const second = { bytes: 1_250_000, packets: 1099, lost: 501, sent: 30_000, frames: 60, rtt: 0.0304 };
    expect(between(second, first)).toEqual({
      grade: "good",
      reason: null,
      path: "direct",
      roundTrip: 30,
      loss: 0.01,
      received: 1_000_000,
      sent: 100_000,
      framesDecoded: 60,
      videoCodec: "VP8",
      width: 640,
      height: 360,
    });
  });

  test.each([
    ["nothing arrives", { packets: 0 }, "poor"],
    ["loss", { packets: 97, lost: 3, bytes: 1000 }, "fair"],
    ["loss", { packets: 90, lost: 10, bytes: 1000 }, "poor"],
    ["delay", { packets: 100, bytes: 1000, rtt: 0.4 }, "fair"],
    ["delay", { packets: 100, bytes: 1000, rtt: 0.7 }, "poor"],
    ["bandwidth", { packets: 100, bytes: 1000, limited: true }, "fair"],
  ] as const)("%s makes it worse", (reason, figures, grade) => {
    expect(between(figures)).toMatchObject({ grade, reason });
  });

  test("a relay at either end is told, also by Firefox", () => {
    expect(between({ relayed: true }).path).toBe("relayed");
    expect(between({ relayed: true, firefox: true })).toMatchObject({ path: "relayed", roundTrip: 20 });
  });

  test("before anything is connected there is no figure", () => {
    const nothing = new QualityMeter().take(new Map());
    expect(nothing).toMatchObject({
      grade: "unknown",
      path: "unknown",
      roundTrip: null,
      received: 0,
      videoCodec: null,
    });
  });
});

describe("the first picture", () => {
  test("is noticed when a frame was decoded", async () => {
    const clock = new VirtualClock();
    let frames = 0;
    const first = firstDecoded(() => Promise.resolve(report(0, { frames })), clock);
    await settle();
    clock.advance(20);
    await settle();
    frames = 1;
    clock.advance(20);
    expect(await first).toBe(40);
  });

  test("is not waited for when the link has ended", async () => {
    expect(await firstDecoded(() => Promise.resolve(null), new VirtualClock())).toBeNull();
  });
});
