import { describe, expect, test, vi } from "vitest";
import { Signed, type Keys } from "../../../src/conference/overlay";
import type { Person } from "./support/person";
import { four, guest } from "./support/story";
import { CALM } from "./support/world";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

const WRITING = { ...CALM, documents: true };

/** An accomplice hands everybody what somebody wrote or stated who cannot do so any more. */
function relay(by: Person, replica: string, items: readonly object[]): void {
  const frame = JSON.stringify({ t: "items", groups: [{ replica, origin: by.id, items }] });
  for (const wire of by.wires.values()) wire.send(by, frame);
}

/** What somebody's own copy of the documents holds of its own feed, when its device does not end. */
async function goesOn(person: Person, text: string): Promise<object[]> {
  person.documents.say(text);
  person.documents.flush();
  await person.world.time.pass(100);
  return [...person.documents.replica.missing({})].filter(
    (item) => (item as { author?: unknown }).author === person.id,
  );
}

test("who was put out by Bob while it was away hears so from Carol alone, and believes that Bob is there", async () => {
  const { world, alice, bob, carol, dave } = await four();
  await alice.leave();
  await world.time.pass(2000);
  for (const one of [bob, dave]) one.answersMail = false;
  world.split([bob, carol], [dave]);
  await world.time.pass(60_000);
  bob.overlay.remove(dave.id);
  await world.time.pass(5000);
  world.heal();
  world.connect(carol, dave);
  await world.time.pass(5000);
  expect([bob.sees, carol.sees, dave.overlay.view.standing]).toEqual([["Carol"], ["Bob"], "removed"]);
});

describe("what somebody writes who was put out", () => {
  test("counts for nothing, though Bob passes it on, and what it wrote before stays", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    carol.documents.say("before");
    await world.time.pass(500);
    alice.overlay.remove(carol.id);
    await world.time.pass(100);
    relay(bob, "feeds", await goesOn(carol, "after"));
    await world.time.pass(5000);
    expect([alice.chat, dave.chat]).toEqual([["before"], ["before"]]);
  });

  test("is the same for whoever comes later, also from Bob alone", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    carol.documents.say("before");
    await world.time.pass(500);
    alice.overlay.remove(carol.id);
    await world.time.pass(100);
    const items = await goesOn(carol, "after");
    for (const item of items) await bob.documents.replica.take(item, carol.id);
    const erin = await guest(world, bob, "Erin");
    for (const item of items) await erin.documents.replica.take(item, bob.id);
    await world.time.pass(10_000);
    expect([alice, bob, dave, erin].map(({ chat }) => chat)).toEqual(Array(4).fill(["before"]));
    const digests = [alice, bob, dave, erin].map(({ documents }) => documents.replica.digest());
    expect(new Set(digests.map((one) => JSON.stringify(one))).size).toBe(1);
  });

  test("and is here already, because it came before the removal, goes away again", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    carol.documents.say("before");
    await world.time.pass(500);
    // Alice does not hear it.
    carol.onSend = (to, text) => (to === alice.id && text.includes("feeds") ? null : text);
    for (const person of [bob, dave])
      person.onSend = (to, text) =>
        to === alice.id && text.includes('"feeds"') && !text.includes("beat") ? null : text;
    carol.documents.say("meanwhile");
    await world.time.pass(500);
    bob.documents.say("an answer");
    await world.time.pass(2000);
    expect(dave.chat).toEqual(["before", "meanwhile", "an answer"]);
    alice.overlay.remove(carol.id);
    for (const person of [bob, carol, dave]) person.onSend = null;
    await world.time.pass(10_000);
    expect([alice, bob, dave].map(({ chat }) => chat)).toEqual(Array(3).fill(["before", "an answer"]));
    const sent = (): number =>
      alice.overlay.counters.sent + bob.overlay.counters.sent + dave.overlay.counters.sent;
    const before = sent();
    await world.time.pass(15_000);
    // Nothing but renewed entries: nobody takes the copies for different.
    expect(sent() - before).toBeLessThanOrEqual(6);
  });

  test("counts again when the removal is void", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    bob.documents.say("with Alice");
    dave.documents.say("without her");
    await world.time.pass(500);
    // Dave hears nothing more, so that he does not leave.
    carol.wires.get(dave.id)?.cut();
    carol.overlay.remove(dave.id);
    await world.time.pass(500);
    dave.documents.say("alone");
    world.heal();
    await world.time.pass(40_000);
    expect(dave.isIn).toBe(true);
    for (const { chat } of [alice, bob, carol, dave])
      expect([...chat].sort()).toEqual(["alone", "with Alice", "without her"]);
  });

  test("is nothing of whom it let in afterwards", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    alice.overlay.remove(carol.id);
    await world.time.pass(1000);
    const puppet = await world.uninvited("Puppet");
    const items = await goesOn(puppet, "hello from outside");
    relay(bob, "statements", [(await admission(carol.keys, bob, puppet.keys)).wire]);
    await world.time.pass(500);
    expect(dave.overlay.knows(puppet.id)).toBe(true);
    relay(bob, "feeds", items);
    await world.time.pass(5000);
    expect([alice.chat, dave.chat]).toEqual([[], []]);
  });
});

