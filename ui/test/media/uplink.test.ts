import { describe, expect, test } from "vitest";
import { plan, type LinkPlan } from "../../src/media/plan";
import { Uplink, type LinkLoad } from "../../src/media/uplink";

const FINE: LinkLoad = {
  available: 400_000,
  sent: 200_000,
  limited: false,
  busy: false,
  loss: 0,
  roundTrip: 40,
};
const LIMITED: LinkLoad = {
  available: 250_000,
  sent: 240_000,
  limited: true,
  busy: false,
  loss: 0,
  roundTrip: 40,
};
const LOSING: LinkLoad = { ...FINE, loss: 0.2 };

/** One look after another, a second apart, each at three links. */
class Looks {
  readonly uplink = new Uplink();
  #now = 0;

  of(seconds: number, ...loads: readonly LinkLoad[]): number | null {
    const links = new Map(loads.map((load, i) => [i, load]));
    for (let i = 0; i < seconds; i += 1) {
      this.#now += 1000;
      this.uplink.take(links, this.#now);
    }
    return this.uplink.estimate;
  }
}

const three = (load: LinkLoad): LinkLoad[] => [load, load, load];

describe("the uplink", () => {
  test("is not known as long as nothing limits it", () => {
    expect(new Looks().of(60, ...three(FINE))).toBeNull();
  });

  test("is not what a browser can send in its first seconds", () => {
    const looks = new Looks();
    expect(looks.of(3, ...three({ ...LIMITED, available: 100_000 }))).toBeNull();
    expect(looks.of(5, ...three(LIMITED))).toBe(750_000);
  });

  test("is what all links may send together when all are limited, and falls fast", () => {
    const looks = new Looks();
    looks.of(10, ...three({ ...LIMITED, available: 1_000_000 }));
    expect(looks.of(4, ...three(LIMITED))).toBeLessThan(900_000);
  });

  test("rises slowly", () => {
    const looks = new Looks();
    looks.of(10, ...three(LIMITED));
    const rich = { ...FINE, available: 5_000_000, sent: 600_000 };
    expect(looks.of(1, ...three(rich))).toBe(810_000);
    expect(looks.of(10, ...three(rich))).toBeGreaterThan(1_500_000);
  });

  test("rises slowly beyond what was tried, where nobody measures more, and not far", () => {
    const looks = new Looks();
    looks.of(10, ...three(LIMITED));
    const idle = { ...FINE, available: null, sent: 180_000 };
    expect(looks.of(10, ...three(idle))).toBeLessThan(850_000);
    expect(looks.of(600, ...three(idle))).toBe(1_620_000);
  });

  test.each([
    ["lose packets", LOSING],
    ["wait behind a queue", { ...FINE, roundTrip: 400 }],
  ])("is too full when most links %s, also with a browser that measures nothing", (_, full) => {
    const looks = new Looks();
    const sent = { ...FINE, available: null };
    looks.of(5, ...three(sent));
    const most = [{ ...full, available: null }, { ...full, available: null }, sent];
    expect([looks.of(1, ...most), looks.of(1, ...most)]).toEqual([null, 510_000]);
  });

  test("is not to blame for one bad link", () => {
    const looks = new Looks();
    expect(looks.of(30, LOSING, FINE, FINE)).toBeNull();
    expect(looks.of(30, LIMITED, FINE, FINE)).toBeNull();
  });

  test("is cut once, until the cut can have worked", () => {
    const looks = new Looks();
    looks.of(5, ...three(FINE));
    expect([looks.of(2, ...three(LOSING)), looks.of(2, ...three(LOSING))]).toEqual([1_020_000, 1_020_000]);
    expect(looks.of(1, ...three(LOSING))).toBe(867_000);
  });

  test("does not break down when there was little to send just then", () => {
    const looks = new Looks();
    looks.of(5, ...three({ ...LIMITED, available: 500_000 }));
    const quiet = { ...LOSING, available: 30_000, sent: 20_000 };
    expect(looks.of(2, ...three(quiet))).toBe(900_000);
  });

  test("is not too full because this device is busy and answers late", () => {
    const looks = new Looks();
    looks.of(5, ...three(FINE));
    expect(looks.of(30, ...three({ ...FINE, roundTrip: 400, busy: true }))).toBeNull();
  });

  test("a longer path is not a queue for ever", () => {
    const looks = new Looks();
    looks.of(5, ...three(FINE));
    const far = three({ ...FINE, available: 5_000_000, sent: 1_000_000, roundTrip: 200 });
    looks.of(200, ...far);
    const before = looks.uplink.estimate ?? 0;
    expect(looks.of(60, ...far)).toBeGreaterThanOrEqual(before);
  });

  test("stays as it is while there is no link", () => {
    const looks = new Looks();
    looks.of(5, ...three(LIMITED));
    expect(looks.of(10)).toBe(750_000);
  });
});

describe("four people, and Alice has 1 Mbit/s up", () => {
  const CAPACITY = 1_000_000;
  const SECONDS = 180;
  const HEADERS = 24_000;

  /** A common way out with a queue, and three links whose browsers each look for their own share of it. */
  function played(measures: boolean): { planned: number[]; queue: number[]; plans: LinkPlan[] } {
    const uplink = new Uplink();
    const links = new Map(
      ["Bob", "Carol", "Dave"].map((name) => [name, { camera: { width: 640, height: 360 }, screen: null }]),
    );
    const input = {
      participants: 4,
      thrift: "none",
      camera: { width: 1280, height: 720 },
      screen: null,
      screenSound: false,
      links,
    } as const;
    let plans = plan({ ...input, uplink: null });
    let browsers = 300_000;
    let queued = 0;
    const [planned, queue]: [number[], number[]] = [[], []];
    for (let second = 1; second <= SECONDS; second += 1) {
      const caps = [...plans.values()].map(({ camera }) => (camera.active ? camera.maxBitrate : 0));
      const cameras = caps.map((cap) => Math.min(cap, browsers));
      const sent = cameras.map((camera) => camera + 32_000 + HEADERS);
      const all = sent.reduce((a, b) => a + b, 0);
      queued = Math.max(0, queued + all - CAPACITY);
      // Half a second of queue, then packets are lost.
      const lost = Math.max(0, queued - CAPACITY / 2);
      queued -= lost;
      const delay = (queued / CAPACITY) * 1000;
      // A browser steps back from a queue and goes up to twice its cap else.
      browsers = delay > 80 ? browsers * 0.85 : Math.min(browsers * 1.2, 2 * Math.max(...caps));
      const loads = sent.map((one, i): [number, LinkLoad] => [
        i,
        {
          available: measures ? browsers : null,
          sent: one,
          limited: measures && browsers < (caps[i] ?? 0),
          busy: false,
          loss: lost / all,
          roundTrip: 40 + delay,
        },
      ]);
      plans = plan({ ...input, uplink: uplink.take(new Map(loads), second * 1000) }, plans);
      planned.push(all);
      queue.push(delay);
    }
    return { planned, queue, plans: [...plans.values()] };
  }

  test.each([
    ["Chromium, which measures", true],
    ["Firefox, which does not", false],
  ])("with %s the queue is short almost always, and the pictures are small, not gone", (_, measures) => {
    const { planned, queue, plans } = played(measures);
    const settled = queue.slice(20);
    expect(settled.filter((delay) => delay > 100).length / settled.length).toBeLessThan(0.05);
    const used = planned.slice(20).reduce((a, b) => a + b, 0) / settled.length / CAPACITY;
    expect(used).toBeGreaterThan(0.6);
    for (const { camera, microphone } of plans) {
      expect([camera.active, microphone.maxBitrate]).toEqual([true, 32_000]);
      expect(camera.scaleResolutionDownBy).toBeGreaterThanOrEqual(3);
    }
  });
});
