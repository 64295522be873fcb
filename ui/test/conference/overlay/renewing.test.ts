import { describe, expect, test, vi } from "vitest";
import { makeRenewal, Signed, type Keys } from "../../../src/conference/overlay";
import { membershipOf } from "../../../src/conference/overlay/membership";
import { StatementSet } from "../../../src/conference/overlay/statement-set";
import { four, guest, organiserOf, type Story } from "./support/story";
import type { Person } from "./support/person";
import { CALM } from "./support/world";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

const WRITING = { ...CALM, documents: true };

async function locked(options = CALM): Promise<Story> {
  const story = await four(options);
  story.alice.overlay.setRules({ topic: "Budget", locked: true });
  await story.world.time.pass(500);
  return story;
}

/** Somebody's page is reloaded, and what follows from that has followed. */
async function reloaded(person: Person, through?: Person): Promise<Person> {
  const fresh = await person.world.reload(person, through);
  await person.world.time.pass(5000);
  return fresh;
}

/** Bob hands everybody what somebody stated who cannot do so. */
function relay(by: Person, ...statements: readonly Signed[]): void {
  const items = statements.map(({ wire }) => wire);
  const frame = JSON.stringify({ t: "items", groups: [{ replica: "statements", origin: null, items }] });
  for (const wire of by.wires.values()) wire.send(by, frame);
}

