import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FIRST_WANTS,
  affordable,
  plan,
  type LinkPlan,
  type PlanInput,
  type Wants,
} from "../../src/media/plan";
import type { Thrift } from "../../src/media";

const HD = { width: 1280, height: 720 };
const LARGE = { width: 1280, height: 720 };
const TILE = { width: 640, height: 360 };
const SMALL = { width: 160, height: 90 };
const FULL_HD = { width: 1920, height: 1080 };

/** Bits per second that everything together may need, with what is around each packet of sound. */
function total(plans: ReadonlyMap<unknown, LinkPlan>): number {
  const sounds = (one: LinkPlan): number[] =>
    [one.microphone, one.screenSound].map(({ active, maxBitrate }) => (active ? maxBitrate + 24_000 : 0));
  const pictures = (one: LinkPlan): number[] =>
    [one.camera, one.screen].map(({ active, maxBitrate }) => (active ? maxBitrate : 0));
  return [...plans.values()].flatMap((one) => [...sounds(one), ...pictures(one)]).reduce((a, b) => a + b, 0);
}

type Scene = Partial<Omit<PlanInput<string>, "links">> & { readonly everybody?: Partial<Wants> };

/** A conference in which everybody else shows Alice in the same way. */
function alices({ everybody, ...scene }: Scene): PlanInput<string> {
  const participants = scene.participants ?? 4;
  const others = Array.from({ length: participants - 1 }, (_, i) => `person ${i}`);
  return {
    participants,
    thrift: "none",
    uplink: null,
    camera: HD,
    screen: null,
    screenSound: false,
    links: new Map(others.map((other) => [other, { camera: TILE, screen: null, ...everybody }])),
    ...scene,
  };
}

function toEach(scene: Scene): LinkPlan {
  const [first] = plan(alices(scene)).values();
  if (first === undefined) throw new Error("nobody is there");
  return first;
}

describe("a camera", () => {
  test.each([
    ["to one who shows it large", { participants: 2, everybody: { camera: LARGE } }, [1, 30, 1_515_000]],
    ["to one who shows it in a tile", { participants: 2 }, [2, 30, 500_000]],
    ["to one who shows it in a corner", { participants: 2, everybody: { camera: SMALL } }, [8, 30, 50_000]],
    ["to three, before the uplink is known", {}, [2, 30, 500_000]],
    ["to three at 10 Mbit/s", { uplink: 10_000_000 }, [2, 30, 500_000]],
    ["to three at 1 Mbit/s", { uplink: 1_000_000 }, [3, 30, 240_000]],
    ["to three at 500 kbit/s", { uplink: 500_000 }, [4, 15, 90_000]],
    ["to three at 300 kbit/s", { uplink: 300_000 }, [6, 15, 45_000]],
    ["to seven at 1 Mbit/s", { participants: 8, uplink: 1_000_000 }, [4, 15, 70_000]],
    ["with the data saver", { participants: 2, thrift: "saver" }, [4, 15, 100_000]],
  ] as const)("%s", (_, scene, [scaleResolutionDownBy, maxFramerate, maxBitrate]) => {
    expect(toEach(scene).camera).toEqual({
      active: true,
      scaleResolutionDownBy,
      maxFramerate,
      maxBitrate,
      priority: "low",
    });
  });

  test.each([
    ["which nobody looks at", { everybody: { camera: null } }],
    ["which is off", { camera: null }],
    ["for which too little is left beside the voices", { uplink: 200_000 }],
    ["of one who chose sound only", { thrift: "audio" }],
    ["of one of nine", { participants: 9, uplink: 50_000_000 }],
  ] as const)("%s is not sent", (_, scene) => {
    expect(toEach(scene)).toMatchObject({ camera: { active: false }, microphone: { active: true } });
  });

  test("is large for Bob, who pinned Alice, and small for the others", () => {
    const links = new Map([
      ["Bob", { camera: LARGE, screen: null }],
      ["Carol", { camera: SMALL, screen: null }],
      ["Dave", { camera: null, screen: null }],
    ]);
    const plans = plan({ ...alices({ uplink: 3_000_000 }), links });
    const scales = [...plans.values()].map(({ camera }) => camera.active && camera.scaleResolutionDownBy);
    expect(scales).toEqual([1, 8, false]);
  });

  test("what Carol does not need of the uplink, Bob has", () => {
    const links = new Map([
      ["Bob", { camera: TILE, screen: null }],
      ["Carol", { camera: SMALL, screen: null }],
    ]);
    const both = plan({ ...alices({ uplink: 700_000, participants: 3 }), links });
    const fair = plan(alices({ uplink: 700_000, participants: 3 }));
    expect(both.get("Bob")?.camera.maxBitrate).toBeGreaterThan(fair.get("person 0")?.camera.maxBitrate ?? 0);
  });

  test("of a phone held upright covers a tile that lies", () => {
    const phone = { width: 720, height: 1280 };
    expect(toEach({ participants: 2, camera: phone }).camera.scaleResolutionDownBy).toBe(1);
  });

  test("does not grow for a little more uplink, and keeps its size for a little less", () => {
    const small = plan(alices({ uplink: 780_000 }));
    const grown = (uplink: number): number | undefined =>
      plan(alices({ uplink }), small).get("person 0")?.camera.scaleResolutionDownBy;
    expect(small.get("person 0")?.camera.scaleResolutionDownBy).toBe(4);
    expect([plan(alices({ uplink: 850_000 })).get("person 0")?.camera.scaleResolutionDownBy]).toEqual([3]);
    expect([grown(850_000), grown(1_100_000), grown(700_000)]).toEqual([4, 3, 4]);
  });
});

