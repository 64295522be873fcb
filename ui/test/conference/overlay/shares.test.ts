import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { Signed, type Keys, type SignedWire } from "../../../src/conference/overlay";
import { MAX_AUTHORS } from "../../../src/conference/documents/entry";
import { MAX_FRAME } from "../../../src/conference/overlay/frame";
import { membershipOf } from "../../../src/conference/overlay/membership";
import { placeOfNewcomer } from "../../../src/conference/overlay/shares";
import { MAX_STATEMENTS, StatementSet } from "../../../src/conference/overlay/statement-set";
import { conferenceIdOf, makeGenesis } from "../../../src/conference/overlay/statements";
import { FakeRing } from "./support/keys";
import { Random } from "./support/random";

// How long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

/** A conference that Alice founded, as a heap of statements. */
class Heap {
  readonly ring = new FakeRing(new Random(11));
  readonly items: SignedWire[] = [];
  readonly #conference: string;

  private constructor(
    readonly alice: Keys,
    genesis: Signed,
  ) {
    this.#conference = conferenceIdOf(genesis.body);
    this.items.push(genesis.wire);
  }

  static async found(): Promise<Heap> {
    const alice = await new FakeRing(new Random(12)).create();
    return new Heap(alice, await makeGenesis(alice, "0".repeat(32)));
  }

