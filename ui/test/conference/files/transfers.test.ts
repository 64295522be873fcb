import { describe, expect, test } from "vitest";
import { BlobStore, type Content } from "../../../src/conference/files";
import { PIECE } from "../../../src/conference/files/pieces";
import { readMessage } from "../../../src/conference/files/wire";
import { Network, fileOf, type Device, type Wire } from "./support/network";

const MEGABYTE = 1024 * 1024;

async function share(network: Network, owner: Device, file: Blob): Promise<Content> {
  const content = await owner.transfers.add(file);
  network.announce(content.id, owner.id);
  return content;
}

/** Alice shares a file; Bob and Carol are linked to her and to each other. */
async function meeting(bytes = MEGABYTE) {
  const network = new Network();
  const [alice, bob, carol] = [network.join("alice"), network.join("bob"), network.join("carol")];
  network.connect(alice, bob);
  network.connect(alice, carol);
  network.connect(bob, carol);
  const file = fileOf(bytes);
  const content = await share(network, alice, file);
  return { network, alice, bob, carol, file, content };
}

function here(device: Device, content: Content): () => boolean {
  return () => device.transfers.state(content).type === "here";
}

async function expectWhole(device: Device, content: Content, file: Blob): Promise<void> {
  const copy = await device.transfers.read(content);
  // Comparing a megabyte item by item would take seconds.
  const [hers, original] = [await copy?.arrayBuffer(), await file.arrayBuffer()];
  expect(hers !== undefined && Buffer.from(hers).equals(Buffer.from(original))).toBe(true);
}

/** The numbers of the pieces that are asked for on a wire; the list of hashes is -1. */
function asked(wire: Wire): number[] {
  const pieces: number[] = [];
  wire.tamper = (data) => {
    const message = typeof data === "string" ? readMessage(data) : null;
    if (message?.t === "get") pieces.push(message.piece);
    return data;
  };
  return pieces;
}

/** Sends other bytes than asked for. */
function corrupt(data: string | ArrayBuffer): string | ArrayBuffer {
  if (typeof data === "string") return data;
  const copy = data.slice(0);
  const bytes = new Uint8Array(copy);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return copy;
}

