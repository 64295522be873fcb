import { describe, expect, onTestFinished, test, vi } from "vitest";
import * as Y from "yjs";
import { rootOf } from "../../../src/conference/documents/entry";
import { MAX_ITEMS } from "../../../src/conference/documents/limits";
import { clientOf } from "../../../src/conference/documents/update";
import { Mallory, update } from "./support/mallory";
import { Room, idOf, lastBatch, type Person } from "./support/room";

function meeting(): { room: Room; alice: Person; bob: Person; mallory: Mallory } {
  const room = new Room();
  return { room, alice: room.join("Alice"), bob: room.join("Bob"), mallory: new Mallory() };
}

async function take(person: Person, item: unknown) {
  return person.documents.replica.take(JSON.parse(JSON.stringify(item)), idOf("Mallory"));
}

describe("Mallory, a member, is refused", () => {
  test("a line in Alice's name", async () => {
    const { alice, bob, mallory } = meeting();
    const batch = { ...mallory.publish(mallory.line("I resign")), author: alice.id };
    expect(await take(bob, batch)).toBe("bad");
    expect(await take(bob, { ...batch, prev: rootOf(alice.id) })).toBe("bad");
    expect(bob.chat).toEqual([]);
  });

  test("an item under the Yjs client of Alice", async () => {
    const { alice, bob, mallory } = meeting();
    const item = { client: clientOf(alice.id), clock: 0, value: "{}", parent: "chat" };
    expect(await take(bob, mallory.publish(mallory.entry("chat", update([item]))))).toBe("bad");
  });

  test("the deletion of a line of the chat", async () => {
    const { room, alice, bob, mallory } = meeting();
    alice.documents.say("the deal is on");
    await room.deliver();
    const deletion = update([], [[clientOf(alice.id), 0, 1]]);
    expect(await take(bob, mallory.publish(mallory.entry("chat", deletion, [[alice.id, 1]])))).toBe("bad");
    expect(bob.chat).toEqual(["the deal is on"]);
  });

  test.each<[string, (client: number) => Uint8Array]>([
    ["garbage", () => Uint8Array.from([255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255])],
    ["nothing", () => update([])],
    ["a gap in her clock", (client) => update([{ client, clock: 1, text: "x", parent: "notes" }])],
    ["another sequence", (client) => update([{ client, clock: 0, text: "x", parent: "other" }])],
    ["a list's entry", (client) => update([{ client, clock: 0, value: "x", parent: "notes" }])],
    ["an empty text", (client) => update([{ client, clock: 0, text: "", parent: "notes" }])],
    ["a map", (client) => foreign(client, (doc) => doc.getMap("notes").set("key", 1))],
    [
      "a formatted text",
      (client) => foreign(client, (doc) => doc.getText("notes").insert(0, "x", { b: true })),
    ],
    ["an embedded object", (client) => foreign(client, (doc) => doc.getText("notes").insertEmbed(0, {}))],
    ["a nested type", (client) => foreign(client, (doc) => doc.getArray("notes").push([new Y.Map()]))],
    ["a nested document", (client) => foreign(client, (doc) => doc.getArray("notes").push([new Y.Doc()]))],
    ["lists nested 30,000 deep", (client) => nested(client, 30_000)],
  ])("notes that hold %s", async (_, make) => {
    const { bob, mallory } = meeting();
    expect(await take(bob, mallory.publish(mallory.entry("notes", make(mallory.client))))).toBe("bad");
    expect(bob.faults).toEqual([]);
  });

  test("an update of more than 64 KiB", async () => {
    const { bob, mallory } = meeting();
    expect(await take(bob, mallory.publish(mallory.note("x".repeat(65_000))))).toBe("new");
    expect(await take(bob, mallory.publish(mallory.note("x".repeat(66_000))))).toBe("bad");
  });

  test("an update of more items than anybody's edits make", async () => {
    const { bob, mallory } = meeting();
    expect(await take(bob, mallory.publish(mallory.lines(MAX_ITEMS)))).toBe("new");
    expect(await take(bob, mallory.publish(mallory.lines(MAX_ITEMS + 1)))).toBe("bad");
    expect(bob.chat.length).toBe(0);
  });

  test("a signature over something else", async () => {
    const { bob, mallory } = meeting();
    const batch = mallory.publish(mallory.line("hi"));
    expect(await take(bob, { ...batch, entries: [new Mallory().line("ho")] })).toBe("bad");
  });

  test("a batch whose middle somebody altered on the way", async () => {
    const { bob, mallory } = meeting();
    const [one, two, three] = [mallory.line("1"), mallory.line("2"), mallory.line("3")];
    const batch = mallory.publish(one, two, three);
    const twin = new Mallory();
    twin.line("1");
    expect(await take(bob, { ...batch, entries: [one, twin.line("II"), three] })).toBe("bad");
    expect(await take(bob, batch)).toBe("new");
  });

  test.each([
    ["null", null],
    ["a text", "feed"],
    ["an empty object", {}],
    ["no entries", { ...new Mallory().publish(), sig: "x" }],
    ["an entry of no document", { ...new Mallory().publish(["secrets", "AA", []] as never) }],
    ["a fork of one branch", { author: idOf("Mallory"), at: 1, branches: [new Mallory().publish()] }],
  ])("%s instead of an item", async (_, item) => {
    const { bob } = meeting();
    expect(await take(bob, item)).toBe("bad");
  });
});

