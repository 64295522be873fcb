import { beforeAll, describe, expect, test, vi } from "vitest";
import { Signed, type Keys, type SignedWire, type Verifier } from "../../../src/conference/overlay";
import { membershipOf } from "../../../src/conference/overlay/membership";
import { StatementSet } from "../../../src/conference/overlay/statement-set";
import { conferenceIdOf, makeGenesis } from "../../../src/conference/overlay/statements";
import { FakeRing } from "./support/keys";
import { Random } from "./support/random";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

const random = new Random(3);
const ring = new FakeRing(random);
let alice: Keys;
let bob: Keys;
let genesis: Signed;
let conference: string;

beforeAll(async () => {
  [alice, bob] = [await ring.create(), await ring.create()];
  genesis = await makeGenesis(alice, random.hex(32));
  conference = conferenceIdOf(genesis.body);
});

async function state(by: Keys, body: object): Promise<SignedWire> {
  return (await Signed.make(by, conference, body)).wire;
}

function admission(key: string, rank = 1): object {
  return { t: "admit", key, rank, name: "", address: "" };
}

async function setOf(items: readonly unknown[], verifier: Verifier = ring.verifier): Promise<StatementSet> {
  const set = new StatementSet(conference, verifier);
  // As digests do: what was of no use yet is offered again.
  for (let round = 0; round < 3; round += 1) for (const item of items) await set.take(item);
  return set;
}

describe("the statements of a conference", () => {
  test("begin with the one that the conference is named after, and take no other beginning", async () => {
    const set = new StatementSet(conference, ring.verifier);
    const other = await makeGenesis(bob, random.hex(32));
    expect(await set.take(other.wire)).toBe("bad");
    expect(await set.take(genesis.wire)).toBe("new");
    expect(set.knows(alice.id)).toBe(true);
  });

  test("are the same in whatever order they came", async () => {
    const admitted = await state(alice, admission(bob.publicKey));
    const items = [genesis.wire, admitted, await state(bob, { t: "leave", stands: [] })];
    for (let n = 0; n < 20; n += 1) {
      const again = await state(bob, { t: "rules", version: n % 5, topic: String(n), locked: null });
      items.push(again, await state(alice, { t: "remove", id: bob.id, keeps: [random.hex(32)], last: n }));
    }
    const set = await setOf(items);
    for (let n = 0; n < 20; n += 1) {
      const shuffled = [...items].sort(() => random.next() - 0.5);
      expect((await setOf(shuffled)).digest()).toEqual(set.digest());
    }
  });

  test("hand over what the other side lacks, and nothing else", async () => {
    const admitted = await state(alice, admission(bob.publicKey));
    const [set, other] = [await setOf([genesis.wire, admitted]), await setOf([genesis.wire])];
    expect([...set.missing(other.digest())]).toEqual([admitted]);
    expect([...other.missing(set.digest())]).toEqual([]);
    expect([...set.missing("garbage")]).toHaveLength(2);
  });

  test("of somebody whom nobody admitted are not kept", async () => {
    const set = await setOf([genesis.wire]);
    expect(await set.take(await state(bob, { t: "leave", stands: [] }))).toBe("known");
    expect([...set.missing({})]).toHaveLength(1);
  });

  test("of another conference are bad", async () => {
    const set = await setOf([genesis.wire]);
    const elsewhere = await Signed.make(alice, random.hex(32), admission(bob.publicKey));
    expect(await set.take(elsewhere.wire)).toBe("bad");
  });

  test.each([
    ["a rank not below the admitter's", 0, 1],
    ["a rank far below the admitter's", 2 ** 31, 2 ** 31],
  ])("%s is taken for the next that can be", async (_, rank, counts) => {
    const set = await setOf([genesis.wire, await state(alice, admission(bob.publicKey, rank))]);
    expect(membershipOf(set, () => true).members.get(bob.id)?.rank).toBe(counts);
  });

  test("let somebody in again, and nobody is out whom that one let in", async () => {
    const [carol, mallory] = [await ring.create(), await ring.create()];
    const items = [
      genesis.wire,
      await state(alice, admission(mallory.publicKey, 1)),
      await state(alice, admission(bob.publicKey, 2000)),
      await state(bob, admission(carol.publicKey, 3000)),
      await state(mallory, admission(bob.publicKey, 2)),
    ];
    expect(membershipOf(await setOf(items), () => true).members.has(carol.id)).toBe(true);
    const late = await state(bob, admission(mallory.publicKey, 1));
    expect(membershipOf(await setOf([...items, late]), () => true).members.has(carol.id)).toBe(true);
  });

  test.each([
    ["nothing", null],
    ["a text", "x"],
    ["without a key", { body: "{}", sig: "x" }],
    ["with something unsigned", { key: "", body: "{}", sig: "x", more: 1 }],
  ])("%s is none", async (_, item) => {
    expect(await (await setOf([genesis.wire])).take(item)).toBe("bad");
  });

  test.each([
    ["no type", {}],
    ["a rank that is no number", { t: "admit", key: "", rank: "1", name: "", address: "" }],
    ["an endless name", { t: "admit", key: "", rank: 1, name: "x".repeat(101), address: "" }],
    ["a lock with garbage", { t: "rules", version: 1, topic: "", locked: ["x"] }],
    ["a farewell that names garbage", { t: "leave", stands: ["x"] }],
    ["a farewell that names nothing", { t: "leave" }],
    [
      "a topic longer than in an invitation",
      { t: "rules", version: 1, topic: "x".repeat(101), locked: null },
    ],
    ["a removal that does not say what counts", { t: "remove", id: "0".repeat(32), keeps: [] }],
    ["a removal of nobody", { t: "remove", id: "x", keeps: [], last: 0 }],
  ])("%s is none, even if a member signs it", async (_, body) => {
    const set = await setOf([genesis.wire]);
    const filled = "key" in body ? { ...body, key: bob.publicKey } : body;
    expect(await set.take(await state(alice, filled))).toBe("bad");
  });
});