describe("a file", () => {
  test("comes to Bob as Alice shared it, and Bob has it for others", async () => {
    const { network, bob, file, content } = await meeting(2.5 * MEGABYTE);
    expect(bob.transfers.state(content)).toEqual({ type: "offered" });
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
    expect(bob.completed).toEqual([content.id]);
  });

  test("never fills a channel, and tells how much has come", async () => {
    const { network, bob, content } = await meeting(2.5 * MEGABYTE);
    const progress: number[] = [];
    bob.transfers.fetch(content);
    await network.until(() => {
      const state = bob.transfers.state(content);
      if (state.type === "fetching") progress.push(state.bytes);
      return state.type === "here";
    });
    expect(network.mostBuffered).toBeLessThan(145 * 1024);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(new Set(progress).size).toBeGreaterThanOrEqual(5);
  });

  test("comes from everybody at once who has it", async () => {
    const { network, alice, bob, carol, file, content } = await meeting(2 * MEGABYTE);
    await carol.transfers.add(file);
    network.announce(content.id, carol.id);
    const [fromAlice, fromCarol] = [asked(network.wire(bob, alice)), asked(network.wire(bob, carol))];
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    expect(fromAlice.length).toBeGreaterThan(2);
    expect(fromCarol.length).toBeGreaterThan(2);
    expect([...fromAlice, ...fromCarol].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 9 }, (_, n) => n - 1),
    );
  });

  test("whose link is cut in the middle goes on where it was", async () => {
    const { network, alice, bob, file, content } = await meeting(2 * MEGABYTE);
    const before = asked(network.wire(bob, alice));
    bob.transfers.fetch(content);
    const bytes = (): number => {
      const state = bob.transfers.state(content);
      return "bytes" in state ? state.bytes : 0;
    };
    await network.until(() => bytes() >= MEGABYTE / 2);
    network.cut(alice, bob);
    await network.until(() => bob.transfers.state(content).type === "waiting");
    const had = bytes();
    expect(had).toBeGreaterThanOrEqual(MEGABYTE / 2);
    network.connect(alice, bob);
    const after = asked(network.wire(bob, alice));
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
    expect(after).toHaveLength(8 - had / PIECE);
    expect(before).toContain(-1);
    expect(after).not.toContain(-1);
  });

  test("whose owner left is still there while anybody present has it", async () => {
    const { network, alice, bob, carol, file, content } = await meeting();
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    network.cut(alice, bob);
    network.cut(alice, carol);
    carol.transfers.fetch(content);
    await network.until(here(carol, content));
    await expectWhole(carol, content, file);
  });

  test("that nobody present has waits, and goes on by itself when somebody comes who has it", async () => {
    const { network, alice, bob, file, content } = await meeting();
    network.cut(alice, bob);
    bob.transfers.fetch(content);
    expect(bob.transfers.state(content)).toEqual({ type: "waiting", bytes: 0 });
    const dave = network.join("dave");
    await dave.transfers.add(file);
    network.connect(dave, bob);
    network.announce(content.id, dave.id);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
  });

  test.each([0, 1, PIECE - 1, PIECE, PIECE + 1])("of %i bytes comes whole", async (bytes) => {
    const { network, bob, file, content } = await meeting(bytes);
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
  });

  test("that is cancelled is offered again, and nothing more of it is sent", async () => {
    const { network, alice, bob, content } = await meeting(2 * MEGABYTE);
    bob.transfers.fetch(content);
    await network.until(() => network.wire(alice, bob).sent.length > 4);
    bob.transfers.cancel(content);
    expect(bob.transfers.state(content)).toEqual({ type: "offered" });
    await network.until(() => network.wire(alice, bob).sent.length === 0);
    expect(network.wire(bob, alice).sent).toEqual([]);
    expect(network.clock.waiting).toBe(0);
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
  });

  test("that the storage does not take has failed", async () => {
    class Full extends BlobStore {
      override put(): Promise<void> {
        return Promise.reject(new Error("quota"));
      }
    }
    const { network, alice, content } = await meeting();
    const dave = network.join("dave", new Full());
    network.connect(dave, alice);
    dave.transfers.fetch(content);
    await network.until(() => dave.transfers.state(content).type === "failed");
    expect(dave.transfers.state(content)).toEqual({ type: "failed", reason: "storage" });
    expect(dave.faults).toEqual([]);
  });

  test("that cannot be read any more is refused, and asked for again after a while", async () => {
    const { network, alice, bob, carol, file, content } = await meeting();
    const unreadable = alice.store.piece.bind(alice.store);
    alice.store.piece = () => Promise.reject(new Error("it was changed"));
    bob.transfers.fetch(content);
    await network.until(() => bob.transfers.state(content).type === "waiting");
    alice.store.piece = unreadable;
    network.clock.advance(10_000);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
    expect([...alice.faults, ...bob.faults, ...carol.faults]).toEqual([]);
  });
});

describe("somebody who lies about a file", () => {
  test("and sends other bytes is asked no more; it comes from another", async () => {
    const { network, alice, bob, carol: mallory, file, content } = await meeting(2 * MEGABYTE);
    await mallory.transfers.add(file);
    network.announce(content.id, mallory.id);
    network.wire(mallory, bob).tamper = corrupt;
    const asks = asked(network.wire(bob, mallory));
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
    expect(asks.length).toBeLessThanOrEqual(4);
    expect(asked(network.wire(bob, alice))).toEqual([]);
  });

  test("and is the only one who has it makes it fail; it can be fetched again", async () => {
    const { network, alice, bob, file, content } = await meeting();
    network.wire(alice, bob).tamper = corrupt;
    bob.transfers.fetch(content);
    await network.until(() => bob.transfers.state(content).type === "failed");
    expect(bob.transfers.state(content)).toEqual({ type: "failed", reason: "corrupt" });
    network.wire(alice, bob).tamper = (data) => data;
    bob.transfers.fetch(content);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
  });

  test("and is alone in reach for a moment does not take away what others sent, who come back", async () => {
    const { network, alice, bob, carol: mallory, file, content } = await meeting(2 * MEGABYTE);
    const pieces = asked(network.wire(bob, alice));
    bob.transfers.fetch(content);
    await network.until(() => pieces.length > 5);
    network.cut(alice, bob);
    network.wire(mallory, bob).tamper = corrupt;
    const lies = asked(network.wire(bob, mallory));
    await mallory.transfers.add(file);
    network.announce(content.id, mallory.id);
    await network.until(() => lies.length > 0 && bob.transfers.state(content).type !== "fetching");
    expect(bob.transfers.state(content)).toMatchObject({ type: "waiting" });
    network.connect(alice, bob);
    const after = asked(network.wire(bob, alice));
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
    expect(after.length).toBeLessThan(8);
    expect(after).not.toContain(-1);
  });

  test("and claims another size does not get it taken for whole", async () => {
    const { network, bob, content } = await meeting();
    for (const size of [content.size - 1, content.size + 1, content.size + PIECE]) {
      const claimed = { id: content.id, size };
      bob.transfers.fetch(claimed);
      await network.until(() => bob.transfers.state(claimed).type === "failed");
      expect(bob.transfers.state(claimed)).toEqual({ type: "failed", reason: "corrupt" });
    }
    const empty = { id: content.id, size: 0 };
    bob.transfers.fetch(empty);
    await network.until(() => bob.transfers.state(empty).type === "failed");
  });

  test("and answers nothing is left for another after a minute", async () => {
    const { network, alice, bob, carol: mallory, file, content } = await meeting();
    network.cut(alice, bob);
    network.announce(content.id, mallory.id);
    network.wire(bob, mallory).tamper = () => null;
    bob.transfers.fetch(content);
    network.step();
    expect(bob.transfers.state(content)).toEqual({ type: "fetching", bytes: 0 });
    network.connect(alice, bob);
    network.clock.advance(61_000);
    await network.until(here(bob, content));
    await expectWhole(bob, content, file);
  });
});

