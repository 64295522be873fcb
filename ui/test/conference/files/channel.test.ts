import { expect, test } from "vitest";
import { BlobStore, EarlyChannel, Transfers, bindChannel } from "../../../src/conference/files";
import { MAX_EARLY, MAX_TEXT } from "../../../src/conference/files/limits";
import { VirtualClock } from "../support/clock";
import { fileOf } from "./support/network";

/** A data channel whose other end is in the same test. */
class FakeChannel extends EventTarget {
  binaryType = "blob";
  bufferedAmountLowThreshold = 0;
  bufferedAmount = 0;
  readyState = "connecting";
  other: FakeChannel | null = null;

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }

  send(data: string | ArrayBuffer): void {
    if (this.readyState !== "open") throw new DOMException("closed", "InvalidStateError");
    const size = typeof data === "string" ? data.length : data.byteLength;
    this.bufferedAmount += size;
    setImmediate(() => {
      const before = this.bufferedAmount;
      this.bufferedAmount -= size;
      const event = new MessageEvent("message", {
        data: typeof data === "string" || this.other?.binaryType === "arraybuffer" ? data : null,
      });
      this.other?.dispatchEvent(event);
      const low = this.bufferedAmountLowThreshold;
      if (before > low && this.bufferedAmount <= low) this.dispatchEvent(new Event("bufferedamountlow"));
    });
  }

  close(): void {
    if (this.readyState === "closed") return;
    this.readyState = "closed";
    this.dispatchEvent(new Event("close"));
    this.other?.close();
  }
}

function device(holder: string) {
  return new Transfers({
    clock: new VirtualClock(),
    store: new BlobStore(),
    holders: () => [holder],
    completed: () => {},
    changed: () => {},
    fault: (error) => {
      throw error;
    },
  });
}

function channels(): [FakeChannel, FakeChannel] {
  const [one, other] = [new FakeChannel(), new FakeChannel()];
  [one.other, other.other] = [other, one];
  return [one, other];
}

function early(channel: FakeChannel): EarlyChannel {
  return new EarlyChannel(channel as unknown as RTCDataChannel);
}

function bind(transfers: Transfers, participant: string, channel: FakeChannel) {
  return bindChannel(transfers, participant, early(channel));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

test("a file crosses data channels; a closed one is replaced by the next", async () => {
  const [alice, bob] = [device("bob"), device("alice")];
  const content = await alice.add(fileOf(1_000_000));
  const [hers, his] = channels();
  bind(alice, "bob", hers);
  bind(bob, "alice", his);
  bob.fetch(content);
  expect(bob.state(content)).toEqual({ type: "waiting", bytes: 0 });
  hers.open();
  his.open();
  await until(() => (bob.state(content) as { bytes: number }).bytes > 0);
  hers.close();
  await until(() => bob.state(content).type === "waiting");

  const [hersAgain, hisAgain] = channels();
  for (const channel of [hersAgain, hisAgain]) channel.open();
  bind(alice, "bob", hersAgain);
  bind(bob, "alice", hisAgain);
  await until(() => bob.state(content).type === "here");
  const copy = await bob.read(content);
  expect(copy?.size).toBe(1_000_000);
});

test("what is unbound is closed, and says nothing more", () => {
  const alice = device("bob");
  const [hers, his] = channels();
  for (const channel of [hers, his]) channel.open();
  const unbind = bind(alice, "bob", hers);
  unbind();
  expect(his.readyState).toBe("closed");
  hers.dispatchEvent(
    new MessageEvent("message", { data: JSON.stringify({ t: "get", r: 1, file: "x", piece: 0 }) }),
  );
  expect(hers.bufferedAmount).toBe(0);
});

test("what Bob asks for before Alice knows who he is waits for her", async () => {
  const [alice, bob] = [device("bob"), device("alice")];
  const content = await alice.add(fileOf(1_000_000));
  const [hers, his] = channels();
  const unbound = early(hers);
  for (const channel of [hers, his]) channel.open();
  bind(bob, "alice", his);
  bob.fetch(content);
  await until(() => his.bufferedAmount === 0);
  bindChannel(alice, "bob", unbound);
  await until(() => bob.state(content).type === "here");
});

test("somebody who is not known yet cannot make Alice keep more than a few requests", () => {
  const [hers] = channels();
  const unbound = early(hers);
  const say = (data: unknown): boolean => hers.dispatchEvent(new MessageEvent("message", { data }));
  say("x".repeat(MAX_TEXT + 1));
  say(new ArrayBuffer(8));
  for (let n = 0; n < 100; n += 1) say(String(n));
  expect(unbound.take()).toEqual(Array.from({ length: MAX_EARLY }, (_, n) => String(n)));
  say("later");
  expect(unbound.take()).toEqual([]);
});
