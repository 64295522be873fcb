import { beforeEach, describe, expect, test } from "vitest";
import type { FakePeer } from "./support/fake-peer";
import { Party } from "./support/party";

/** A link on which nothing is heard for so long counts as broken, and a moment for what is done about it, in ms. */
const NOTICED = 2500 + 200;

describe("three people; nothing gets through between Bob and Carol any more, where another way is free", () => {
  let party: Party;
  let bobs: FakePeer;
  let carols: FakePeer;

  beforeEach(async () => {
    party = await Party.of("Alice", "Bob", "Carol");
    party.page("Bob").local.turnCamera(true);
    party.page("Carol").local.turnCamera(true);
    await party.lives(3000);
    [bobs, carols] = party.ends("Bob", "Carol");
    party.net.cut(bobs);
  });

  test("the link goes another way as soon as one of them notices, also while the other does not", async () => {
    // Carol has heard of Bob later than he of her.
    await party.lives(NOTICED);
    expect([bobs.channel.held, carols.channel.held]).toEqual([null, null]);
    expect(party.ends("Bob", "Carol")).toEqual([bobs, carols]);
  });

  test("it is restarted once, though both notice", async () => {
    await party.lives(10_000);
    expect(bobs.restarts + carols.restarts).toBe(1);
  });

  test("it is restarted once, also if both notice within the same second", async () => {
    const restarted = (): FakePeer | undefined => [bobs, carols].find(({ restarts }) => restarts > 0);
    while (restarted() === undefined) await party.lives(20);
    restarted()?.channel.hear({ type: "restart" });
    await party.lives(10_000);
    expect(bobs.restarts + carols.restarts).toBe(1);
  });

  test.each(["Bob", "Carol"])(
    "it goes another way also if %s's network changes in that moment",
    async (name) => {
      party.page(name).session.networkChanged();
      await party.lives(100);
      const [changed, other] = name === "Bob" ? [bobs, carols] : [carols, bobs];
      changed.gather("host", "192.0.2.7", 5000);
      await party.lives(5000);
      expect([bobs.channel.held, carols.channel.held]).toEqual([null, null]);
      expect(party.ends("Bob", "Carol")).toEqual([bobs, carols]);
      expect(other.added).toContainEqual(
        expect.objectContaining({ candidate: expect.stringContaining("192.0.2.7") as string }),
      );
      await party.lives(10_000);
      expect(party.hears(party.guest("Bob"))).toEqual(["Alice", "Carol"]);
      expect(bobs.restarts + carols.restarts).toBe(1);
    },
  );

  test("both see each other as connected again, and Alice saw nothing of it", async () => {
    const seen = new Set<string>();
    const alice = party.guest("Alice");
    alice.page.session.subscribe(() => {
      for (const { connection } of party.others(alice)) seen.add(connection);
    });
    await party.lives(5000);
    expect(party.hears(party.guest("Bob"))).toEqual(["Alice", "Carol"]);
    expect(party.hears(party.guest("Carol"))).toEqual(["Alice", "Bob"]);
    expect([...seen].filter((connection) => connection !== "connected")).toEqual([]);
  });

  test("pictures begin anew on the way that was found, and nowhere else", async () => {
    const pictures = (peer: FakePeer): unknown[] =>
      peer.transceivers[1]?.sender.told.map(({ active }) => active) ?? [];
    const [alices] = party.ends("Alice", "Bob");
    const before = [bobs, carols, alices].map((peer) => pictures(peer).length);
    await party.lives(5000);
    const told = [bobs, carols, alices].map((peer, i) => pictures(peer).slice(before[i]));
    expect(told.slice(0, 2)).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(told[2]).not.toContain(false);
  });
});

