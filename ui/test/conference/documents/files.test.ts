import { describe, expect, test } from "vitest";
import { DocumentError } from "../../../src/conference/documents/types";
import { MAX_FILE } from "../../../src/limits";
import { Network, fileOf } from "../files/support/network";
import { Mallory, update } from "./support/mallory";
import { Room, sync, type Person } from "./support/room";

function named(file: Blob, name: string): Blob & { readonly name: string } {
  return Object.assign(file, { name });
}

/** Alice, Bob and Carol, linked to each other. */
function meeting() {
  const room = new Room();
  const network = new Network(room.clock);
  const [alice, bob, carol] = [room.join("Alice"), room.join("Bob"), room.join("Carol")];
  for (const [one, other] of [
    [alice, bob],
    [alice, carol],
    [bob, carol],
  ] as const)
    network.connect(one, other);
  return { room, network, alice, bob, carol };
}

/** The only file there is. */
function theFile(person: Person) {
  const [file, ...others] = person.documents.files;
  if (file === undefined || others.length > 0) throw new Error(`there are ${others.length} others`);
  return file;
}

describe("a file that Alice shares", () => {
  test("is listed everywhere, with who shared it", async () => {
    const { room, alice, bob } = meeting();
    await alice.documents.share(named(new Blob(["hello"], { type: "text/plain" }), "../plan.txt"));
    await room.deliver();
    expect(theFile(bob)).toMatchObject({
      owner: alice.id,
      ownerName: "Alice",
      name: ".._plan.txt",
      size: 5,
      mime: "text/plain",
      holders: 1,
      state: { type: "offered" },
    });
    expect(theFile(alice).state).toEqual({ type: "here" });
    expect(theFile(alice).id).toBe(theFile(bob).id);
  });

  test("is fetched by Bob, and from him by Carol after Alice left", async () => {
    const { room, network, alice, bob, carol } = meeting();
    await alice.documents.share(named(fileOf(600_000), "plan.bin"));
    await room.deliver();
    bob.documents.fetch(theFile(bob).id);
    await network.until(() => theFile(bob).state.type === "here");
    await room.deliver();
    expect(theFile(carol).holders).toBe(2);

    network.cut(alice, bob);
    network.cut(alice, carol);
    room.leave(alice);
    carol.documents.participantsChanged();
    expect(theFile(carol).holders).toBe(1);
    carol.documents.fetch(theFile(carol).id);
    await network.until(() => theFile(carol).state.type === "here");
    const copy = await carol.documents.read(theFile(carol).id);
    expect(copy?.size).toBe(600_000);
    expect(copy?.type).toBe("");
    expect(theFile(carol).holders).toBe(2);
  });

  test("waits where nobody has it, and comes by itself when the list says who does", async () => {
    const { room, network, alice, bob, carol } = meeting();
    const file = named(fileOf(300_000), "plan.bin");
    await alice.documents.share(file);
    await room.deliver();
    network.cut(alice, bob);
    bob.documents.fetch(theFile(bob).id);
    expect(theFile(bob).state).toEqual({ type: "waiting", bytes: 0 });
    carol.documents.fetch(theFile(carol).id);
    await network.until(() => theFile(carol).state.type === "here");
    await room.deliver();
    await network.until(() => theFile(bob).state.type === "here");
  });

  test("tells of its progress", async () => {
    const { room, network, alice, bob } = meeting();
    await alice.documents.share(named(fileOf(600_000), "plan.bin"));
    await room.deliver();
    const states: string[] = [];
    bob.documents.subscribe(() => states.push(theFile(bob).state.type));
    bob.documents.fetch(theFile(bob).id);
    await network.until(() => states.includes("here"));
    expect(new Set(states)).toEqual(new Set(["fetching", "here"]));
  });

  test("may be cancelled, and is offered again", async () => {
    const { room, network, alice, bob } = meeting();
    await alice.documents.share(named(fileOf(600_000), "plan.bin"));
    await room.deliver();
    bob.documents.fetch(theFile(bob).id);
    network.step();
    bob.documents.cancel(theFile(bob).id);
    expect(theFile(bob).state).toEqual({ type: "offered" });
    expect(await bob.documents.read(theFile(bob).id)).toBeNull();
  });

  test("is refused if it is too large or cannot be read", async () => {
    const { alice } = meeting();
    const large = Object.defineProperty(named(new Blob(), "film.mkv"), "size", { value: MAX_FILE + 1 });
    await expect(alice.documents.share(large)).rejects.toEqual(new DocumentError("too_large"));
    const gone = named(new Blob(["x"]), "gone.txt");
    gone.slice = () => {
      throw new DOMException("gone", "NotFoundError");
    };
    await expect(alice.documents.share(gone)).rejects.toEqual(new DocumentError("unreadable"));
    expect(alice.documents.files).toEqual([]);
  });

  test("is gone from this device when the conference ends", async () => {
    const { room, network, alice, bob } = meeting();
    await alice.documents.share(named(fileOf(300_000), "plan.bin"));
    await room.deliver();
    bob.documents.fetch(theFile(bob).id);
    await network.until(() => theFile(bob).state.type === "here");
    const { id } = theFile(bob);
    bob.documents.close();
    expect(await bob.documents.read(id)).toBeNull();
    expect(room.clock.waiting).toBe(0);
  });
});

