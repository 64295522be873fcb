import { describe, expect, test } from "vitest";
import { makeRenewal, Signed } from "../../src/conference/overlay";
import { ring } from "./support/bench";
import type { FakePeer } from "./support/fake-peer";
import { Party } from "./support/party";

/** A link on which nothing is heard counts as broken, whoever was at its other end is missed, and is written to; in ms. */
const WRITTEN = 12_000;
/** Until a minute is over since somebody was missed. */
const MINUTE = 70_000;

/** Alice called them all, and has left. */
async function afterAlice(...names: string[]): Promise<Party> {
  const party = await Party.of("Alice", ...names);
  await party.leaves("Alice");
  for (const { page, call } of party.present)
    await page.handle({ type: "CloseLink", link: call.replace("call", "link") });
  await party.lives(15_000);
  return party;
}

function hearing(party: Party): Record<string, string[]> {
  return Object.fromEntries(party.present.map((guest) => [guest.page.name, party.hears(guest)]));
}

function shown(party: Party, name: string): string[] {
  return party.others(party.guest(name)).map(({ name: other, connection }) => `${other} ${connection}`);
}

/** How many further participants somebody's backend was told of last. */
function others(party: Party, name: string): number {
  const told = party.page(name).reports.filter((one) => one.type === "Conference");
  return told.at(-1)?.others ?? 0;
}

/** Nothing gets through between these and all others. */
function cutOff(party: Party, ...names: string[]): void {
  const isInside = (peer: FakePeer): boolean => names.some((name) => party.page(name).peers.includes(peer));
  party.net.split((one, another) => isInside(one) !== isInside(another));
}

describe("Alice called Bob and Carol and has left", () => {
  test("their link breaks for good: they find each other by two mails", async () => {
    const party = await afterAlice("Bob", "Carol");
    const [end] = party.ends("Bob", "Carol");
    party.net.wall(end);
    await party.lives(WRITTEN);
    expect(hearing(party)).toEqual({ Bob: ["Carol"], Carol: ["Bob"] });
    expect(party.letters).toBe(2);
    for (const { page } of party.guests) expect(page.faults).toEqual([]);
  });

  test("nothing gets through for 40 seconds: they meet as soon as something does", async () => {
    const party = await afterAlice("Bob", "Carol");
    cutOff(party, "Carol");
    await party.lives(40_000);
    expect(hearing(party)).toEqual({ Bob: [], Carol: [] });
    party.net.unite();
    await party.lives(2000);
    expect(hearing(party)).toEqual({ Bob: ["Carol"], Carol: ["Bob"] });
  });

  test("Bob, who is left alone, sees that Carol is missing, and his call goes on without a link", async () => {
    const party = await afterAlice("Bob", "Carol");
    cutOff(party, "Carol");
    await party.lives(50_000);
    expect(shown(party, "Bob")).toEqual(["Carol reconnecting"]);
    expect(others(party, "Bob")).toBe(1);
  });

  test("after a minute he waits for her no more", async () => {
    const party = await afterAlice("Bob", "Carol");
    cutOff(party, "Carol");
    await party.lives(MINUTE);
    expect(shown(party, "Bob")).toEqual([]);
    expect(others(party, "Bob")).toBe(0);
  });

  test("Carol hangs up: nobody looks for her", async () => {
    const party = await afterAlice("Bob", "Carol");
    await party.leaves("Carol");
    await party.lives(MINUTE);
    expect(party.letters).toBe(0);
  });

  test("Bob leaves while Carol is missing: he writes no more", async () => {
    const party = await afterAlice("Bob", "Carol");
    party.page("Carol").session.close();
    cutOff(party, "Carol");
    await party.lives(12_000);
    const bob = party.page("Bob");
    const before = [party.letters, bob.peers.length];
    await party.leaves("Bob");
    await party.lives(MINUTE);
    expect([party.letters, bob.peers.length]).toEqual(before);
  });

  test("Carol is in another network: she writes at once", async () => {
    const party = await afterAlice("Bob", "Carol");
    cutOff(party, "Carol");
    await party.lives(30_000);
    party.net.unite();
    cutOff(party, "Carol");
    await party.lives(40_000);
    const before = party.letters;
    party.page("Carol").session.networkChanged();
    party.page("Carol").peer.finishGathering();
    await party.lives(100);
    expect(party.letters).toBeGreaterThan(before);
  });
});

test("a conference of four falls into two parts: they are one again after a few mails", async () => {
  const party = await afterAlice("Bob", "Carol", "Dave", "Erin");
  cutOff(party, "Bob", "Carol");
  await party.lives(40_000);
  expect(hearing(party)).toEqual({ Bob: ["Carol"], Carol: ["Bob"], Dave: ["Erin"], Erin: ["Dave"] });
  party.net.unite();
  await party.lives(5000);
  expect(hearing(party)).toEqual({
    Bob: ["Carol", "Dave", "Erin"],
    Carol: ["Bob", "Dave", "Erin"],
    Dave: ["Bob", "Carol", "Erin"],
    Erin: ["Bob", "Carol", "Dave"],
  });
  expect(party.letters).toBeLessThanOrEqual(16);
});

test("Bob, the organiser, puts Carol out while nothing gets through to her: her letters lead nowhere", async () => {
  const party = await afterAlice("Bob", "Carol", "Dave");
  const [bob, carol] = [party.guest("Bob"), party.guest("Carol")];
  cutOff(party, "Carol");
  await party.lives(5000);
  bob.page.session.room(bob.call)?.remove(carol.page.session.conference(carol.call)?.own.id ?? "");
  await party.lives(15_000);
  party.net.unite();
  const before = bob.page.peers.length;
  await party.lives(60_000);
  expect(carol.page.reports.some(({ type }) => type === "Courier")).toBe(true);
  expect(bob.page.peers.length).toBe(before);
  expect([party.hears(bob), party.hears(carol)]).toEqual([["Dave"], []]);
});

