import { describe, expect, test } from "vitest";
import type { Encoding } from "../../src/media";
import { Sending } from "../../src/media/sending";
import { settle } from "../conference/support/clock";
import { FakeSender } from "./fakes";

const SMALL: Encoding = {
  active: true,
  maxBitrate: 100_000,
  priority: "low",
  scaleResolutionDownBy: 4,
  maxFramerate: 15,
};
const OFF: Encoding = { active: false, maxBitrate: 30_000, priority: "low" };

function alices(sender = new FakeSender()): { sender: FakeSender; sending: Sending; faults: unknown[] } {
  const faults: unknown[] = [];
  const sending = new Sending(sender as unknown as RTCRtpSender, (error) => faults.push(error));
  return { sender, sending, faults };
}

describe("a sender", () => {
  test("is told a plan once", async () => {
    const { sender, sending } = alices();
    for (let second = 0; second < 3; second += 1) {
      sending.apply(SMALL);
      await settle();
    }
    expect(sender.told).toEqual([SMALL]);
  });

  test.each([
    ["a little more", { maxBitrate: 109_000 }, 1],
    ["a little less", { maxBitrate: 98_000 }, 1],
    ["much more", { maxBitrate: 120_000 }, 2],
    ["less", { maxBitrate: 95_000 }, 2],
    ["another size", { scaleResolutionDownBy: 3 }, 2],
    ["other frames", { maxFramerate: 30 }, 2],
  ])("is told only what is news: %s", async (_, change, times) => {
    const { sender, sending } = alices();
    sending.apply(SMALL);
    await settle();
    sending.apply({ ...SMALL, ...change });
    await settle();
    expect(sender.told).toHaveLength(times);
  });

  test("creeps nowhere: many small changes are one large", async () => {
    const { sender, sending } = alices();
    for (let rate = 100_000; rate <= 150_000; rate += 5000) {
      sending.apply({ ...SMALL, maxBitrate: rate });
      await settle();
    }
    expect(sender.encoding.maxBitrate).toBeGreaterThan(135_000);
  });

  test("stops and begins again as it was", async () => {
    const { sender, sending } = alices();
    for (const encoding of [SMALL, OFF, { ...OFF, maxBitrate: 50_000 }, SMALL]) {
      sending.apply(encoding);
      await settle();
    }
    expect(sender.told.map(({ active }) => active)).toEqual([true, false, true]);
    expect(sender.told[1]?.maxBitrate).toBe(SMALL.maxBitrate);
  });

  test("is told one thing after another, and of those that waited the last", async () => {
    const { sender, sending } = alices();
    let finish = (): void => undefined;
    sender.gate = new Promise((resolve) => (finish = resolve));
    for (const scale of [1, 2, 3]) sending.apply({ ...SMALL, scaleResolutionDownBy: scale });
    expect(sender.atOnce).toBe(1);
    finish();
    await settle();
    expect(sender.told.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([1, 3]);
    expect(sender.atOnce).toBe(1);
  });

  test("that is not negotiated is told the next time", async () => {
    const { sender, sending, faults } = alices();
    sender.isNegotiated = false;
    sending.apply(SMALL);
    await settle();
    sender.isNegotiated = true;
    sending.apply(SMALL);
    await settle();
    expect([sender.told, faults]).toEqual([[SMALL], []]);
  });

  test("that refuses for now is told the next time, and any other refusal is no secret", async () => {
    const { sender, sending, faults } = alices();
    for (const refusal of ["InvalidStateError", "RangeError", null]) {
      sender.refusal = refusal;
      sending.apply(SMALL);
      await settle();
    }
    expect(sender.told).toEqual([SMALL]);
    expect(faults.map((error) => (error as Error).name)).toEqual(["RangeError"]);
  });

  test("that is to begin anew stops for a moment, and sends as before", async () => {
    const { sender, sending } = alices();
    sending.apply(SMALL);
    await settle();
    sending.begin();
    await settle();
    expect(sender.told).toEqual([SMALL, { ...SMALL, active: false }, SMALL]);
  });

  test("that sends nothing has nothing to begin anew", async () => {
    const { sender, sending } = alices();
    sending.apply(OFF);
    await settle();
    sending.begin();
    await settle();
    expect(sender.told).toHaveLength(1);
  });

  test("that was told to begin anew before it was negotiated does so with the plan", async () => {
    const { sender, sending, faults } = alices();
    sender.isNegotiated = false;
    sending.apply(SMALL);
    sending.begin();
    await settle();
    sender.isNegotiated = true;
    sending.apply(SMALL);
    await settle();
    expect([sender.encoding, faults]).toEqual([SMALL, []]);
  });
});
