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