describe("a digest of any shape", () => {
  test.each([null, 7, "x", [], { [idOf("Alice")]: null }, { [idOf("Alice")]: [-1, 7, {}] }])(
    "gets everything from Alice, or nothing: %j",
    async (digest) => {
      const { room, alice } = meeting();
      alice.documents.say("hello");
      await room.deliver();
      const items = [...alice.documents.replica.missing(digest)];
      expect(items).toEqual(
        typeof digest === "object" && !Array.isArray(digest) && digest ? alice.flooded : [],
      );
    },
  );

  test("that claims more than there is gets nothing", async () => {
    const { room, alice } = meeting();
    alice.documents.say("hello");
    await room.deliver();
    expect([...alice.documents.replica.missing({ [alice.id]: [500_000, "0".repeat(16), 0] })]).toEqual([]);
  });
});

describe("what Mallory does to her own feed hurts nobody else", () => {
  test("a stranger's feed is not taken", async () => {
    const { room, bob, mallory } = meeting();
    room.strangers.add(mallory.id);
    expect(await take(bob, mallory.publish(mallory.line("let me in")))).toBe("known");
    expect(bob.chat).toEqual([]);
  });

  test("entries far ahead are kept only up to a limit, and found again later", async () => {
    const { bob, mallory } = meeting();
    const batches = Array.from({ length: 60 }, (_, n) =>
      mallory.publish(mallory.line(String(n), n === 0 ? null : [mallory.client, n - 1])),
    );
    const taken = [];
    for (const batch of batches.slice(1)) taken.push(await take(bob, batch));
    expect(taken.filter((one) => one === "new")).toHaveLength(32);
    for (const batch of batches) await take(bob, batch);
    expect(bob.chat).toHaveLength(60);
  });

  test("an entry that claims to have seen what never was waits for ever, and nobody waits for it", async () => {
    const { room, alice, bob, mallory } = meeting();
    const batch = mallory.publish(mallory.line("later", null, [[alice.id, 999]]));
    expect(await take(bob, batch)).toBe("new");
    alice.documents.say("hello");
    await room.reconcile();
    expect(bob.chat).toEqual(["hello"]);
    expect(alice.chat).toEqual(["hello"]);
  });

  test("her feed has an end", async () => {
    const { bob, mallory } = meeting();
    let at = 0;
    let taken = "new";
    for (; taken === "new" && at < 200; at += 1)
      taken = await take(bob, mallory.publish(mallory.note("x".repeat(60_000))));
    expect(taken).toBe("bad");
    expect(at).toBeGreaterThan(90);
  });

  test("a line she puts before all others comes at the end of what she had seen", async () => {
    const { room, alice, bob, mallory } = meeting();
    alice.documents.say("one");
    alice.documents.say("two");
    await room.deliver();
    await take(bob, mallory.publish(mallory.line("zero", null, [[alice.id, 1]])));
    expect(bob.chat.slice(0, 1)).toEqual(["one"]);
    expect(bob.chat).toContain("zero");
  });

  test("neighbours that never stood side by side do not make the notes diverge", async () => {
    const { room, alice, bob, mallory } = meeting();
    alice.type(0, "abc");
    await room.deliver();
    const client = clientOf(alice.id);
    const evil = mallory.publish(mallory.note("X", [client, 2], [client, 0], [[alice.id, 1]]));
    await take(alice, evil);
    bob.type(1, "-");
    await take(bob, evil);
    await room.deliver();
    expect(alice.documents.notes).toBe(bob.documents.notes);
    expect(alice.documents.notes).toBe("a-bcX");
  });

  test("deletions of what is not there yet do not delete it later", async () => {
    const { room, alice, bob, mallory } = meeting();
    alice.type(0, "ab");
    await room.deliver();
    const deletion = update([], [[clientOf(alice.id), 0, 1000]]);
    await take(bob, mallory.publish(mallory.entry("notes", deletion, [[alice.id, 1]])));
    alice.type(2, "cd");
    await room.deliver();
    expect(bob.documents.notes).toBe("cd");
  });
});