function admission(by: Keys, { overlay }: Person, of: Keys, rank = 9): Promise<Signed> {
  const body = { t: "admit", key: of.publicKey, rank, name: "Puppet", address: "" };
  return Signed.make(by, overlay.id, body);
}

describe("whom somebody let in who is put out", () => {
  /** Bob lets in people who do not exist, and claims to be linked to them. */
  async function crowd(bob: Person, count: number): Promise<Keys[]> {
    const { world } = bob;
    const puppets: Keys[] = [];
    for (let n = 0; n < count; n += 1) {
      const keys = await world.createKeys();
      const by = n % 3 === 0 ? bob.keys : (puppets[n - 1] ?? bob.keys);
      puppets.push(keys);
      relay(bob, "statements", [(await admission(by, bob, keys, 10 + n)).wire]);
    }
    return puppets;
  }

  test("goes as well if it was a crowd, but who can be reached without it may stay, and let people in", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, bob, "Erin");
    const frank = await guest(world, erin, "Frank");
    const puppets = await crowd(bob, 40);
    await world.time.pass(2000);
    expect(puppets.filter(({ id }) => carol.overlay.isMember(id)).length).toBeGreaterThan(10);
    alice.overlay.remove(bob.id);
    await world.time.pass(5000);
    expect(puppets.filter(({ id }) => carol.overlay.isMember(id))).toEqual([]);
    expect(carol.sees).toEqual(["Alice", "Dave", "Erin", "Frank"]);
    await guest(world, frank, "Grace");
    expect(carol.sees).toContain("Grace");
  });

  test("learns that it went with a crowd also if it was away, and nobody keeps a link to it", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, bob, "Erin");
    await crowd(bob, 40);
    await world.time.pass(2000);
    world.split([], [erin]);
    await world.time.pass(15_000);
    alice.overlay.remove(bob.id);
    await world.time.pass(5000);
    world.heal();
    await world.time.pass(30_000);
    expect(carol.sees).toEqual(["Alice", "Dave"]);
    expect([erin.overlay.view.standing, alice.wires.has(erin.id)]).toEqual(["removed", false]);
  });

  test("stays though whoever stood between them had been put out or had left before", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, bob, "Erin");
    await guest(world, erin, "Frank");
    const grace = await guest(world, bob, "Grace");
    await guest(world, grace, "Heidi");
    alice.overlay.remove(erin.id);
    await grace.leave();
    await world.time.pass(5000);
    alice.overlay.remove(bob.id);
    await world.time.pass(5000);
    expect(carol.sees).toEqual(["Alice", "Dave", "Frank", "Heidi"]);
  });

  test("stays else, also who is away at the moment", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, bob, "Erin");
    world.split([], [erin]);
    await world.time.pass(15_000);
    alice.overlay.remove(bob.id);
    await world.time.pass(2000);
    world.heal();
    await world.time.pass(30_000);
    expect(carol.sees).toEqual(["Alice", "Dave", "Erin"]);
  });
});

