import { describe, expect, test, vi } from "vitest";
import type { DirectedLink } from "../../src/conference";
import { MediaDirector, SharedUplink, type Wants } from "../../src/media";
import { VirtualClock, settle } from "../conference/support/clock";
import { FakeSource } from "../conference/support/fake-source";
import { FakeSender } from "./fakes";

const TILE: Wants = { camera: { width: 640, height: 360 }, screen: null };

/** Somebody Alice is linked to, and what the statistics say of it. */
class Other implements DirectedLink {
  readonly fakes = {
    microphone: new FakeSender(),
    camera: new FakeSender(),
    screen: new FakeSender(),
    screenSound: new FakeSender(),
  };
  readonly senders = this.fakes as unknown as DirectedLink["senders"];
  wants: Wants | null = TILE;
  loudness = 0;
  /** Of the microphone's packets. */
  stamp = 0;
  isSilent = false;
  loss = 0;
  isGone = false;
  looks = 0;
  #received = 0;

  constructor(readonly participant: string) {}

  get key(): string {
    return this.participant;
  }

  readonly voice = {
    getSynchronizationSources: () => {
      if (!this.isSilent) this.stamp += 20;
      return [{ audioLevel: this.loudness, timestamp: this.stamp, rtpTimestamp: 0, source: 1 }];
    },
  };