describe("when Mallory tells Alice one thing and Bob another", () => {
  test("her feed counts up to before it, everywhere, and everybody has the proof", async () => {
    const { room, alice, bob, mallory } = meeting();
    const carol = room.join("Carol");
    const start = mallory.publish(mallory.line("I am Mallory"));
    for (const person of [alice, bob, carol]) await take(person, start);
    const twin = mallory.twin();
    await take(alice, mallory.publish(mallory.line("yes", [mallory.client, 0])));
    await take(bob, twin.publish(twin.line("no", [mallory.client, 0])));
    await room.reconcile();
    for (const { chat } of [alice, bob, carol]) expect(chat).toEqual(["I am Mallory"]);
    expect(new Set(room.digests()).size).toBe(1);
  });

  test("answers to what counts no more stay, behind what else their authors knew", async () => {
    const { room, alice, bob, mallory } = meeting();
    room.separate(alice, bob);
    const twin = mallory.twin();
    await take(alice, mallory.publish(mallory.line("yes"), mallory.note("yes")));
    await take(bob, twin.publish(twin.line("no"), twin.note("no")));
    alice.documents.say("good");
    alice.type(3, "!");
    bob.documents.say("pity");
    bob.type(2, "?");
    await room.deliver();
    expect(alice.chat).toEqual(["yes", "good"]);
    room.connect(alice, bob);
    await room.reconcile();
    expect([...alice.chat].sort()).toEqual(["good", "pity"]);
    expect(bob.chat).toEqual(alice.chat);
    expect([...alice.documents.notes].sort()).toEqual(["!", "?"]);
    expect(bob.documents.notes).toBe(alice.documents.notes);
    alice.documents.say("we go on");
    alice.type(0, "- ");
    await room.deliver();
    expect(bob.chat.at(-1)).toBe("we go on");
    expect(bob.documents.notes).toBe(alice.documents.notes);
  });

  test("long after the two ways parted, the place where is found in few rounds", async () => {
    const { room, alice, bob, mallory } = meeting();
    room.separate(alice, bob);
    const start = mallory.publish(mallory.line("0"));
    const twin = mallory.twin();
    for (const person of [alice, bob]) await take(person, start);
    for (let n = 1; n <= 300; n += 1) {
      await take(alice, mallory.publish(mallory.line(`a${n}`, [mallory.client, n - 1])));
      await take(bob, twin.publish(twin.line(`b${n}`, [mallory.client, n - 1])));
    }
    room.connect(alice, bob);
    await room.reconcile();
    expect(alice.chat).toEqual(["0"]);
    expect(bob.chat).toEqual(["0"]);
    expect(new Set(room.digests()).size).toBe(1);
  });

  test("a late joiner gets what counts and the proof", async () => {
    const { room, alice, bob, mallory } = meeting();
    await take(alice, mallory.publish(mallory.line("1"), mallory.line("2", [mallory.client, 0])));
    const twin = mallory.twin();
    await take(alice, mallory.publish(mallory.line("yes", [mallory.client, 1])));
    await take(alice, twin.publish(twin.line("no", [mallory.client, 1])));
    await room.reconcile();
    room.leave(alice);
    const carol = room.join("Carol");
    await room.reconcile();
    expect(carol.chat).toEqual(["1", "2"]);
    expect(carol.chat).toEqual(bob.chat);
  });

  test("ever earlier places where she did so do not keep Alice busy", async () => {
    const { room, alice, mallory } = meeting();
    const twins: Mallory[] = [];
    for (let n = 0; n < 50; n += 1) {
      twins.push(mallory.twin());
      await take(alice, mallory.publish(mallory.line(String(n), n === 0 ? null : [mallory.client, n - 1])));
    }
    let changes = 0;
    alice.documents.subscribe(() => (changes += 1));
    for (const [n, twin] of [...twins.entries()].reverse())
      await take(alice, twin.publish(twin.line("no", n === 0 ? null : [mallory.client, n - 1])));
    expect(changes).toBe(1);
    expect(alice.chat).toHaveLength(49);
    room.clock.advance(2000);
    expect(changes).toBe(2);
    expect(alice.chat).toEqual([]);
  });

  test("after very many lines, what is made anew stays in few pieces meanwhile, so that it takes no time", async () => {
    const { alice, mallory } = meeting();
    for (let n = 0; n < 20; n += 1) await take(alice, mallory.publish(mallory.lines(MAX_ITEMS)));
    const twin = mallory.twin();
    await take(alice, mallory.publish(mallory.line("yes")));
    const pieces = countPieces();
    await take(alice, twin.publish(twin.line("no")));
    expect(pieces.entries).toBeGreaterThanOrEqual(20);
    expect(pieces.most).toBeLessThan(5);
  });

  test("nobody can accuse Alice of it without her signatures", async () => {
    const { room, alice, bob, mallory } = meeting();
    alice.documents.say("hello");
    await room.deliver();
    const hers = lastBatch(alice);
    const other = { ...hers, entries: [mallory.line("ho")] };
    expect(await take(bob, { author: alice.id, at: 1, branches: [hers, other] })).toBe("bad");
    expect(await take(bob, { author: alice.id, at: 1, branches: [hers, hers] })).toBe("bad");
    expect(bob.chat).toEqual(["hello"]);
  });
});

