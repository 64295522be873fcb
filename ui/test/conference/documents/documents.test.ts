import { describe, expect, test } from "vitest";
import { chatAsText } from "../../../src/conference/documents/text";
import { DocumentError } from "../../../src/conference/documents/types";
import { MAX_LINE } from "../../../src/limits";
import { Room, idOf, sync } from "./support/room";

describe("the chat", () => {
  test("what Alice says stands at Bob's and Carol's, with her name", async () => {
    const room = new Room();
    const [alice, bob, carol] = [room.join("Alice"), room.join("Bob"), room.join("Carol")];
    alice.documents.say("hello");
    await room.deliver();
    for (const { documents } of [alice, bob, carol])
      expect(documents.chat).toMatchObject([
        { author: alice.id, name: "Alice", text: "hello", privateWith: null },
      ]);
    expect(bob.documents.chat).toEqual(carol.documents.chat);
  });

  test("an answer stands after what it answers, also where it came first", async () => {
    const room = new Room();
    const [alice, bob, carol] = [room.join("Alice"), room.join("Bob"), room.join("Carol")];
    room.separate(alice, carol);
    alice.documents.say("who takes notes?");
    room.clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
    await bob.receive();
    bob.documents.say("I do");
    room.clock.advance(50);
    await new Promise((resolve) => setImmediate(resolve));
    await carol.receive(carol.inbox.length - 1);
    expect(carol.chat).toEqual([]);
    await room.deliver();
    expect(carol.chat).toEqual(["who takes notes?", "I do"]);
  });

  test("everybody sees lines said at once in one order", async () => {
    const room = new Room();
    const people = ["Alice", "Bob", "Carol"].map((name) => room.join(name));
    for (const { documents, name } of people) documents.say(`I am ${name}`);
    await room.deliver();
    const [first] = people;
    for (const { chat } of people) expect(chat).toEqual(first?.chat);
    expect(first?.chat).toHaveLength(3);
  });

  test("a line that is too long is refused", () => {
    const alice = new Room().join("Alice");
    expect(() => alice.documents.say("x".repeat(MAX_LINE + 1))).toThrow(new DocumentError("too_long"));
    alice.documents.say("x".repeat(MAX_LINE));
    expect(alice.chat).toHaveLength(1);
  });

  test("lines keep the name their author had when it wrote", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.documents.say("goodbye");
    await room.deliver();
    room.leave(alice);
    expect(bob.documents.chat[0]?.name).toBe("Alice");
  });

  test("a late joiner gets everything, also from people who left", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.documents.say("one");
    await room.deliver();
    bob.documents.say("two");
    await room.deliver();
    room.leave(alice);
    const carol = room.join("Carol");
    sync(bob, carol);
    await room.deliver();
    expect(carol.chat).toEqual(["one", "two"]);
  });

  test("a listener hears of what others say", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    let heard = 0;
    const cancel = bob.documents.subscribe(() => (heard += 1));
    alice.documents.say("hello");
    await room.deliver();
    expect(heard).toBe(1);
    cancel();
    alice.documents.say("hello?");
    await room.deliver();
    expect(heard).toBe(1);
  });

  test("can be saved as a text", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.documents.say("two\nlines");
    await room.deliver();
    alice.documents.say("psst", bob.id);
    const words = { time: () => "12:00", nameOf: (id: string) => (id === idOf("Bob") ? "Bob" : "") };
    expect(chatAsText(bob.documents.chat, words)).toBe(
      "12:00 Alice: two\n    lines\n12:00 Alice → Bob: psst\n",
    );
  });
});

