import { beforeEach, describe, expect, test } from "vitest";
import type { FakePeer } from "./support/fake-peer";
import { Party, type Guest } from "./support/party";

/** A link on which nothing is heard for so long counts as broken, and a moment for what is done about it, in ms. */
const NOTICED = 2500 + 1200;
const OLD = "link-1";
const FRESH = "fresh";

describe("nothing gets through between Alice and Bob, who called nobody else; their backends mail", () => {
  let party: Party;
  let alice: Guest;
  let bob: Guest;
  let broken: [FakePeer, FakePeer];
  let conference: string | null | undefined;

  const shown = ({ page, call }: Guest): unknown[] =>
    party.others({ page, call }).map(({ name, link, connection }) => [name, link, connection]);

  /** Bob answered the offer of a fresh link, and Alice has not heard of it. */
  async function answered(): Promise<void> {
    await alice.page.handle({ type: "MakeOffer", call: alice.call, link: FRESH });
    alice.page.peer.finishGathering();
    const description = alice.page.description(FRESH);
    await bob.page.handle({ type: "MakeAnswer", call: bob.call, link: FRESH, description });
    bob.page.peer.finishGathering();
    await bob.page.handle({
      type: "UseMedia",
      link: FRESH,
      video: true,
      hosts: false,
      conference: conference ?? null,
    });
  }

  /** A fresh link is made while the old one is broken, and opens. */
  async function linkedAnew(): Promise<void> {
    await party.mails("Alice", bob, FRESH);
    await party.lives(1000);
  }

  /** Everything goes on over this link, with one tile for each, in the same conference. */
  function allGoesOnOver(link: string): void {
    expect([shown(alice), shown(bob)]).toEqual([
      [["Bob", link, "connected"]],
      [["Alice", link, "connected"]],
    ]);
    expect([party.hears(alice), party.hears(bob)]).toEqual([["Bob"], ["Alice"]]);
    for (const { page, call } of [alice, bob]) {
      expect(page.session.conference(call)?.id).toBe(conference);
      expect(page.local.calls.filter((one) => one === "stop")).toEqual([]);
      expect([page.faults, page.removed]).toEqual([[], []]);
    }
  }

  beforeEach(async () => {
    party = await Party.of("Alice", "Bob");
    alice = party.guest("Alice");
    bob = party.guest("Bob");
    for (const { page } of [alice, bob]) page.local.turnCamera(true);
    await party.lives(1000);
    conference = alice.page.session.conference(alice.call)?.id;
    broken = party.ends("Alice", "Bob");
    party.net.wall(broken[0]);
    await party.lives(NOTICED);
  });

  test("both say that it is broken, and keep the other's place", () => {
    expect([alice, bob].map(({ page }) => page.states(OLD))).toEqual([
      ["Open", "Failing"],
      ["Open", "Failing"],
    ]);
    expect([shown(alice), shown(bob)]).toEqual([
      [["Bob", OLD, "reconnecting"]],
      [["Alice", OLD, "reconnecting"]],
    ]);
  });

  test("a fresh link changes nothing as long as it is not open", async () => {
    await answered();
    await party.lives(500);
    expect([shown(alice), shown(bob)]).toEqual([
      [["Bob", OLD, "reconnecting"]],
      [["Alice", OLD, "reconnecting"]],
    ]);
  });

  test("they see each other over the fresh link while the old one is still broken", async () => {
    await linkedAnew();
    allGoesOnOver(FRESH);
    expect([alice, bob].map(({ page }) => page.states(FRESH))).toEqual([["Open"], ["Open"]]);
    expect(broken.map(({ isClosed }) => isClosed)).toEqual([false, false]);
  });

  test("what one writes then the other reads", async () => {
    await linkedAnew();
    alice.page.session.room(alice.call)?.documents.say("There you are");
    await party.lives(500);
    const lines = bob.page.session.room(bob.call)?.documents.chat.map(({ text }) => text);
    expect(lines).toEqual(["There you are"]);
  });

  test("the old one is closed, first by Alice, and nothing changes", async () => {
    await linkedAnew();
    await alice.page.handle({ type: "CloseLink", link: OLD });
    await party.lives(4000);
    await bob.page.handle({ type: "CloseLink", link: OLD });
    await party.lives(2000);
    allGoesOnOver(FRESH);
    expect(broken.map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  test("the old one is lost before it is closed, and nothing changes", async () => {
    await linkedAnew();
    await party.lives(12_000);
    allGoesOnOver(FRESH);
    for (const { page } of [alice, bob]) await page.handle({ type: "CloseLink", link: OLD });
    await party.lives(61_000);
    allGoesOnOver(FRESH);
  });

  test("the old one comes back before it is closed, and nothing is left of it afterwards", async () => {
    await linkedAnew();
    party.net.heal(broken);
    await party.lives(1000);
    expect([party.hears(alice), party.hears(bob)]).toEqual([["Bob"], ["Alice"]]);
    await alice.page.handle({ type: "CloseLink", link: OLD });
    await party.lives(1500);
    allGoesOnOver(FRESH);
    await bob.page.handle({ type: "CloseLink", link: OLD });
    await party.lives(2000);
    allGoesOnOver(FRESH);
  });

  test("the old one comes back before the fresh one is open, which is closed, and nothing changes", async () => {
    await answered();
    party.net.heal(broken);
    await party.lives(1000);
    for (const { page } of [alice, bob]) await page.handle({ type: "CloseLink", link: FRESH });
    await party.lives(2000);
    allGoesOnOver(OLD);
    expect([alice, bob].map(({ page }) => page.states(OLD))).toEqual([
      ["Open", "Failing", "Open"],
      ["Open", "Failing", "Open"],
    ]);
  });
});

describe("three people; nothing reaches Carol any more, whose own call is with Alice", () => {
  let party: Party;

  /** Between whom nothing gets through any more, one after the other. */
  async function cutOff(...pairs: [string, string][]): Promise<void> {
    const ends = pairs.map(([one, another]) => party.ends(one, another)[0]);
    for (const end of ends) {
      party.net.wall(end);
      await party.lives(1000);
    }
  }

  beforeEach(async () => {
    party = await Party.of("Alice", "Bob", "Carol");
    await party.lives(3000);
  });

  test.each([
    ["Alice", "Bob"],
    ["Bob", "Alice"],
  ])("%s notices before %s, and both ends of the call say soon that it is broken", async (first, second) => {
    await cutOff(["Carol", first], ["Carol", second]);
    await party.lives(4000);
    for (const name of ["Alice", "Carol"])
      expect([name, party.page(name).states("link-2")]).toEqual([name, ["Open", "Failing"]]);
  });

  test("a fresh link of her call brings her back, and nobody takes the old one for open", async () => {
    await cutOff(["Alice", "Carol"], ["Bob", "Carol"]);
    await party.lives(15_000);
    await party.mails("Alice", party.guest("Carol"), FRESH);
    await party.lives(3000);
    expect(party.hears(party.guest("Carol"))).toContain("Alice");
    for (const page of [party.page("Alice"), party.page("Carol")]) {
      expect(page.states("link-2").at(-1)).toBe("Lost");
      expect(page.states(FRESH)).toEqual(["Open"]);
    }
  });
});
