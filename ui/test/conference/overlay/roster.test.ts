import { readFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { Signed } from "../../../src/conference/overlay";
import { MAX_HAND } from "../../../src/conference/overlay/entry";
import { ENTRIES } from "../../../src/conference/overlay/roster";
import { MAX_PROOF, MAX_TOPIC } from "../../../src/limits";
import { entryOf } from "./support/person";
import { four } from "./support/story";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

describe("the roster", () => {
  test("tells everybody what somebody says of itself", async () => {
    const { world, alice, bob, dave } = await four();
    bob.overlay.tell({ muted: true, sharing: true, name: "Robert", proof: "signed" });
    await world.time.pass(300);
    for (const person of [alice, dave])
      expect(person.others.find(({ id }) => id === bob.id)).toMatchObject({
        entry: { name: "Robert", muted: true, sharing: true, camera: true },
        proof: "signed",
      });
  });

  test("shows raised hands in the order in which they were raised", async () => {
    const { world, alice, bob, carol, dave } = await four();
    for (const person of [dave, alice, carol]) {
      person.overlay.tell({ hand: true });
      await world.time.pass(300);
    }
    expect([dave, alice, carol, bob].map(({ overlay }) => overlay.view.own.hand)).toEqual([1, 2, 3, null]);
    expect(bob.others.map(({ entry, hand }) => [entry.name, hand])).toEqual([
      ["Alice", 2],
      ["Carol", 3],
      ["Dave", 1],
    ]);
    dave.overlay.tell({ hand: false });
    await world.time.pass(300);
    expect([alice, carol].map(({ overlay }) => overlay.view.own.hand)).toEqual([1, 2]);
  });

  test("keeps the order of hands when Mallory raises hers with the highest number there is", async () => {
    const { world, alice, bob, carol, dave: mallory } = await four();
    const links = [alice.id, bob.id, carol.id];
    const entry = { ...entryOf("Mallory"), t: "entry", seq: 1_000_000, hand: MAX_HAND, links };
    const { wire } = await Signed.make(mallory.keys, alice.overlay.id, entry);
    const groups = [{ replica: "roster", origin: mallory.id, items: [wire] }];
    for (const link of mallory.wires.values()) link.send(mallory, JSON.stringify({ t: "items", groups }));
    await world.time.pass(300);
    const order = [carol, alice, bob].sort((a, b) => (a.id < b.id ? 1 : -1));
    for (const person of order) {
      person.overlay.tell({ hand: true });
      await world.time.pass(300);
    }
    expect(order.map(({ overlay }) => overlay.view.own.hand)).toEqual([1, 2, 3]);
    expect(alice.others.find(({ id }) => id === mallory.id)?.hand).toBe(4);
  });

  test("has only what others would carry: no longer proof than the backend takes, no longer topic than invitations", async () => {
    const { world, alice, bob } = await four();
    const proof = "A".repeat(MAX_PROOF);
    bob.overlay.tell({ proof });
    alice.overlay.setRules({ topic: "x".repeat(MAX_TOPIC + 50) });
    await world.time.pass(300);
    expect(alice.others.find(({ id }) => id === bob.id)?.proof).toBe(proof);
    expect(bob.overlay.view.topic).toBe("x".repeat(MAX_TOPIC));
    bob.overlay.tell({ proof: `${proof}A` });
    await world.time.pass(300);
    expect(alice.others.find(({ id }) => id === bob.id)?.proof).toBe(proof);
  });

  test("has the limits of the Rust code", () => {
    const read = (path: string): string =>
      readFileSync(new URL(`../../../../${path}`, import.meta.url), "utf8");
    expect(read("crates/identity/src/proof.rs")).toContain(`MAX_PROOF: usize = ${MAX_PROOF};`);
    expect(read("crates/call/src/conference.rs")).toContain(`MAX_TOPIC: usize = ${MAX_TOPIC};`);
  });

  test("shows two hands that went up at once in one order everywhere", async () => {
    const { world, alice, bob, carol } = await four();
    alice.overlay.tell({ hand: true });
    bob.overlay.tell({ hand: true });
    await world.time.pass(1000);
    const places = [alice.overlay.view.own.hand, bob.overlay.view.own.hand];
    expect([...places].sort()).toEqual([1, 2]);
    const seen = [alice.id, bob.id].map((id) => carol.others.find((one) => one.id === id)?.hand);
    expect(seen).toEqual(places);
  });

  test("is made one line of: names have no control characters and do not turn the text around", async () => {
    const { world, alice, bob } = await four();
    bob.overlay.tell({ name: "Bob\u202e\nboB" });
    await world.time.pass(300);
    expect(alice.others[0]?.entry.name).toBe("Bob  boB");
  });

  test("costs one message to each other participant for a change, in a full mesh", async () => {
    const { world, alice, bob, carol, dave } = await four();
    const everybody = [alice, bob, carol, dave];
    await world.time.until(() => world.time.now() % 15_000 > 6000, 15_000);
    const sent = (): number => everybody.reduce((sum, { overlay }) => sum + overlay.counters.sent, 0);
    const before = sent();
    bob.overlay.tell({ muted: true });
    await world.time.pass(400);
    expect(sent() - before).toBe(3);
  });

  test("takes no more than so many entries of one participant, and the newest in the end", async () => {
    const { world, alice, bob } = await four();
    const names = new Set<string>();
    const state = async (seq: number): Promise<void> => {
      const links = [...bob.wires.keys()];
      const entry = { ...entryOf(`Bob ${String(seq)}`), t: "entry", seq, hand: null, links };
      const { wire } = await Signed.make(bob.keys, alice.overlay.id, entry);
      const groups = [{ replica: "roster", origin: bob.id, items: [wire] }];
      bob.wires.get(alice.id)?.send(bob, JSON.stringify({ t: "items", groups }));
    };
    for (let seq = 1000; seq < 1100; seq += 1) {
      await state(seq);
      await world.time.pass(10);
      names.add(alice.others.find(({ id }) => id === bob.id)?.entry.name ?? "");
    }
    // The burst, a second's worth, and what was there before.
    expect(names.size).toBeLessThanOrEqual(ENTRIES.burst + ENTRIES.perSecond + 1);
    await world.time.pass(1000);
    await state(2000);
    await world.time.pass(500);
    expect(alice.others[0]?.entry.name).toBe("Bob 2000");
  });

  test("changes nothing when nothing is said", async () => {
    const { world, bob } = await four();
    await world.time.pass(5000);
    const { sent } = bob.overlay.counters;
    bob.overlay.tell({ muted: false });
    await world.time.pass(100);
    expect(bob.overlay.counters.sent).toBe(sent);
  });
});