describe("what Mallory lists", () => {
  test.each<[string, unknown]>([
    ["no object", 7],
    ["no id", { size: 1, name: "x", mime: "", at: 0, by: "M" }],
    ["a size below zero", { file: "0".repeat(32), size: -1, name: "x", mime: "", at: 0, by: "M" }],
    [
      "more than a file may have",
      { file: "0".repeat(32), size: MAX_FILE + 1, name: "x", mime: "", at: 0, by: "M" },
    ],
    ["no name", { file: "0".repeat(32), size: 1, mime: "", at: 0, by: "M" }],
  ])("is left out if it has %s", async (_, entry) => {
    const { bob } = meeting();
    const mallory = new Mallory();
    const item = { client: mallory.client, clock: 0, value: JSON.stringify(entry), parent: "files" };
    const batch = mallory.publish(mallory.entry("files", update([item])));
    expect(await bob.documents.replica.take(batch, mallory.id)).toBe("new");
    expect(bob.documents.files).toEqual([]);
  });

  test("never makes a name that leads to another folder or turns the reading direction", async () => {
    const { bob } = meeting();
    const mallory = new Mallory();
    const names = ["..", "a/../../b", "C:\\evil", "cod\u202Efdp.exe", "x".repeat(1000), ""];
    const values = names.map((name) =>
      JSON.stringify({ file: "0".repeat(32), size: 1, name, mime: "text/html; x", at: 0, by: "M" }),
    );
    const items = values.map((value, clock) => {
      const origin = clock === 0 ? null : ([mallory.client, clock - 1] as const);
      return { client: mallory.client, clock, origin, value, parent: "files" };
    });
    await bob.documents.replica.take(mallory.publish(mallory.entry("files", update(items))), mallory.id);
    const files = bob.documents.files;
    expect(files.map(({ name }) => name)).toEqual([
      "file",
      "a_.._.._b",
      "C:_evil",
      "cod fdp.exe",
      "x".repeat(200),
      "file",
    ]);
    expect(new Set(files.map(({ mime }) => mime))).toEqual(new Set([""]));
  });

  test("does not change what Alice listed", async () => {
    const { room, alice, bob } = meeting();
    await alice.documents.share(named(new Blob(["hello"]), "plan.txt"));
    await room.deliver();
    const mallory = room.join("Mallory");
    sync(alice, mallory);
    await room.deliver();
    await mallory.documents.share(named(new Blob(["hello"]), "virus.exe"));
    await room.deliver();
    expect(bob.documents.files.map(({ name, ownerName }) => [name, ownerName])).toEqual([
      ["plan.txt", "Alice"],
      ["virus.exe", "Mallory"],
    ]);
    expect(bob.documents.files.map(({ holders }) => holders)).toEqual([2, 2]);
  });
});