describe("a reload", () => {
  test("takes Bob back into a locked conference, and shows him once", async () => {
    const { alice, bob, carol, dave } = await locked();
    const again = await reloaded(bob, alice);
    expect(again.isIn).toBe(true);
    expect(again.sees).toEqual(["Alice", "Carol", "Dave"]);
    for (const { others } of [alice, carol, dave])
      expect(others.filter(({ entry }) => entry.name === "Bob").map(({ id }) => id)).toEqual([again.id]);
    expect(alice.overlay.view.locked).toBe(true);
  });

  test("shows Bob under his new id as soon as that is known, and under the old one no more", async () => {
    const { world, alice, bob, carol } = await four();
    const again = await world.reload(bob, alice);
    await world.time.until(() => carol.overlay.isMember(again.id), 5000, 5);
    expect(carol.overlay.isMember(bob.id)).toBe(false);
    expect(carol.others.map(({ id }) => id)).not.toContain(bob.id);
  });

  test("leaves Alice the organiser, with the lock and the topic, and a stranger outside", async () => {
    const { world, alice, bob, carol } = await locked();
    const again = await reloaded(alice, carol);
    expect([again, bob, carol].map(organiserOf)).toEqual(["Alice", "Alice", "Alice"]);
    expect(bob.overlay.view).toMatchObject({ locked: true, topic: "Budget", organiser: again.id });
    const erin = await world.uninvited("Erin");
    const { publicKey } = erin.keys;
    await expect(carol.overlay.admit(publicKey, { name: "Erin", address: "" })).rejects.toMatchObject({
      code: "locked",
    });
    expect(again.overlay.setRules({ locked: false })).toBe(true);
    await world.time.pass(500);
    expect(carol.overlay.view).toMatchObject({ locked: false, topic: "Budget" });
  });

  test("leaves Bob the organiser who is one because Alice left, and what he ruled", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await alice.leave();
    await world.time.pass(4000);
    bob.overlay.setRules({ topic: "Lunch", locked: true });
    await world.time.pass(4000);
    bob.overlay.remove(dave.id);
    await world.time.pass(4000);
    const again = await reloaded(bob, carol);
    await world.time.pass(15_000);
    expect([again, carol].map(organiserOf)).toEqual(["Bob", "Bob"]);
    for (const { overlay } of [again, carol])
      expect(overlay.view).toMatchObject({ topic: "Lunch", locked: true });
    expect(carol.overlay.isMember(dave.id)).toBe(false);
  });

  test("takes Erin back, whom Bob had let in before it was locked", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, bob, "Erin");
    alice.overlay.setRules({ locked: true });
    await world.time.pass(500);
    const again = await reloaded(erin, bob);
    expect([again.isIn, carol.sees]).toEqual([true, ["Alice", "Bob", "Dave", "Erin"]]);
  });

  test("leaves Bob senior to those who came after him", async () => {
    const { world, alice, bob, carol } = await four();
    const again = await reloaded(bob, alice);
    await alice.leave();
    await world.time.pass(1000);
    expect([again, carol].map(organiserOf)).toEqual(["Bob", "Bob"]);
  });

  test("leaves in whom Bob let in, who sees by whom", async () => {
    const { world, alice, bob } = await four();
    const erin = await guest(world, bob, "Erin");
    const again = await reloaded(bob, alice);
    expect(erin.sees).toEqual(["Alice", "Bob", "Carol", "Dave"]);
    expect(alice.others.find(({ id }) => id === erin.id)?.invitedBy).toBe(again.id);
  });

  test("leaves what Bob wrote, and he goes on writing", async () => {
    const { world, alice, bob, carol } = await four(WRITING);
    bob.documents.say("before");
    await world.time.pass(500);
    const again = await reloaded(bob, alice);
    again.documents.say("after");
    await world.time.pass(500);
    expect([carol.chat, again.chat]).toEqual([
      ["before", "after"],
      ["before", "after"],
    ]);
  });

  test("of Bob and of Alice at once, through Carol, leaves both where they were", async () => {
    const { world, alice, bob, carol, dave } = await locked();
    const [bobAgain, aliceAgain] = [await world.reload(bob, carol), await world.reload(alice, carol)];
    await world.time.pass(6000);
    expect([aliceAgain, bobAgain, carol, dave].map(organiserOf)).toEqual(Array(4).fill("Alice"));
    expect(dave.sees).toEqual(["Alice", "Bob", "Carol"]);
  });

  test("again and again, before anybody has heard of the last one, is one renewal more", async () => {
    const { world, alice, bob, carol } = await locked();
    let again = bob;
    for (let times = 0; times < 12; times += 1) again = await world.reload(again, alice);
    await world.time.pass(5000);
    expect(again.isIn).toBe(true);
    expect(carol.sees).toEqual(["Alice", "Bob", "Dave"]);
    expect(carol.overlay.isMember(again.id)).toBe(true);
  });

  test("of a device without its key makes it a stranger, who stays outside while it is locked", async () => {
    const { world, alice, bob, carol } = await locked();
    bob.crash();
    const again = await world.uninvited("Bob");
    world.connect(again, carol);
    await world.time.pass(15_000);
    expect(again.overlay.view.standing).toBe("joining");
    expect(alice.sees).toEqual(["Carol", "Dave"]);
  });

  test("in one half of a conference is known in the other once they meet", async () => {
    const { world, alice, bob, carol, dave } = await locked();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(15_000);
    const again = await world.reload(bob, alice);
    world.split([alice, again], [carol, dave]);
    await world.time.pass(5000);
    world.heal();
    await world.time.pass(40_000);
    for (const { sees } of [carol, dave]) expect(sees).toContain("Bob");
    expect(again.sees).toEqual(["Alice", "Carol", "Dave"]);
  });
});