describe("somebody who was removed", () => {
  test("keeps what it wrote before, and what it wrote after goes away everywhere", async () => {
    const { room, alice, bob, mallory } = meeting();
    await take(alice, mallory.publish(mallory.line("before")));
    await take(alice, mallory.publish(mallory.line("after", [mallory.client, 0])));
    await room.reconcile();
    expect(bob.chat).toEqual(["before", "after"]);
    room.removedAfter.set(mallory.id, 1);
    for (const { documents } of [alice, bob]) documents.participantsChanged();
    room.clock.advance(2000);
    expect(alice.chat).toEqual(["before"]);
    expect(bob.chat).toEqual(["before"]);
    expect(await take(bob, mallory.publish(mallory.line("still here", [mallory.client, 1])))).toBe("known");
    expect(bob.chat).toEqual(["before"]);
  });

  test("has it all back if the removal holds no more", async () => {
    const { room, bob, mallory } = meeting();
    await take(bob, mallory.publish(mallory.line("before"), mallory.line("after", [mallory.client, 0])));
    room.removedAfter.set(mallory.id, 1);
    bob.documents.participantsChanged();
    room.removedAfter.delete(mallory.id);
    bob.documents.participantsChanged();
    room.clock.advance(2000);
    expect(bob.chat).toEqual(["before", "after"]);
  });
});

/** Of how many pieces the largest document consists whenever an entry is about to be applied. */
function countPieces(): { entries: number; most: number } {
  const pieces = { entries: 0, most: 0 };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- It is called with the document it was called on.
  const { getArray } = Y.Doc.prototype;
  const spy = vi.spyOn(Y.Doc.prototype, "getArray").mockImplementation(function (this: Y.Doc, name) {
    pieces.entries += 1;
    for (const structs of this.store.clients.values()) pieces.most = Math.max(pieces.most, structs.length);
    return getArray.call(this, name);
  });
  onTestFinished(() => spy.mockRestore());
  return pieces;
}

/** What plain Yjs makes of an edit. */
function foreign(client: number, edit: (doc: Y.Doc) => void): Uint8Array {
  const doc = new Y.Doc();
  doc.clientID = client;
  edit(doc);
  return Y.encodeStateAsUpdate(doc);
}

/** A list in a list in a list. */
function nested(client: number, depth: number): Uint8Array {
  const head = update([{ client, clock: 0, value: "x", parent: "notes" }]);
  const content = head.length - 4;
  return Uint8Array.from([
    ...head.subarray(0, content),
    ...Array.from({ length: depth }, () => [117, 1]).flat(),
    126,
    0,
  ]);
}

describe("Mallory, who has two keys with one Yjs client,", () => {
  function keys(): { first: Mallory; second: Mallory } {
    const alike = idOf("Mallory").slice(0, 13);
    return {
      first: new Mallory(`${alike}${"0".repeat(19)}`),
      second: new Mallory(`${alike}${"f".repeat(19)}`),
    };
  }

  test("writes for everybody under the first only, whichever of the two was heard first", async () => {
    const { room, alice, bob } = meeting();
    const { first, second } = keys();
    const [one, other] = [first.publish(first.line("I agree")), second.publish(second.line("I refuse"))];
    room.separate(alice, bob);
    await take(alice, one);
    await take(bob, other);
    room.connect(alice, bob);
    room.removedAfter.set(second.id, 0);
    for (const { documents } of room.people) documents.participantsChanged();
    await room.reconcile();
    expect([alice.chat, bob.chat]).toEqual([["I agree"], ["I agree"]]);
  });
});