describe("Alice, whom many ask", () => {
  test("serves everybody in the end", async () => {
    const { network, alice, file, content } = await meeting();
    const guests = Array.from({ length: 7 }, (_, n) => network.join(`guest ${n}`));
    for (const guest of guests) network.connect(alice, guest);
    for (const { transfers } of guests) transfers.fetch(content);
    await network.until(() => guests.every((guest) => here(guest, content)()));
    for (const guest of guests) await expectWhole(guest, content, file);
  });

  test("is not held up by those who ask and read nothing", async () => {
    const { network, alice, bob, content } = await meeting(2 * MEGABYTE);
    const idlers = Array.from({ length: 4 }, (_, n) => network.join(`idler ${n}`));
    for (const idler of idlers) {
      network.connect(alice, idler);
      const wire = network.wire(alice, idler);
      wire.link?.message(JSON.stringify({ t: "get", r: 1, file: content.id, piece: 0 }));
      // Its window is closed.
      Object.defineProperty(wire, "bufferedAmount", { value: MEGABYTE });
    }
    bob.transfers.fetch(content);
    // One for each answer nobody reads, one for what Bob waits for.
    await network.until(() => network.clock.waiting === 5);
    network.clock.advance(20_000);
    await network.until(here(bob, content));
  });

  test("takes only so many requests of one participant", async () => {
    const { network, alice, bob, content } = await meeting(2 * MEGABYTE);
    const { link } = network.wire(alice, bob);
    for (let r = 1; r <= 1000; r += 1)
      link?.message(JSON.stringify({ t: "get", r, file: content.id, piece: r % 8 }));
    const refused = network.wire(alice, bob).sent.filter((data) => typeof data === "string");
    expect(refused).toHaveLength(992);
  });

  test.each<[string, unknown]>([
    ["a file that is not here", JSON.stringify({ t: "get", r: 1, file: "0".repeat(32), piece: 0 })],
    ["a piece that does not exist", "beyond"],
  ])("refuses %s", async (_, request) => {
    const { network, alice, bob, content } = await meeting();
    const beyond = JSON.stringify({ t: "get", r: 1, file: content.id, piece: 1_000_000 });
    network.wire(alice, bob).link?.message(request === "beyond" ? beyond : request);
    await network.until(() => network.wire(alice, bob).sent.length > 0);
    expect(network.wire(alice, bob).sent).toEqual([JSON.stringify({ t: "no", r: 1 })]);
  });

  test.each<[string, unknown]>([
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", 7],
    ["a request without a number", JSON.stringify({ t: "get", file: "0".repeat(32), piece: 0 })],
    ["a negative piece", JSON.stringify({ t: "get", r: 1, file: "0".repeat(32), piece: -2 })],
    ["a long text", "x".repeat(100_000)],
    ["an empty frame", new ArrayBuffer(0)],
    ["a frame nobody asked for", new ArrayBuffer(16_000)],
    ["an answer to nothing", JSON.stringify({ t: "no", r: 99 })],
  ])("does nothing about %s", async (_, data) => {
    const { network, alice, bob } = await meeting();
    network.wire(alice, bob).link?.message(data);
    expect(network.wire(alice, bob).sent).toEqual([]);
    expect(alice.faults).toEqual([]);
  });
});