describe("a farewell", () => {
  test("by the old key ends it: who has left does not come back by a renewal", async () => {
    const { world, alice, bob } = await locked();
    await bob.leave();
    await world.time.pass(500);
    const again = await reloaded(bob, alice);
    expect(again.overlay.view.standing).toBe("joining");
    expect(alice.sees).toEqual(["Carol", "Dave"]);
  });

  test("is not undone by a renewal that Carol passes on, whatever is stated under the new key", async () => {
    const { world, alice, bob, carol } = await four();
    await bob.leave();
    await world.time.pass(500);
    const [again, erin] = [await world.createKeys(), await world.createKeys()];
    const admission = { t: "admit", key: erin.publicKey, rank: 9, name: "Erin", address: "" };
    relay(carol, await makeRenewal(bob.keys, again, alice.overlay.id));
    relay(carol, await Signed.make(again, alice.overlay.id, admission));
    await world.time.pass(3000);
    expect(alice.overlay.knows(erin.id)).toBe(true);
    expect([again, bob].map(({ id }) => alice.overlay.isMember(id))).toEqual([false, false]);
  });

  test("by the new key is one of whoever had the old one", async () => {
    const { world, alice, bob, carol } = await four();
    const again = await reloaded(bob, alice);
    await again.leave();
    await world.time.pass(1000);
    relay(
      carol,
      await Signed.make(bob.keys, alice.overlay.id, {
        t: "admit",
        key: bob.keys.publicKey,
        rank: 1,
        name: "",
        address: "",
      }),
    );
    await world.time.pass(1000);
    expect(alice.sees).toEqual(["Carol", "Dave"]);
  });

  test("names what Alice ruled and whom she put out under all her keys, and nothing can be added under an old one", async () => {
    const { world, alice, bob, carol, dave } = await four();
    alice.overlay.setRules({ topic: "Budget" });
    alice.overlay.remove(dave.id);
    await world.time.pass(500);
    const again = await reloaded(alice, bob);
    await again.leave();
    await world.time.pass(500);
    relay(
      bob,
      await Signed.make(alice.keys, bob.overlay.id, { t: "remove", id: carol.id, keeps: [], last: 0 }),
    );
    await world.time.pass(5000);
    expect(bob.sees).toEqual(["Carol"]);
    expect(bob.overlay.isMember(dave.id)).toBe(false);
    expect(bob.overlay.view.topic).toBe("Budget");
  });
});

describe("who was removed", () => {
  test("does not come back by renewing: Carol is a stranger to who knows it", async () => {
    const { world, alice, carol, dave } = await locked();
    alice.overlay.remove(carol.id);
    await world.time.pass(1000);
    const again = await reloaded(carol, dave);
    expect(again.overlay.view.standing).toBe("joining");
    expect(alice.sees).toEqual(["Bob", "Dave"]);
  });

  test("does not come back by a renewal that Bob passes on, and writes nothing under the new key", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    carol.documents.say("before");
    await world.time.pass(500);
    alice.overlay.remove(carol.id);
    await world.time.pass(500);
    const again = await world.uninvited("Carol");
    relay(bob, await makeRenewal(carol.keys, again.keys, alice.overlay.id));
    await world.time.pass(1000);
    expect([alice, bob, dave].map(({ overlay }) => overlay.isMember(again.id))).toEqual([
      false,
      false,
      false,
    ]);
    expect(alice.overlay.view.out.get(again.id)).toBe("removed");
    expect([dave.overlay.lastOf(again.id), dave.overlay.lastOf(carol.id)]).toEqual([0, 1]);
    expect(dave.chat).toEqual(["before"]);
  });

  test("is out under all of Carol's ids, and what she wrote under each stays", async () => {
    const { world, alice, bob, carol, dave } = await four(WRITING);
    carol.documents.say("first");
    await world.time.pass(500);
    const second = await reloaded(carol, dave);
    second.documents.say("second");
    await world.time.pass(500);
    const third = await reloaded(second, alice);
    third.documents.say("third");
    await world.time.pass(500);
    expect(alice.overlay.remove(third.id)).toBe(true);
    await world.time.pass(5000);
    expect(third.overlay.view.standing).toBe("removed");
    for (const { sees, overlay, chat } of [bob, dave]) {
      expect(sees).not.toContain("Carol");
      for (const { id } of [carol, second, third]) expect(overlay.view.out.get(id)).toBe("removed");
      expect(chat).toEqual(["first", "second", "third"]);
    }
  });

  test("is out also if Alice did not know of the reload", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([alice, bob], [carol, dave]);
    await world.time.pass(3000);
    const again = await world.reload(carol, dave);
    world.split([alice, bob], [again, dave]);
    expect(alice.overlay.remove(carol.id)).toBe(true);
    await world.time.pass(5000);
    expect(dave.overlay.isMember(again.id)).toBe(true);
    world.heal();
    await world.time.pass(40_000);
    expect(again.overlay.view.standing).toBe("removed");
    expect(dave.sees).toEqual(["Alice", "Bob"]);
  });

  test("may have let in somebody who stays, though both were reloaded meanwhile", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, carol, "Erin");
    const carolAgain = await reloaded(carol, alice);
    const erinAgain = await reloaded(erin, alice);
    alice.overlay.remove(carolAgain.id);
    await world.time.pass(8000);
    expect(bob.sees).toEqual(["Alice", "Dave", "Erin"]);
    expect(erinAgain.isIn).toBe(true);
  });

  test("can be let in again by Alice under the new key", async () => {
    const { world, alice, bob, carol } = await locked();
    alice.overlay.remove(carol.id);
    await world.time.pass(1000);
    const again = await reloaded(carol, alice);
    await alice.overlay.admit(again.keys.publicKey, { name: "Carol", address: "" });
    await world.time.pass(2000);
    expect(bob.sees).toEqual(["Alice", "Carol", "Dave"]);
  });

  test("stays out when Bob, organiser after Alice, is reloaded as well", async () => {
    const { world, alice, bob, carol, dave } = await four();
    alice.overlay.remove(dave.id);
    await world.time.pass(5000);
    await alice.leave();
    await world.time.pass(5000);
    const again = await reloaded(bob, carol);
    expect([again, carol].map(({ overlay }) => overlay.isMember(dave.id))).toEqual([false, false]);
    expect(organiserOf(carol)).toBe("Bob");
  });
});