describe("the founder, who has left,", () => {
  test("puts nobody out any more, though Bob passes it on", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await alice.leave();
    await world.time.pass(500);
    const removal = { t: "remove", id: dave.id, keeps: [], last: 0 };
    relay(bob, "statements", [(await Signed.make(alice.keys, bob.overlay.id, removal)).wire]);
    await world.time.pass(5000);
    expect([carol.sees, dave.sees]).toEqual([
      ["Bob", "Dave"],
      ["Bob", "Carol"],
    ]);
  });

  test("locks and names nothing any more, and what it had set stays", async () => {
    const { world, alice, bob, carol } = await four();
    alice.overlay.setRules({ topic: "Budget" });
    await alice.leave();
    await world.time.pass(500);
    const rules = { t: "rules", version: 2 ** 31, topic: "Mine", locked: [alice.id] };
    relay(bob, "statements", [(await Signed.make(alice.keys, bob.overlay.id, rules)).wire]);
    await world.time.pass(5000);
    const erin = await guest(world, carol, "Erin");
    expect([carol, erin].map(({ overlay }) => overlay.view.topic)).toEqual(["Budget", "Budget"]);
    expect(carol.overlay.view.locked).toBe(false);
  });

  test("cannot say in a second farewell what it did not say in the first", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const removal = await Signed.make(alice.keys, bob.overlay.id, {
      t: "remove",
      id: dave.id,
      keeps: [],
      last: 0,
    });
    await alice.leave();
    await world.time.pass(500);
    for (let n = 0; n < 8; n += 1) {
      const stands = [removal.mark, world.random.hex(16)];
      const farewell = await Signed.make(alice.keys, bob.overlay.id, { t: "leave", stands });
      relay(bob, "statements", [farewell.wire, removal.wire]);
    }
    await world.time.pass(5000);
    expect([carol.sees, dave.sees]).toEqual([
      ["Bob", "Dave"],
      ["Bob", "Carol"],
    ]);
  });

  test("put somebody out just before it left: that one stays out, also for whoever comes later", async () => {
    const { world, alice, bob, carol, dave } = await four();
    alice.overlay.remove(dave.id);
    await alice.leave();
    await world.time.pass(5000);
    const erin = await guest(world, carol, "Erin");
    expect([bob.sees, erin.sees]).toEqual([
      ["Carol", "Erin"],
      ["Bob", "Carol"],
    ]);
    expect([dave.overlay.view.standing, erin.overlay.isMember(dave.id)]).toEqual(["removed", false]);
  });
});

test("a crowd that Mallory lets in, and says to see, does not close the conference to others", async () => {
  const { world, alice, bob, carol, dave: mallory } = await four();
  const puppets: Keys[] = [];
  for (let n = 0; n < 80; n += 1) {
    const keys = await world.createKeys();
    puppets.push(keys);
    relay(mallory, "statements", [(await admission(mallory.keys, mallory, keys)).wire]);
  }
  const entry = (name: string, links: readonly string[], seq: number): object => ({
    t: "entry",
    seq,
    name,
    address: "",
    proof: "",
    device: "",
    muted: false,
    camera: false,
    sharing: false,
    quality: "good",
    hand: null,
    links,
  });
  const honest = [alice.id, bob.id, carol.id];
  const links = [...honest, ...puppets.map(({ id }) => id)].slice(0, 64);
  for (const keys of puppets) {
    const said = await Signed.make(keys, alice.overlay.id, entry("Puppet", [mallory.id], 1));
    relay(mallory, "roster", [said.wire]);
  }
  relay(mallory, "roster", [
    (await Signed.make(mallory.keys, alice.overlay.id, entry("Mallory", links, 1_000_000))).wire,
  ]);
  await world.time.pass(2000);
  expect(carol.others.length).toBeGreaterThan(60);
  const erin = await guest(world, carol, "Erin");
  await guest(world, erin, "Frank");
  expect(alice.sees).toEqual(expect.arrayContaining(["Erin", "Frank"]));
});