  async state(by: Keys, body: object): Promise<SignedWire> {
    const { wire } = await Signed.make(by, this.#conference, body);
    this.items.push(wire);
    return wire;
  }

  async letIn(by: Keys, rank: number): Promise<Keys> {
    const keys = await this.ring.create();
    await this.state(by, { t: "admit", key: keys.publicKey, rank, name: "", address: "" });
    return keys;
  }

  set(most?: number): StatementSet {
    const verifier = { verify: () => Promise.resolve(true) };
    return new StatementSet(this.#conference, verifier, most);
  }
}

async function feed(set: StatementSet, items: readonly object[]): Promise<void> {
  for (const item of items) await set.take(JSON.parse(JSON.stringify(item)));
}

/** Two neighbours hand each other what the other lacks, until neither has anything new. */
async function settle(one: StatementSet, other: StatementSet): Promise<boolean> {
  for (let round = 0; round < 50; round += 1) {
    const before = JSON.stringify([one.digest(), other.digest()]);
    await feed(other, [...one.missing(other.digest())]);
    await feed(one, [...other.missing(one.digest())]);
    if (JSON.stringify([one.digest(), other.digest()]) === before) break;
  }
  return JSON.stringify(one.digest()) === JSON.stringify(other.digest());
}

describe("when Mallory lets in more people than a conference can hold", () => {
  /** Puppets of Mallory's, and puppets of these, each of whom leaves and rules as well. */
  async function crowd(heap: Heap, mallory: Keys, count: number): Promise<void> {
    const puppets = [mallory];
    for (let n = 0; n < count; n += 1) {
      const by = puppets[n % 2 === 0 ? 0 : Math.floor(n / 3)] ?? mallory;
      const puppet = await heap.letIn(by, 20 + n);
      puppets.push(puppet);
      await heap.state(puppet, { t: "rules", version: n, topic: "Mallory's", locked: null });
      await heap.state(puppet, { t: "leave", stands: [] });
      await heap.state(mallory, { t: "remove", id: puppet.id, keeps: [], last: 0 });
    }
  }

  test.each(["before", "after"])("whom others let in %s that is in all the same", async (when) => {
    const heap = await Heap.found();
    const bob = await heap.letIn(heap.alice, 1);
    const mallory = await heap.letIn(bob, 2);
    const carol = await heap.letIn(bob, 3);
    if (when === "after") await crowd(heap, mallory, 600);
    let last = carol;
    const guests: Keys[] = [];
    for (let n = 0; n < 30; n += 1) {
      guests.push(await heap.letIn(heap.alice, 40 + n), await heap.letIn(carol, 80 + n));
      last = await heap.letIn(last, 120 + n);
      guests.push(last);
    }
    if (when === "before") await crowd(heap, mallory, 600);
    const set = heap.set();
    await feed(set, heap.items);
    const { members } = membershipOf(set, ({ length }) => length > 0);
    expect(guests.filter(({ id }) => !members.has(id))).toEqual([]);
    expect([...set.missing({})]).toHaveLength(MAX_STATEMENTS);
  });

  test("she cannot take those into her share whom others let in", async () => {
    const heap = await Heap.found();
    const [bob, mallory] = [await heap.letIn(heap.alice, 1), await heap.letIn(heap.alice, 2)];
    await crowd(heap, mallory, 550);
    await heap.state(mallory, { t: "admit", key: bob.publicKey, rank: 3, name: "", address: "" });
    const guest = await heap.letIn(bob, 4);
    const set = heap.set();
    await feed(set, heap.items);
    expect(set.knows(guest.id)).toBe(true);
  });

  test("she is among the first to be counted, and no crowd of hers", async () => {
    const heap = await Heap.found();
    const mallory = await heap.letIn(heap.alice, 1);
    await crowd(heap, mallory, 600);
    const guests = [await heap.letIn(heap.alice, 700), await heap.letIn(heap.alice, 701)];
    const set = heap.set();
    await feed(set, heap.items);
    const first = [...set.everybodyInTurn()].slice(0, 8);
    expect(first).toEqual(expect.arrayContaining([heap.alice.id, mallory.id, ...guests.map(({ id }) => id)]));
  });
});

test("digests of all that can be known fit into a frame", () => {
  const ids = Array.from({ length: MAX_STATEMENTS }, (_, n) => n.toString(16).padStart(32, "f"));
  const statements = { has: ids.map((id) => id.slice(16)) };
  const roster = Object.fromEntries(ids.map((id) => [id, `${Number.MAX_SAFE_INTEGER}.${id.slice(16)}`]));
  const feeds = Object.fromEntries(ids.map((id) => [id, [1_000_000, id.slice(16), 1_000_000]]));
  const frame = JSON.stringify({ t: "digest", digests: { statements, roster, feeds }, ask: true });
  expect(frame.length).toBeLessThanOrEqual(MAX_FRAME);
  expect(MAX_AUTHORS).toBeGreaterThanOrEqual(MAX_STATEMENTS);
});

test("copies become equal, whatever was stated, told to whom, and in whatever order it came", async () => {
  const step = fc.record({
    by: fc.nat(9),
    what: fc.constantFrom("guest", "guest", "again", "leave", "rules", "remove"),
    whom: fc.nat(9),
    n: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fc.nat(2), { maxLength: 60 }),
      async (steps, to) => {
        const heap = await Heap.found();
        const people = [heap.alice];
        for (const { by, what, whom, n } of steps) {
          const signer = people[by % people.length] ?? heap.alice;
          const other = people[whom % people.length] ?? heap.alice;
          const key = other.publicKey;
          if (what === "guest") people.push(await heap.letIn(signer, n + 1));
          if (what === "again") await heap.state(signer, { t: "admit", key, rank: n, name: "", address: "" });
          if (what === "leave")
            await heap.state(signer, { t: "leave", stands: "0".repeat(n) === "" ? [] : [`${n}`.repeat(16)] });
          if (what === "rules")
            await heap.state(signer, { t: "rules", version: n, topic: `${whom}`, locked: null });
          if (what === "remove") await heap.state(signer, { t: "remove", id: other.id, keeps: [], last: n });
        }
        const [one, other, late] = [heap.set(12), heap.set(12), heap.set(12)];
        await feed(
          one,
          heap.items.filter((_, at) => to[at] !== 1),
        );
        await feed(other, heap.items.filter((_, at) => to[at] !== 0).reverse());
        await feed(late, [...heap.items].reverse());
        expect(await settle(one, other)).toBe(true);
        expect(await settle(other, late)).toBe(true);
        expect(await settle(late, one)).toBe(true);
        expect(await settle(one, other)).toBe(true);
        expect([...one.missing({})].length).toBeLessThanOrEqual(12);
      },
    ),
    { numRuns: 300 },
  );
});

describe("the place of a newcomer", () => {
  const tree = (
    rows: readonly (readonly [string, string | null])[],
  ): Map<string, { admittedBy: string | null }> =>
    new Map(rows.map(([id, admittedBy]) => [id, { admittedBy }]));
  const crowd = Array.from({ length: 100 }, (_, n) => [`puppet ${n}`, "mallory"] as const);

  test("is behind everybody whom its admitter let in, and those whom others did, in turn", () => {
    const all = tree([
      ["alice", null],
      ["bob", "alice"],
      ["carol", "alice"],
      ["dave", "carol"],
    ]);
    expect(placeOfNewcomer("alice", all, () => true)).toBe(4);
    expect(placeOfNewcomer("bob", all, () => true)).toBe(5);
  });

  test("is not behind all of a crowd that one member let in, however it did", () => {
    const wide = tree([["alice", null], ["bob", "alice"], ["mallory", "alice"], ...crowd]);
    expect(placeOfNewcomer("alice", wide, () => true)).toBe(4);
    expect(placeOfNewcomer("bob", wide, () => true)).toBe(5);
    const chain = crowd.map(([id], at) => [id, crowd[at - 1]?.[0] ?? "mallory"] as const);
    const deep = tree([["alice", null], ["bob", "alice"], ["mallory", "alice"], ...chain]);
    expect(placeOfNewcomer("bob", deep, () => true)).toBe(5);
  });

  test("of the crowd itself is at its end", () => {
    const all = tree([["alice", null], ["mallory", "alice"], ...crowd]);
    expect(placeOfNewcomer("mallory", all, () => true)).toBe(103);
  });

  test("does not count who is not there", () => {
    const all = tree([
      ["alice", null],
      ["bob", "alice"],
      ["carol", "bob"],
    ]);
    expect(placeOfNewcomer("carol", all, (id) => id === "carol")).toBe(2);
  });
});