describe("Mallory", () => {
  const renewedBy = async (person: Person, to: Keys): Promise<Signed> =>
    makeRenewal(person.keys, to, person.overlay.id);

  test("who renews her key twice is in once, the same for all, and whom both let in stays in", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const [one, other] = [await world.createKeys(), await world.createKeys()];
    relay(bob, await renewedBy(dave, one));
    await world.time.pass(500);
    const admission = { t: "admit", rank: 9, name: "", address: "" };
    const guests = [await world.uninvited("Erin"), await world.uninvited("Frank")];
    const [erin, frank] = guests.map(({ keys }) => keys.publicKey);
    relay(bob, await Signed.make(one, alice.overlay.id, { ...admission, key: erin }));
    await world.time.pass(500);
    relay(
      carol,
      await renewedBy(dave, other),
      await Signed.make(other, alice.overlay.id, { ...admission, key: frank }),
    );
    await world.time.pass(5000);
    for (const { overlay } of [alice, bob, carol]) {
      const ids = [dave.id, one.id, other.id].filter((id) => overlay.isMember(id));
      expect(ids).toEqual([[one.id, other.id].sort()[0]]);
      expect(guests.map(({ id }) => overlay.isMember(id))).toEqual([true, true]);
    }
    alice.overlay.remove([one.id, other.id].sort()[0] ?? "");
    await world.time.pass(1000);
    expect([dave.id, one.id, other.id].map((id) => bob.overlay.isMember(id))).toEqual([false, false, false]);
  });

  test("cannot take the seat of another, nor draw one into hers", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const key = await world.createKeys();
    const { body, sig } = await renewedBy(dave, key);
    for (const wire of dave.wires.values()) {
      const forged = { key: bob.keys.publicKey, body, sig };
      const drawn = await Signed.make(dave.keys, alice.overlay.id, {
        t: "renew",
        key: bob.keys.publicKey,
        sig,
      });
      const items = [forged, drawn.wire];
      wire.send(
        dave,
        JSON.stringify({ t: "items", groups: [{ replica: "statements", origin: null, items }] }),
      );
    }
    await world.time.pass(1000);
    expect(alice.sees).toEqual(["Bob", "Carol", "Dave"]);
    alice.overlay.remove(dave.id);
    await world.time.pass(5000);
    expect(carol.sees).toEqual(["Alice", "Bob"]);
    expect(bob.isIn).toBe(true);
  });

  test("does not second her own removal under her new key", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const again = await world.createKeys();
    relay(carol, await renewedBy(bob, again));
    for (const keys of [bob.keys, again])
      relay(
        carol,
        await Signed.make(keys, alice.overlay.id, { t: "remove", id: dave.id, keeps: [], last: 0 }),
      );
    await world.time.pass(5000);
    await alice.leave();
    await world.time.pass(500);
    // Bob, senior to all others, is away: what he says alone does not count.
    expect(carol.overlay.isMember(dave.id)).toBe(true);
    expect(carol.sees).toContain("Dave");
  });

  test("who hands her place to a stranger while it is locked has none any more", async () => {
    const { world, alice, bob, carol, dave } = await locked();
    const erin = await world.uninvited("Erin");
    relay(dave, await renewedBy(dave, erin.keys));
    world.connect(erin, carol);
    await world.time.pass(3000);
    expect(bob.sees).toEqual(["Alice", "Carol", "Erin"]);
    expect(dave.overlay.view.standing).toBe("left");
    expect(alice.overlay.isMember(dave.id)).toBe(false);
  });

  test("who renews in a circle, and takes over two seats with one key, has one", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const [one, two] = [await world.createKeys(), await world.createKeys()];
    const conference = alice.overlay.id;
    const admission = { t: "admit", key: one.publicKey, rank: 3, name: "", address: "" };
    const statements = [
      await Signed.make(dave.keys, conference, admission),
      await renewedBy(dave, two),
      await makeRenewal(one, two, conference),
      await makeRenewal(two, one, conference),
    ];
    for (const statement of statements) relay(bob, statement);
    await world.time.pass(5000);
    for (const { overlay } of [alice, bob, carol])
      expect([dave.id, one.id, two.id].filter((id) => overlay.isMember(id))).toEqual(
        [dave.id, one.id, two.id].sort().slice(0, 1),
      );
  });
});