describe("a voice", () => {
  test("comes before every picture, and is made smaller when there is little", () => {
    expect(toEach({ uplink: 1_000_000 }).microphone).toEqual({
      active: true,
      maxBitrate: 32_000,
      priority: "high",
    });
    expect(toEach({ uplink: 100_000 })).toMatchObject({
      microphone: { active: true, maxBitrate: 20_000 },
      camera: { active: false },
    });
  });
});

describe("a screen", () => {
  const shared = { screen: FULL_HD, everybody: { camera: SMALL, screen: FULL_HD } };

  test("is sent as large as it is shown, in few frames", () => {
    expect(toEach({ ...shared, participants: 2 }).screen).toEqual({
      active: true,
      scaleResolutionDownBy: 1,
      maxFramerate: 10,
      maxBitrate: 1_500_000,
      priority: "medium",
    });
  });

  test("keeps its letters when there is little, and is renewed less often", () => {
    const plans = toEach({ ...shared, uplink: 2_000_000 });
    expect(plans.screen).toMatchObject({ active: true, scaleResolutionDownBy: 1, maxFramerate: 2 });
    expect(plans.camera).toMatchObject({ active: true });
  });

  test("is sent by one who chose sound only, and above the number of people with a picture", () => {
    for (const scene of [{ thrift: "audio" }, { participants: 12, uplink: 20_000_000 }] as const)
      expect(toEach({ ...shared, ...scene })).toMatchObject({
        screen: { active: true },
        camera: { active: false },
      });
  });

  test("goes only to those who look at it, and so does its sound", () => {
    const links = new Map([
      ["Bob", { camera: SMALL, screen: FULL_HD }],
      ["Carol", { camera: SMALL, screen: null }],
    ]);
    const plans = plan({ ...alices({ screen: FULL_HD, screenSound: true }), links });
    const heard = [...plans.values()].map(({ screen, screenSound }) => [screen.active, screenSound.active]);
    expect(heard).toEqual([
      [true, true],
      [false, false],
    ]);
  });
});

describe("whatever happens", () => {
  const side = fc.integer({ min: 1, max: 16_384 });
  const size = fc.option(fc.record({ width: side, height: side }));
  const inputs = fc.record({
    participants: fc.integer({ min: 2, max: 16 }),
    thrift: fc.constantFrom<Thrift>("none", "saver", "audio"),
    uplink: fc.option(fc.integer({ min: 0, max: 20_000_000 })),
    camera: size,
    screen: size,
    screenSound: fc.boolean(),
    links: fc
      .array(fc.record({ camera: size, screen: size }), { maxLength: 15 })
      .map((wants) => new Map(wants.map((one, i) => [i, one]))),
  });

  test("voices are sent, and the rest stays within the uplink", () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const plans = plan(input);
        expect([...plans.keys()]).toEqual([...input.links.keys()]);
        const sounds = new Map(
          [...plans].map(([link, one]) => {
            expect(one.microphone.active).toBe(true);
            const off = { ...one.camera, active: false };
            return [link, { ...one, camera: off, screen: off }];
          }),
        );
        if (input.uplink !== null)
          expect(total(plans)).toBeLessThanOrEqual(Math.max(input.uplink, total(sounds)));
      }),
    );
  });

  test("an encoding is one that browsers take", () => {
    fc.assert(
      fc.property(inputs, inputs, (input, later) => {
        for (const one of plan(later, plan(input)).values())
          for (const { maxBitrate, scaleResolutionDownBy = 1, maxFramerate = 1 } of Object.values(one)) {
            expect(Number.isInteger(maxBitrate) && maxBitrate > 0).toBe(true);
            expect(scaleResolutionDownBy).toBeGreaterThanOrEqual(1);
            expect(maxFramerate).toBeGreaterThan(0);
          }
      }),
    );
  });
});

describe("what Alice asks of the others", () => {
  const wants = { camera: LARGE, screen: FULL_HD };

  test.each([
    ["is what she shows", "none", 4, wants],
    ["is small pictures with the data saver", "saver", 4, { ...wants, camera: { width: 320, height: 180 } }],
    ["is no picture but a screen with sound only", "audio", 4, { ...wants, camera: null }],
    ["is no camera above eight", "none", 9, { ...wants, camera: null }],
  ] as const)("%s", (_, thrift, participants, asked) => {
    expect(affordable(wants, { thrift, participants })).toEqual(asked);
  });

  test("is not made larger by the data saver", () => {
    const small = { camera: SMALL, screen: null };
    expect(affordable(small, { thrift: "saver", participants: 2 })).toEqual(small);
  });

  test("is something small before a view has said anything", () => {
    expect(toEach({ participants: 2, everybody: FIRST_WANTS }).camera.scaleResolutionDownBy).toBe(4);
  });
});