test("Alice hangs up while nothing gets through to Carol, whom she called last: Bob hears it at once", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  cutOff(party, "Carol");
  await party.lives(1000);
  await party.leaves("Alice");
  expect(party.others(party.guest("Bob")).map(({ name }) => name)).toEqual(["Carol"]);
});

describe("Bob reloads his page while nothing gets through to Carol, and Alice, who took him back, leaves", () => {
  test.each([
    ["Bob saw her still when he came back", 1000],
    ["he never saw her again", 20_000],
  ])("they find each other by mail, under an id of which Carol has not heard (%s)", async (_, after) => {
    const party = await Party.of("Alice", "Bob", "Carol");
    cutOff(party, "Carol");
    await party.lives(after);
    await party.reloads("Bob", "Alice");
    await party.lives(1000);
    await party.leaves("Alice");
    await party.lives(10_000);
    party.net.unite();
    await party.lives(40_000);
    expect(hearing(party)).toEqual({ Bob: ["Carol"], Carol: ["Bob"] });
    for (const { page } of party.guests) expect(page.faults).toEqual([]);
  });
});

test("Dave came in while nothing got through to Carol, and Alice, who called him, is gone: Carol takes his letter", async () => {
  const party = await Party.of("Alice", "Carol");
  cutOff(party, "Carol");
  await party.invites("Alice", "Dave");
  await party.lives(1000);
  await party.leaves("Alice");
  await party.lives(10_000);
  party.net.unite();
  await party.lives(40_000);
  expect(hearing(party)).toEqual({ Carol: ["Dave"], Dave: ["Carol"] });
  for (const { page } of party.guests) expect(page.faults).toEqual([]);
});

test("between Alice and Bob, who called each other, the backends make a fresh link: nobody else writes", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  cutOff(party, "Bob");
  await party.lives(25_000);
  expect(party.letters).toBe(0);
});

test("and if they gave up, Carol or Alice finds Bob", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  cutOff(party, "Bob");
  await party.lives(50_000);
  party.net.unite();
  await party.lives(5000);
  expect(hearing(party)).toEqual({
    Alice: ["Bob", "Carol"],
    Bob: ["Alice", "Carol"],
    Carol: ["Alice", "Bob"],
  });
});

describe("what comes by mail", () => {
  /** Carol wrote to Bob when their link broke; also her letter. */
  async function found(): Promise<{ party: Party; letter: string }> {
    const party = await afterAlice("Bob", "Carol");
    const [end] = party.ends("Bob", "Carol");
    party.net.wall(end);
    await party.lives(WRITTEN);
    const letters = ["Bob", "Carol"].flatMap((name) =>
      party.page(name).reports.flatMap((one) => (one.type === "Courier" ? [one] : [])),
    );
    const offer = letters.find(({ text }) => text.includes("offer"));
    if (offer === undefined) throw new Error("nobody wrote");
    return { party, letter: offer.text };
  }

  async function take(party: Party, text: string): Promise<number> {
    const before = party.guests.flatMap(({ page }) => page.peers).length;
    for (const { page, call } of party.present) await page.handle({ type: "TakeCourier", call, text });
    await party.lives(3000);
    for (const { page } of party.present) expect(page.faults).toEqual([]);
    return party.guests.flatMap(({ page }) => page.peers).length - before;
  }

  test("again is not taken again, not even when the link it made is lost", async () => {
    const { party, letter } = await found();
    cutOff(party, "Carol");
    await party.lives(15_000);
    const before = party.letters;
    expect(await take(party, letter)).toBe(0);
    expect(party.letters).toBe(before);
  });

  test("altered is not taken", async () => {
    const { party, letter } = await found();
    cutOff(party, "Carol");
    await party.lives(15_000);
    const { key } = JSON.parse((JSON.parse(letter) as { body: string }).body) as { key: string };
    expect(await take(party, letter.replace(key, "f".repeat(32)))).toBe(0);
  });

  test("from somebody who was never let in is not taken", async () => {
    const { party, letter } = await found();
    cutOff(party, "Carol");
    await party.lives(15_000);
    const stranger = await ring.create();
    const { id } = party.page("Bob").session.conference(party.guest("Bob").call) ?? {};
    const said = JSON.parse((JSON.parse(letter) as { body: string }).body) as object;
    const { wire } = await Signed.make(stranger, id ?? "", { ...said, key: "e".repeat(32) });
    expect(await take(party, JSON.stringify(wire))).toBe(0);
  });

  test("from a stranger who hands itself a seat is not taken either", async () => {
    const { party, letter } = await found();
    cutOff(party, "Carol");
    await party.lives(15_000);
    const [stranger, another] = [await ring.create(), await ring.create()];
    const id = party.page("Bob").session.conference(party.guest("Bob").call)?.id ?? "";
    const said = JSON.parse((JSON.parse(letter) as { body: string }).body) as object;
    const row = [(await makeRenewal(stranger, another, id)).wire];
    const { wire } = await Signed.make(another, id, { ...said, key: "e".repeat(32), row });
    expect(await take(party, JSON.stringify(wire))).toBe(0);
  });

  test.each(["", "null", "[]", "{}", '{"key":1,"body":2,"sig":3}', "x".repeat(4096)])(
    "and is garbage is ignored: %#",
    async (text) => {
      const party = await afterAlice("Bob", "Carol");
      expect(await take(party, text)).toBe(0);
    },
  );
});