test("whatever came when, two copies that know the same renewals show the same people", async () => {
  const { world, alice, bob } = await four();
  const wires = [...(await founded(alice))];
  const keys = [bob.keys];
  for (let n = 0; n < 6; n += 1) keys.push(await world.createKeys());
  for (let n = 0; n < 12; n += 1) {
    const [from = bob.keys, to = bob.keys] = [world.random.pick(keys), world.random.pick(keys)];
    if (from !== to) wires.push((await makeRenewal(from, to, alice.overlay.id)).wire);
  }
  const shown = new Set<string>();
  for (let times = 0; times < 30; times += 1) {
    const set = new StatementSet(alice.overlay.id, world.verifier);
    const shuffled = wires.map((wire) => [world.random.next(), wire] as const).sort(([a], [b]) => a - b);
    // What comes before its signer is known comes again.
    for (let round = 0; round < 8; round += 1) for (const [, wire] of shuffled) await set.take(wire);
    const { members, organiser } = membershipOf(set, () => true);
    shown.add(JSON.stringify([[...members.keys()], organiser, set.digest()]));
  }
  expect(shown.size).toBe(1);
});

/** Everything that a device holds of statements. */
async function founded(person: Person): Promise<object[]> {
  const heard: object[] = [];
  const { world } = person;
  const erin = await world.uninvited("Erin");
  erin.onHear = (from, text) => {
    const { groups = [] } = JSON.parse(text) as { groups?: { replica: string; items: object[] }[] };
    for (const { replica, items } of groups) if (replica === "statements") heard.push(...items);
    erin.overlay.receive(from, text);
  };
  world.connect(person, erin);
  await person.overlay.admit(erin.keys.publicKey, { name: "Erin", address: "" });
  await world.time.pass(1000);
  return heard;
}
