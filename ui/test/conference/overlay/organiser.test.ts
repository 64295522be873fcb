import { describe, expect, test, vi } from "vitest";
import { Signed } from "../../../src/conference/overlay";
import type { Person } from "./support/person";
import { four, guest, organiserOf } from "./support/story";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

/** Somebody spreads a statement that its own device would not make. */
async function state(person: Person, body: object): Promise<void> {
  const { wire } = await Signed.make(person.keys, person.overlay.id, body);
  const groups = [{ replica: "statements", origin: person.id, items: [wire] }];
  for (const link of person.wires.values()) link.send(person, JSON.stringify({ t: "items", groups }));
}

describe("the organiser", () => {
  test("sets the topic for everybody", async () => {
    const { world, alice, dave } = await four();
    expect(alice.overlay.setRules({ topic: "Budget" })).toBe(true);
    await world.time.pass(500);
    expect(dave.overlay.view.topic).toBe("Budget");
  });

  test("sets the topic and locks in one go: both count", async () => {
    const { world, alice, dave } = await four();
    alice.overlay.setRules({ topic: "Budget" });
    alice.overlay.setRules({ locked: true });
    await world.time.pass(500);
    expect(dave.overlay.view).toMatchObject({ topic: "Budget", locked: true });
  });

  test("having followed Alice, Bob locks, removes Erin and leaves at once: that holds", async () => {
    const { world, alice, bob, dave } = await four();
    const erin = await guest(world, alice, "Erin");
    await alice.leave();
    await world.time.pass(5000);
    bob.overlay.setRules({ topic: "Budget", locked: true });
    bob.overlay.remove(erin.id);
    await world.time.pass(1000);
    await bob.leave();
    await world.time.pass(10_000);
    expect(dave.overlay.view).toMatchObject({ topic: "Budget", locked: true });
    expect([dave.sees, erin.overlay.view.standing]).toEqual([["Carol"], "removed"]);
  });

  test("Bob and Carol, one after the other the next organiser, are switched off: what Bob said holds", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const [erin, frank] = [await guest(world, alice, "Erin"), await guest(world, alice, "Frank")];
    await alice.leave();
    await world.time.pass(5000);
    bob.overlay.setRules({ topic: "Budget", locked: true });
    bob.overlay.remove(erin.id);
    await world.time.pass(5000);
    bob.crash();
    await world.time.pass(5000);
    carol.crash();
    await world.time.pass(20_000);
    expect(organiserOf(frank)).toBe("Dave");
    for (const one of [dave, frank])
      expect(one.overlay.view).toMatchObject({ topic: "Budget", locked: true });
    expect(frank.overlay.isMember(erin.id)).toBe(false);
  });

  test("Carol, who follows Bob, unlocks and leaves at once: it is not locked again", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await alice.leave();
    await world.time.pass(5000);
    bob.overlay.setRules({ locked: true });
    await world.time.pass(5000);
    await bob.leave();
    await world.time.pass(1000);
    carol.overlay.setRules({ locked: false });
    await world.time.pass(500);
    await carol.leave();
    await world.time.pass(5000);
    expect([organiserOf(dave), dave.overlay.view.locked]).toEqual(["Dave", false]);
  });

  test("nobody else sets it", async () => {
    const { world, alice, bob } = await four();
    expect(bob.overlay.setRules({ topic: "Lunch" })).toBe(false);
    await state(bob, { t: "rules", version: 2 ** 31, topic: "Lunch", locked: [bob.id] });
    await world.time.pass(1000);
    expect(alice.overlay.view).toMatchObject({ topic: "", locked: false });
  });

  test("the topic stays when the organiser leaves", async () => {
    const { world, alice, bob, dave } = await four();
    await bob.leave();
    alice.overlay.setRules({ topic: "Budget" });
    await world.time.pass(500);
    await alice.leave();
    await world.time.pass(500);
    expect([dave.overlay.view.topic, organiserOf(dave)]).toEqual(["Budget", "Carol"]);
  });

  test("locks: nobody else lets anybody in", async () => {
    const { world, alice, bob } = await four();
    alice.overlay.setRules({ locked: true });
    await world.time.pass(500);
    expect(bob.overlay.view.locked).toBe(true);
    const erin = await world.uninvited("Erin");
    const admitted = bob.overlay.admit(erin.keys.publicKey, { name: "Erin", address: "" });
    await expect(admitted).rejects.toMatchObject({ code: "locked" });
    await state(bob, { t: "admit", key: erin.keys.publicKey, rank: 9, name: "Erin", address: "" });
    world.connect(bob, erin);
    await world.time.pass(2000);
    expect(alice.sees).toEqual(["Bob", "Carol", "Dave"]);
  });

  test("lets people in while it is locked, and they may stay when the organiser leaves", async () => {
    const { world, alice, bob } = await four();
    alice.overlay.setRules({ locked: true });
    await world.time.pass(500);
    const erin = await guest(world, alice, "Erin");
    expect(bob.sees).toEqual(["Alice", "Carol", "Dave", "Erin"]);
    await alice.leave();
    await world.time.pass(1000);
    expect([bob.sees, erin.sees]).toEqual([
      ["Carol", "Dave", "Erin"],
      ["Bob", "Carol", "Dave"],
    ]);
    expect(bob.overlay.view.locked).toBe(true);
  });

  test("unlocks", async () => {
    const { world, alice, bob } = await four();
    alice.overlay.setRules({ locked: true });
    await world.time.pass(500);
    alice.overlay.setRules({ locked: false });
    await world.time.pass(500);
    await guest(world, bob, "Erin");
    expect(alice.sees).toContain("Erin");
  });

  test("puts somebody out, who learns it, and whom nobody talks to any more", async () => {
    const { world, alice, bob, carol, dave } = await four();
    expect(alice.overlay.remove(carol.id)).toBe(true);
    await world.time.pass(1000);
    expect([alice.sees, bob.sees, dave.sees]).toEqual([
      ["Bob", "Dave"],
      ["Alice", "Dave"],
      ["Alice", "Bob"],
    ]);
    await world.time.pass(3000);
    expect(carol.overlay.view.standing).toBe("removed");
    expect([...carol.wires.keys()]).toEqual([]);
  });

  test("nobody else puts anybody out", async () => {
    const { world, alice, bob, carol } = await four();
    expect(bob.overlay.remove(carol.id)).toBe(false);
    await state(bob, { t: "remove", id: carol.id, keeps: [], last: 0 });
    await state(bob, { t: "remove", id: alice.id, keeps: [], last: 0 });
    await world.time.pass(1000);
    expect([alice.sees, carol.sees]).toEqual([
      ["Bob", "Carol", "Dave"],
      ["Alice", "Bob", "Dave"],
    ]);
  });

  test("whoever was put out does not come back under its key, but the organiser may let it in with another", async () => {
    const { world, alice, bob, carol } = await four();
    alice.overlay.remove(carol.id);
    await world.time.pass(1000);
    const again = bob.overlay.admit(carol.keys.publicKey, { name: "Carol", address: "" });
    await expect(again).rejects.toMatchObject({ code: "gone" });
    await guest(world, alice, "Carol");
    expect(bob.sees).toEqual(["Alice", "Carol", "Dave"]);
  });

  test("whoever was put out cannot let anybody in afterwards, but whom it let in before may stay", async () => {
    const { world, alice, bob, carol } = await four();
    const erin = await guest(world, carol, "Erin");
    alice.overlay.remove(carol.id);
    await world.time.pass(1000);
    const puppet = await world.createKeys();
    const admission = { t: "admit", key: puppet.publicKey, rank: 9, name: "Puppet", address: "" };
    const { wire } = await Signed.make(carol.keys, alice.overlay.id, admission);
    const groups = [{ replica: "statements", origin: null, items: [wire] }];
    // It has found somebody who passes it on.
    erin.wires.get(bob.id)?.send(erin, JSON.stringify({ t: "items", groups }));
    await world.time.pass(1000);
    expect(bob.overlay.isMember(puppet.id)).toBe(false);
    expect(bob.sees).toEqual(["Alice", "Dave", "Erin"]);
  });

  test("whom the organiser put out stays out when the organiser leaves", async () => {
    const { world, alice, bob, carol, dave } = await four();
    alice.overlay.remove(bob.id);
    await world.time.pass(1000);
    await alice.leave();
    await world.time.pass(1000);
    expect([organiserOf(carol), organiserOf(dave)]).toEqual(["Carol", "Carol"]);
    expect(dave.overlay.isMember(bob.id)).toBe(false);
  });

  test("whom a later organiser put out stays out when that one leaves", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await alice.leave();
    await world.time.pass(500);
    bob.overlay.remove(carol.id);
    await world.time.pass(1000);
    const erin = await guest(world, dave, "Erin");
    await world.time.pass(1000);
    await bob.leave();
    await world.time.pass(1000);
    expect([dave.overlay.isMember(carol.id), erin.overlay.isMember(carol.id)]).toEqual([false, false]);
    expect(organiserOf(erin)).toBe("Dave");
  });

  test("what somebody stated who never was the organiser does not count when all its seniors are gone", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await state(bob, { t: "remove", id: dave.id, keeps: [], last: 0 });
    await state(bob, { t: "rules", version: 9, topic: "Mallory's", locked: [] });
    await world.time.pass(500);
    await bob.leave();
    await world.time.pass(500);
    await alice.leave();
    await world.time.pass(5000);
    expect([carol.sees, dave.sees]).toEqual([["Dave"], ["Carol"]]);
    expect(dave.overlay.view).toMatchObject({ topic: "", locked: false });
  });

  test("somebody put out while it was away learns it when it is back", async () => {
    const { world, alice, bob, carol, dave } = await four();
    world.split([], [dave]);
    await world.time.pass(15_000);
    alice.overlay.remove(dave.id);
    await world.time.pass(500);
    world.heal();
    await world.time.pass(30_000);
    expect(dave.overlay.view.standing).toBe("removed");
    expect([bob.sees, carol.sees]).toEqual([
      ["Alice", "Carol"],
      ["Alice", "Bob"],
    ]);
  });
});
