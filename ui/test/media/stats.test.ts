import { describe, expect, test } from "vitest";
import { QualityMeter, firstDecoded } from "../../src/media";
import { VirtualClock, settle } from "../conference/support/clock";

type Figures = Partial<
  Record<
    | ("packets" | "lost" | "bytes" | "frames" | "dropped" | "rtt" | "sent")
    | ("voice" | "concealed" | "silent" | "samples" | "spoken" | "screen" | "all" | "available"),
    number
  >
> & {
  relayed?: boolean;
  limited?: "bandwidth" | "cpu";
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
      framesReceived: figures.frames ?? 0,
      framesDropped: figures.dropped ?? 0,
      frameWidth: 640,
      frameHeight: 360,
    },
    {
      id: "in screen",
      type: "inbound-rtp",
      kind: "video",
      codecId: "codec",
      bytesReceived: figures.screen ?? 0,
      frameWidth: 1920,
      frameHeight: 1080,
    },
    {
      id: "in voice",
      type: "inbound-rtp",
      kind: "audio",
      codecId: "opus",
      bytesReceived: figures.voice ?? 0,
      concealedSamples: figures.concealed ?? 0,
      silentConcealedSamples: figures.silent ?? 0,
      totalSamplesReceived: figures.samples ?? 0,
    },
    {
      id: "out",
      type: "outbound-rtp",
      kind: "video",
      bytesSent: figures.sent ?? 0,
      qualityLimitationReason: figures.limited ?? "none",
    },
    { id: "out voice", type: "outbound-rtp", kind: "audio", bytesSent: figures.spoken ?? 0 },
    { id: "far", type: "remote-inbound-rtp", kind: "video", fractionLost: 0.01, roundTripTime: 0.05 },
    { id: "far voice", type: "remote-inbound-rtp", kind: "audio", fractionLost: 0.02 },
    { id: "opus", type: "codec", mimeType: "audio/opus" },
    { id: "codec", type: "codec", mimeType: "video/VP8" },
    {
      id: "pair",
      type: "candidate-pair",
      selected: figures.firefox,
      localCandidateId: "local",
      remoteCandidateId: "remote",
      currentRoundTripTime: figures.rtt ?? 0.02,
      availableOutgoingBitrate: figures.available,
      bytesReceived: figures.all ?? 0,
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
      audioCodec: "opus",
      audioReceived: 0,
      audioSent: 0,
      concealed: null,
    });
  });

  test.each([
    ["nothing arrives", { packets: 0 }, "poor"],
    ["loss", { packets: 97, lost: 3, bytes: 1000 }, "fair"],
    ["loss", { packets: 90, lost: 10, bytes: 1000 }, "poor"],
    ["delay", { packets: 100, bytes: 1000, rtt: 0.4 }, "fair"],
    ["delay", { packets: 100, bytes: 1000, rtt: 0.7 }, "poor"],
    ["bandwidth", { packets: 100, bytes: 1000, limited: "bandwidth" }, "fair"],
    ["cpu", { packets: 100, bytes: 1000, limited: "cpu" }, "fair"],
    ["cpu", { packets: 90, lost: 10, bytes: 1000, limited: "cpu" }, "poor"],
    ["cpu", { packets: 100, bytes: 1000, frames: 60, dropped: 20 }, "fair"],
    ["cpu", { packets: 100, bytes: 1000, frames: 60, dropped: 40, rtt: 0.7 }, "poor"],
    ["loss", { packets: 90, lost: 10, bytes: 1000, frames: 60, dropped: 40 }, "poor"],
  ] as const)("%s makes it worse", (reason, figures, grade) => {
    expect(between(figures)).toMatchObject({ grade, reason });
  });

  test("one dropped picture of a few says nothing", () => {
    expect(between({ packets: 100, bytes: 1000, frames: 3, dropped: 2 }).grade).toBe("good");
  });

  test("somebody who says and shows nothing is there all the same, as long as there are signs of life", () => {
    expect(between({ all: 200 })).toMatchObject({ grade: "good", received: 0 });
  });

  test("the sound has figures of its own, and a pause is no sound made up", () => {
    const first = { voice: 1000, bytes: 50_000, spoken: 500, sent: 5000, samples: 1000, concealed: 400 };
    const second = {
      voice: 9000,
      bytes: 90_000,
      spoken: 4500,
      sent: 90_000,
      samples: 97_000,
      concealed: 5200,
      silent: 2400,
    };
    const { received, sent, ...rest } = between(second, first);
    expect([received, sent]).toEqual([192_000, 356_000]);
    expect(rest).toMatchObject({ audioReceived: 32_000, audioSent: 16_000, concealed: 0.025 });
  });

  test("of a camera and a screen the one of which more comes is described", () => {
    const first = { screen: 5_000_000, bytes: 1000 };
    expect(between({ screen: 5_000_100, bytes: 9000 }, first)).toMatchObject({ width: 640, height: 360 });
    expect(between({ screen: 5_900_000, bytes: 9000 }, first)).toMatchObject({ width: 1920, height: 1080 });
  });

  test("the way out is told as the browser and the other side see it", () => {
    const meter = new QualityMeter();
    meter.take(report(0));
    meter.take(report(1000, { sent: 20_000, spoken: 5000, available: 300_000, limited: "bandwidth" }));
    expect(meter.load).toEqual({
      available: 300_000,
      sent: 200_000,
      limited: true,
      busy: false,
      loss: 0.02,
      roundTrip: 50,
    });
    meter.take(report(2000, { firefox: true }));
    expect(meter.load).toMatchObject({ available: null, sent: 0, limited: false });
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