describe("a private line", () => {
  test("stands at the one it is for and at its author's, between the lines it came between", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.documents.say("before");
    await room.deliver();
    alice.documents.say("only you", bob.id);
    alice.documents.say("after");
    await room.deliver();
    expect(alice.chat).toEqual(["before", "only you", "after"]);
    expect(bob.chat).toEqual(["before", "only you", "after"]);
    expect(alice.documents.chat[1]?.privateWith).toBe(bob.id);
    expect(bob.documents.chat[1]).toMatchObject({ author: alice.id, privateWith: bob.id });
  });

  test("is in no document, so nobody else ever gets it", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.documents.say("only you", bob.id);
    const carol = room.join("Carol");
    await room.reconcile();
    expect(carol.chat).toEqual([]);
    expect(alice.flooded).toEqual([]);
  });

  test("for somebody who is gone is refused", () => {
    const room = new Room();
    const alice = room.join("Alice");
    expect(() => alice.documents.say("Bob?", idOf("Bob"))).toThrow(new DocumentError("gone"));
    expect(alice.chat).toEqual([]);
  });

  test("that comes twice stands once", () => {
    const bob = new Room().join("Bob");
    const line = { text: "psst", name: "Alice", at: 1, line: 1 };
    bob.documents.takePrivate(idOf("Alice"), line);
    bob.documents.takePrivate(idOf("Alice"), line);
    expect(bob.chat).toEqual(["psst"]);
  });

  test.each([null, 7, [], {}, { text: "x", name: "A", at: 1 }, { text: 1, name: "A", at: 1, line: 1 }])(
    "of another shape is nothing: %j",
    (body) => {
      const bob = new Room().join("Bob");
      bob.documents.takePrivate(idOf("Mallory"), body);
      expect(bob.chat).toEqual([]);
    },
  );
});

describe("the notes", () => {
  test("what two type at once is merged alike everywhere", async () => {
    const room = new Room();
    const [alice, bob, carol] = [room.join("Alice"), room.join("Bob"), room.join("Carol")];
    alice.type(0, "milk, bread");
    await room.deliver();
    alice.documents.editNotes(4, 0, " and honey");
    bob.documents.editNotes(6, 5, "butter");
    await room.deliver();
    for (const { documents } of [alice, bob, carol]) expect(documents.notes).toBe("milk and honey, butter");
  });

  test("quick typing goes out as one entry", async () => {
    const room = new Room();
    const alice = room.join("Alice");
    for (const [at, letter] of [..."Agenda"].entries()) alice.type(at, letter);
    await room.deliver();
    expect(alice.flooded).toHaveLength(1);
    expect(alice.documents.notes).toBe("Agenda");
  });

  test("a long text can be pasted and deleted, in messages of less than 16 KiB", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    const text = "0123456789abcde\n".repeat(16_384);
    alice.type(0, text);
    await room.deliver();
    expect(bob.documents.notes).toBe(text);
    for (const item of alice.flooded) expect(JSON.stringify(item).length).toBeLessThan(16 * 1024);
    bob.documents.editNotes(0, text.length, "");
    await room.deliver();
    expect(alice.documents.notes).toBe("");
  });

  test("half of an emoji is never replaced alone", async () => {
    const room = new Room();
    const [alice, bob] = [room.join("Alice"), room.join("Bob")];
    alice.type(0, "a😀b");
    await room.deliver();
    // 😀 and 😁 differ in their second half only.
    alice.documents.editNotes(2, 1, "😁".charAt(1));
    await room.deliver();
    expect(alice.documents.notes).toBe("a😁b");
    expect(bob.documents.notes).toBe("a😁b");
  });

  test("a place outside of them is the nearest within", () => {
    const alice = new Room().join("Alice");
    alice.type(99, "end");
    alice.documents.editNotes(-5, 99, "all");
    expect(alice.documents.notes).toBe("all");
  });

  test("grow until this device's share is used up", () => {
    const alice = new Room().join("Alice");
    const paste = (): void => {
      for (let i = 0; i < 100; i += 1) alice.type(0, "x".repeat(200_000));
    };
    expect(paste).toThrow(new DocumentError("too_long"));
    const { length } = alice.documents.notes;
    expect(length).toBeGreaterThan(1_000_000);
    expect(length).toBeLessThan(8_000_000);
  });
});