describe("the only address of one is replaced, so that nobody is left who could tell the others", () => {
  let party: Party;

  async function meet(...names: string[]): Promise<void> {
    party = await Party.of(...names);
    await party.lives(3000);
  }

  /** Until all are heard by all again, in ms. */
  async function silence(): Promise<number> {
    const names = party.guests.map(({ page }) => page.name);
    const isWhole = (name: string): boolean => {
      const others = names.filter((other) => other !== name);
      const ways = others.map((other) => party.between(party.guest(name), party.guest(other)));
      return (
        party.hears(party.guest(name)).length === others.length &&
        ways.every((ends) => ends.some(({ channel }) => channel.held === null))
      );
    };
    for (let ms = 0; ms < 20_000; ms += 100) {
      await party.lives(100);
      if (names.every(isWhole)) return ms;
    }
    return Infinity;
  }

  const restarts = (...ends: FakePeer[]): number => ends.reduce((sum, end) => sum + end.restarts, 0);

  test.each(["Alice", "Bob"])("of two people: %s is heard from the new one within 5 s", async (name) => {
    await meet("Alice", "Bob");
    const before = party.ends("Alice", "Bob");
    party.net.moves(party.page(name).peers);
    expect(await silence()).toBeLessThan(5000);
    expect(party.ends("Alice", "Bob")).toEqual(before);
  });

  test.each(["Alice", "Bob", "Carol"])(
    "of three people: %s is heard by both within 5 s, on the same links",
    async (name) => {
      await meet("Alice", "Bob", "Carol");
      const others = ["Alice", "Bob", "Carol"].filter((other) => other !== name);
      const before = others.map((other) => party.ends(name, other));
      party.net.moves(party.page(name).peers);
      expect(await silence()).toBeLessThan(5000);
      expect(others.map((other) => party.ends(name, other))).toEqual(before);
    },
  );

  test.each(["Alice", "Bob"])("%s's page hears of it: then it takes half of that time", async (name) => {
    await meet("Alice", "Bob");
    party.net.moves(party.page(name).peers);
    party.page(name).session.networkChanged();
    expect(await silence()).toBeLessThan(3000);
  });

  test("where nobody but Bob moved, it is his restart that counts, and there is no other", async () => {
    await meet("Alice", "Bob");
    const [alices, bobs] = party.ends("Alice", "Bob");
    party.net.moves(party.page("Bob").peers);
    party.page("Bob").session.networkChanged();
    await party.lives(10_000);
    expect([restarts(alices), restarts(bobs)]).toEqual([0, 1]);
  });

  test("it happens twice: the next restart was agreed meanwhile", async () => {
    await meet("Alice", "Bob");
    for (const name of ["Bob", "Alice"]) {
      party.net.moves(party.page(name).peers);
      expect(await silence()).toBeLessThan(5000);
      await party.lives(5000);
    }
  });
});

describe("Carol has another address, and no router lets it in; a fresh link with Alice comes by mail", () => {
  async function carolMoves(...names: string[]): Promise<Party> {
    const party = await Party.of(...names);
    await party.lives(3000);
    party.net.isGuarded = true;
    party.net.moves(party.page("Carol").peers);
    return party;
  }

  async function backByMailAfter(ms: number): Promise<Party> {
    const party = await carolMoves("Alice", "Bob", "Carol");
    await party.lives(ms);
    await party.mails("Alice", party.guest("Carol"), "fresh");
    return party;
  }

  function expectLinked(party: Party): void {
    expect(party.hears(party.guest("Carol"))).toEqual(["Alice", "Bob"]);
    expect(party.hears(party.guest("Bob"))).toEqual(["Alice", "Carol"]);
    expect(party.guests.flatMap(({ page }) => page.faults)).toEqual([]);
  }

  test.each([4000, 8000, 12_000, 14_000, 16_000, 30_000])(
    "%i ms later: Bob hears her as soon as Alice does, at most 2 s later",
    async (ms) => {
      const party = await backByMailAfter(ms);
      await party.lives(2000);
      expectLinked(party);
    },
  );

  test.each([
    [["Alice", "Bob", "Carol"], 11_600],
    [["Alice", "Carol", "Bob"], 11_600],
    [["Alice", "Carol", "Bob"], 11_700],
  ])(
    "her link with Bob is lost at one end, and at the other not yet: he hears her all the same (%s, %i)",
    async (names, ms) => {
      const party = await carolMoves(...names);
      party.slow(60);
      await party.lives(ms);
      await party.mails("Alice", party.guest("Carol"), "fresh");
      await party.lives(2000);
      expectLinked(party);
    },
  );

  test("her browser took the way for back once, and what she offered Bob then arrives when she has taken it back", async () => {
    const party = await carolMoves("Alice", "Carol", "Bob");
    const [, carols] = party.ends("Bob", "Carol");
    await party.lives(6000);
    carols.becomes("disconnected", "disconnected");
    carols.becomes("connected", "connected");
    await party.lives(4000);
    await party.mails("Alice", party.guest("Carol"), "fresh");
    await party.lives(2000);
    expectLinked(party);
  });

  test.each([12_000, 14_000, 16_000])(
    "Bob's browser took the way for back once, so that he gives up the old link later; %i ms: he hears her all the same",
    async (ms) => {
      const party = await carolMoves("Alice", "Bob", "Carol");
      party.slow(60);
      const [bobs] = party.ends("Bob", "Carol");
      await party.lives(6000);
      bobs.becomes("disconnected", "disconnected");
      bobs.becomes("connected", "connected");
      await party.lives(ms - 6000);
      await party.mails("Alice", party.guest("Carol"), "fresh");
      await party.lives(2000);
      expectLinked(party);
    },
  );
});
