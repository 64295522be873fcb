import { describe, expect, test, vi } from "vitest";
import { Signed } from "../../../src/conference/overlay";
import { entryOf } from "./support/person";
import { four, guest, organiserOf } from "./support/story";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

describe("leaving", () => {
  test("when Alice leaves, whom she invited, the others go on and Bob is the organiser", async () => {
    const { world, alice, bob, carol, dave } = await four();
    await alice.leave();
    await world.time.pass(500);
    expect([bob.sees, carol.sees, dave.sees]).toEqual([
      ["Carol", "Dave"],
      ["Bob", "Dave"],
      ["Bob", "Carol"],
    ]);
    expect([bob, carol, dave].map(organiserOf)).toEqual(["Bob", "Bob", "Bob"]);
    await dave.write("still here");
    await world.time.pass(500);
    expect(bob.list.text).toBe(`${dave.id} still here`);
  });

  test("whoever leaves is gone at once, without reconnecting", async () => {
    const { world, alice, bob } = await four();
    await bob.leave();
    await world.time.pass(300);
    expect(alice.others.map(({ entry }) => entry.name)).toEqual(["Carol", "Dave"]);
    expect(bob.overlay.view.standing).toBe("left");
  });

  test("the link to whoever leaves or is put out is given up once, when the view does not list it any more", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const listed: boolean[] = [];
    alice.onGiveUp = (id) => listed.push(alice.others.some((other) => other.id === id));
    await bob.leave();
    await world.time.pass(3000);
    alice.overlay.remove(dave.id);
    await world.time.pass(10_000);
    expect([carol.givenUp, alice.givenUp, listed]).toEqual([
      [bob.id, dave.id],
      [bob.id, dave.id],
      [false, false],
    ]);
  });

  test("whoever is switched off is waited for, and then gone", async () => {
    const { world, alice, bob, carol } = await four();
    bob.crash();
    await world.time.pass(4500);
    expect(carol.others.find(({ id }) => id === bob.id)?.connection).toBe("reconnecting");
    await world.time.pass(11_000);
    expect([alice.sees, carol.sees]).toEqual([
      ["Carol", "Dave"],
      ["Alice", "Dave"],
    ]);
  });

  test("when the organiser is switched off, the next one is the organiser after a while", async () => {
    const { world, alice, carol } = await four();
    alice.crash();
    await world.time.pass(15_000);
    expect(organiserOf(carol)).toBe("Bob");
  });

  test("nobody keeps somebody who is gone by claiming a link to it", async () => {
    const { world, alice, bob, carol, dave } = await four();
    bob.crash();
    carol.overlay.close();
    const { wires } = carol;
    for (let seq = 1000; seq < 1070; seq += 1) {
      const links = [alice.id, bob.id, dave.id];
      const entry = { ...entryOf("Carol"), t: "entry", seq, hand: null, links };
      const { wire } = await Signed.make(carol.keys, alice.overlay.id, entry);
      const groups = [{ replica: "roster", origin: carol.id, items: [wire] }];
      for (const link of wires.values()) link.send(carol, JSON.stringify({ t: "items", groups }));
      await world.time.pass(1000);
    }
    expect([alice.sees, dave.sees]).toEqual([
      ["Carol", "Dave"],
      ["Alice", "Carol"],
    ]);
  });

  test("whoever left does not come back under its key", async () => {
    const { world, alice, bob } = await four();
    await bob.leave();
    await world.time.pass(500);
    const again = alice.overlay.admit(bob.keys.publicKey, { name: "Bob", address: "" });
    await expect(again).rejects.toMatchObject({ code: "gone" });
  });

  test("whoever left comes back with another key", async () => {
    const { world, alice, bob, carol } = await four();
    await bob.leave();
    await guest(world, alice, "Bob");
    expect(carol.sees).toEqual(["Alice", "Bob", "Dave"]);
  });

  test("nothing runs on after the last one has left", async () => {
    const { world, alice, bob, carol, dave } = await four();
    for (const person of [alice, bob, carol, dave]) await person.leave();
    await world.time.pass(1000);
    const sent = [alice, bob, carol, dave].map(({ overlay }) => ({ ...overlay.counters }));
    await world.time.pass(30_000);
    expect([alice, bob, carol, dave].map(({ overlay }) => ({ ...overlay.counters }))).toEqual(sent);
  });
});