  stats(): Promise<RTCStatsReport> {
    if (this.isGone) return Promise.reject(new DOMException("closed", "InvalidStateError"));
    this.looks += 1;
    this.#received += 100;
    const lost = this.#received * this.loss * 2;
    const stats = [
      { id: "in", type: "inbound-rtp", kind: "audio", packetsReceived: this.#received, packetsLost: lost },
      { id: "far", type: "remote-inbound-rtp", kind: "audio", fractionLost: this.loss, roundTripTime: 0.04 },
      { id: "out", type: "outbound-rtp", kind: "audio", bytesSent: this.looks * 12_500 },
      { id: "pair", type: "candidate-pair", selected: true, bytesReceived: this.#received },
    ];
    const report = new Map(stats.map((stat) => [stat.id, { timestamp: this.looks * 1000, ...stat }]));
    return Promise.resolve(report as unknown as RTCStatsReport);
  }
}

class Alice {
  readonly clock = new VirtualClock();
  readonly local = new FakeSource();
  readonly faults: unknown[] = [];
  others: Other[];
  changes = 0;
  readonly director: MediaDirector;

  constructor(names: readonly string[], uplink: SharedUplink) {
    this.others = names.map((name) => new Other(name));
    this.local.turnCamera(true);
    this.director = new MediaDirector({
      clock: this.clock,
      local: this.local,
      uplink: uplink.share(),
      links: () => this.others,
      participants: () => this.others.length + 1,
      changed: () => (this.changes += 1),
      fault: (error) => this.faults.push(error),
    });
  }

  async lives(seconds: number): Promise<void> {
    for (let passed = 0; passed < seconds * 1000; passed += 250) {
      this.clock.advance(250);
      await settle();
    }
  }

  other(name: string): Other {
    const other = this.others.find(({ participant }) => participant === name);
    if (other === undefined) throw new Error(`no ${name}`);
    return other;
  }
}

const aliceWith = (...names: string[]): Alice => new Alice(names, new SharedUplink());

const pictureFor = ({ fakes }: Other): unknown => fakes.camera.encoding.scaleResolutionDownBy;

describe("what Alice sends", () => {
  test("is what each of the others shows, from the first moment", async () => {
    const alice = aliceWith("Bob", "Carol");
    await settle();
    expect(alice.others.map(pictureFor)).toEqual([2, 2]);
    expect(alice.other("Bob").fakes.microphone.encoding.priority).toBe("high");
  });

  test("is small for somebody who has not said what it shows", async () => {
    const alice = aliceWith("Bob");
    alice.other("Bob").wants = null;
    await alice.lives(1);
    expect(pictureFor(alice.other("Bob"))).toBe(4);
  });

  test("is small on a link that has just begun and is not among them yet", async () => {
    const alice = aliceWith("Bob");
    const dave = new Other("Dave");
    alice.director.begin(dave.senders);
    await settle();
    expect([pictureFor(dave), dave.fakes.camera.encoding.active]).toEqual([4, true]);
  });

  test("begins anew for Bob, whose link was interrupted, and for nobody else", async () => {
    const alice = aliceWith("Bob", "Carol");
    await settle();
    alice.director.resume(alice.other("Bob"));
    await settle();
    const actives = alice.others.map(({ fakes }) => fakes.camera.told.map(({ active }) => active));
    expect(actives).toEqual([[true, false, true], [true]]);
  });

  test("follows at once when Bob shows it smaller, and stops when he does not look", async () => {
    const alice = aliceWith("Bob", "Carol");
    alice.other("Bob").wants = { camera: { width: 160, height: 90 }, screen: null };
    alice.director.replan();
    await settle();
    expect(alice.others.map(pictureFor)).toEqual([8, 2]);
    alice.other("Bob").wants = { camera: null, screen: null };
    alice.director.replan();
    await settle();
    expect(alice.others.map(({ fakes }) => fakes.camera.encoding.active)).toEqual([false, true]);
  });

  test("is a screen as soon as she shares one", async () => {
    const alice = aliceWith("Bob");
    alice.other("Bob").wants = { ...TILE, screen: { width: 1920, height: 1080 } };
    alice.director.replan();
    await settle();
    expect(alice.other("Bob").fakes.screen.encoding.active).toBe(false);
    alice.local.share(true);
    await settle();
    expect(alice.other("Bob").fakes.screen.encoding).toMatchObject({ active: true, priority: "medium" });
    expect(alice.other("Bob").fakes.screenSound.encoding.active).toBe(true);
  });

  test("becomes less when everybody loses packets, and is not changed every second", async () => {
    const alice = aliceWith("Bob", "Carol", "Dave");
    await alice.lives(3);
    const before = alice.others.map(({ fakes }) => fakes.camera.encoding.maxBitrate ?? 0);
    const told = alice.other("Bob").fakes.camera.told.length;
    await alice.lives(10);
    expect(alice.other("Bob").fakes.camera.told).toHaveLength(told);
    for (const other of alice.others) other.loss = 0.2;
    await alice.lives(3);
    alice.others.forEach(({ fakes }, i) =>
      expect(fakes.camera.encoding.maxBitrate).toBeLessThan((before[i] ?? 0) / 2),
    );
  });
});

describe("two conferences of Alice's at once", () => {
  const LARGE: Wants = { camera: { width: 1280, height: 720 }, screen: null };
  const rate = ({ fakes }: Other): number => fakes.camera.encoding.maxBitrate ?? 0;

  function alicesTwo(): [Alice, Alice] {
    const uplink = new SharedUplink();
    const two: [Alice, Alice] = [new Alice(["Bob"], uplink), new Alice(["Carol"], uplink)];
    for (const { others, director } of two) {
      for (const other of others) other.wants = LARGE;
      director.replan();
    }
    return two;
  }

  test("send no more than one with the same people", async () => {
    const one = aliceWith("Bob", "Carol");
    for (const other of one.others) other.wants = LARGE;
    await one.lives(1);
    const two = alicesTwo();
    for (const alice of two) await alice.lives(1);
    expect(two.flatMap(({ others }) => others.map(rate))).toEqual(one.others.map(rate));
  });

  test("have all of it for the other when one is over", async () => {
    const [withBob, withCarol] = alicesTwo();
    for (const alice of [withBob, withCarol]) await alice.lives(1);
    const before = rate(withCarol.other("Carol"));
    withBob.director.close();
    await withCarol.lives(1);
    expect(rate(withCarol.other("Carol"))).toBeGreaterThan(before * 1.5);
  });

  test("are both less when the common way out is too full", async () => {
    const two = alicesTwo();
    for (let second = 0; second < 3; second += 1) for (const alice of two) await alice.lives(1);
    const before = two.flatMap(({ others }) => others.map(rate));
    for (const { others } of two) for (const other of others) other.loss = 0.2;
    for (let second = 0; second < 4; second += 1) for (const alice of two) await alice.lives(1);
    two
      .flatMap(({ others }) => others.map(rate))
      .forEach((now, i) => expect(now).toBeLessThan((before[i] ?? 0) / 2));
  });
});

test("what Alice asks of the others is small with her data saver", () => {
  const alice = aliceWith("Bob");
  alice.local.thrift = "saver";
  expect(alice.director.affordable({ camera: { width: 1280, height: 720 }, screen: null })).toEqual({
    camera: { width: 320, height: 180 },
    screen: null,
  });
});

describe("who speaks", () => {
  test("is told when it changes, and only then", async () => {
    const alice = aliceWith("Bob", "Carol");
    await alice.lives(3);
    const before = alice.changes;
    alice.other("Carol").loudness = 0.2;
    await alice.lives(3);
    expect([alice.director.speaker, alice.changes - before]).toEqual(["Carol", 1]);
  });

  test("is not somebody whose last word was long ago", async () => {
    const alice = aliceWith("Bob", "Carol");
    Object.assign(alice.other("Carol"), { loudness: 0.5, isSilent: false });
    await alice.lives(2);
    alice.other("Carol").isSilent = true;
    await alice.lives(3);
    alice.other("Bob").loudness = 0.1;
    await alice.lives(1);
    expect(alice.director.speaker).toBe("Bob");
  });
});

test("where listening takes its time it is done rarely: the page stands still meanwhile", async () => {
  const alice = aliceWith("Bob");
  const now = alice.clock.now.bind(alice.clock);
  let listened = 0;
  vi.spyOn(alice.clock, "now").mockImplementation(() => now() + 100 * listened);
  vi.spyOn(alice.other("Bob").voice, "getSynchronizationSources").mockImplementation(() => {
    listened += 1;
    return [];
  });
  await alice.lives(10);
  expect(listened).toBe(5);
});

describe("how good Alice's connection is", () => {
  test("is not known before it was measured, and then told", async () => {
    const alice = aliceWith("Bob", "Carol", "Dave");
    expect(alice.director.grade).toBe("unknown");
    await alice.lives(3);
    expect([alice.director.grade, alice.changes]).toEqual(["good", 1]);
  });

  test("is not what is wrong with one of the others", async () => {
    const alice = aliceWith("Bob", "Carol", "Dave");
    alice.other("Bob").loss = 0.3;
    await alice.lives(3);
    expect(alice.director.quality("Bob")?.grade).toBe("poor");
    expect(alice.director.grade).toBe("good");
  });

  test("is bad when it is with most", async () => {
    const alice = aliceWith("Bob", "Carol", "Dave");
    for (const name of ["Bob", "Carol"]) alice.other(name).loss = 0.3;
    await alice.lives(3);
    expect(alice.director.grade).toBe("poor");
  });
});

describe("the director", () => {
  test("lives with a link that ends while it is measured", async () => {
    const alice = aliceWith("Bob", "Carol");
    alice.other("Bob").isGone = true;
    await alice.lives(3);
    expect([alice.director.quality("Bob"), alice.faults]).toEqual([null, []]);
    expect(alice.director.quality("Carol")?.grade).toBe("good");
  });

  test("does not look twice at the same time", async () => {
    const alice = aliceWith("Bob");
    const bob = alice.other("Bob");
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    let asked = 0;
    bob.stats = async () => {
      asked += 1;
      await gate;
      return new Map();
    };
    await alice.lives(5);
    expect(asked).toBe(1);
    answer();
    await alice.lives(2);
    expect(asked).toBeGreaterThan(1);
  });

  test("does nothing any more after it was closed, not even what it had begun", async () => {
    const alice = aliceWith("Bob");
    await alice.lives(2);
    const { fakes } = alice.other("Bob");
    alice.director.close();
    const told = fakes.camera.told.length;
    alice.other("Bob").wants = { camera: null, screen: null };
    alice.local.turnCamera(false);
    alice.director.replan();
    await alice.lives(3);
    expect([alice.clock.waiting, fakes.camera.told.length]).toEqual([0, told]);
  });
});
