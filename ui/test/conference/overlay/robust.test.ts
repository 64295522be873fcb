import { describe, expect, test, vi } from "vitest";
import { Overlay, type Keys, type OverlayPorts, type Verifier } from "../../../src/conference/overlay";
import { FakeRing } from "./support/keys";
import { List } from "./support/list";
import { entryOf } from "./support/person";
import { Random } from "./support/random";
import { VirtualTime } from "./support/time";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

/** Alice and Bob, whose frames reach each other at once, and what checks signatures for Alice. */
async function pair(verify: (good: boolean, n: number) => Promise<boolean>): Promise<{
  time: VirtualTime;
  alice: Overlay;
  bob: Overlay;
  faults: unknown[];
  list: List;
  write: (text: string) => Promise<void>;
}> {
  const random = new Random(5);
  const ring = new FakeRing(random);
  const time = new VirtualTime();
  const faults: unknown[] = [];
  const ports = (keys: Keys, verifier: Verifier): OverlayPorts => ({
    clock: time,
    keys,
    verifier,
    randomId: () => random.hex(32),
    connect: () => undefined,
    disconnect: () => undefined,
    routed: () => undefined,
    changed: () => undefined,
    fault: (error) => faults.push(error),
  });
  let n = 0;
  const strange: Verifier = {
    verify: async (...args) => verify(await ring.verifier.verify(...args), (n += 1)),
  };
  const [alices, bobs] = [await ring.create(), await ring.create()];
  const alice = await Overlay.found(ports(alices, strange), entryOf("Alice"));
  const bob = Overlay.join(ports(bobs, ring.verifier), entryOf("Bob"), alice.id);
  const listOf = (overlay: Overlay, verifier: Verifier): List => {
    const list = new List({ conference: alice.id, verifier, knows: (id) => overlay.knows(id) });
    overlay.addReplica(list);
    return list;
  };
  const [list, bobsList] = [listOf(alice, strange), listOf(bob, ring.verifier)];
  await alice.admit(bobs.publicKey, { name: "Bob", address: "" });
  alice.linkUp(bobs.id, (text) => void time.after(1, () => bob.receive(alices.id, text)));
  bob.linkUp(alices.id, (text) => void time.after(1, () => alice.receive(bobs.id, text)));
  const write = async (text: string): Promise<void> => bob.flood("list", await bobsList.write(bobs, text));
  return { time, alice, bob, faults, list, write };
}

describe("a check of a signature", () => {
  test("that throws is an error, and what comes after it is taken", async () => {
    const { time, alice, faults } = await pair((good, n) =>
      n === 1 ? Promise.reject(new Error("no")) : Promise.resolve(good),
    );
    await time.pass(20_000);
    expect(faults).toEqual([new Error("no")]);
    expect(alice.view.participants.map(({ entry }) => entry.name)).toEqual(["Bob"]);
  });

  test("that never ends holds up the others for five seconds at most", async () => {
    const { time, alice } = await pair((good, n) =>
      n === 1 ? new Promise<boolean>(() => undefined) : Promise.resolve(good),
    );
    await time.pass(30_000);
    expect(alice.view.participants.map(({ entry }) => entry.name)).toEqual(["Bob"]);
  });

  test("that is slow keeps the order", async () => {
    const waiting: (() => void)[] = [];
    const { time, list, write } = await pair(
      (good) => new Promise((resolve) => waiting.push(() => resolve(good))),
    );
    const release = async (): Promise<void> => {
      for (let round = 0; round < 30; round += 1) {
        waiting.shift()?.();
        await time.pass(10);
      }
    };
    await release();
    for (const text of ["one", "two", "three"]) await write(text);
    await release();
    expect(list.lines.map(({ text }) => text)).toEqual(["one", "two", "three"]);
  });
});

describe("after its end", () => {
  test("an overlay does nothing any more, whatever is asked of it", async () => {
    const { time, alice, bob } = await pair((good) => Promise.resolve(good));
    await time.pass(2000);
    alice.close();
    alice.close();
    const sent = { ...alice.counters };
    alice.tell({ muted: true });
    alice.receive(bob.view.own.id, "{}");
    alice.linkDown(bob.view.own.id);
    alice.linkUp(bob.view.own.id, () => expect.fail("it sends"));
    await alice.leave();
    expect([alice.send(bob.view.own.id, "words", {}), alice.remove(bob.view.own.id)]).toEqual([false, false]);
    expect(alice.setRules({ topic: "x" })).toBe(false);
    await time.pass(20_000);
    expect(alice.counters).toEqual(sent);
  });
});
