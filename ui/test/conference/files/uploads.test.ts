import { expect, test } from "vitest";
import { MAX_ACTIVE, Uploads, type Sink } from "../../../src/conference/files/uploads";
import { readFrame } from "../../../src/conference/files/wire";
import { VirtualClock, settle } from "../support/clock";

/** Somebody whose channel is full after one message. */
class Guest implements Sink {
  readonly got: (string | ArrayBuffer)[] = [];
  isDrained = true;

  send(data: string | ArrayBuffer): void {
    this.got.push(data);
    this.isDrained = false;
  }

  read(uploads: Uploads): void {
    this.isDrained = true;
    uploads.drained(this);
  }

  get bytes(): number {
    return this.got
      .map((data) => (typeof data === "string" ? 0 : (readFrame(data)?.bytes.length ?? 0)))
      .reduce((sum, length) => sum + length, 0);
  }
}

const FILE = "0".repeat(32);

function hosting(guests: number, bytes: number) {
  const clock = new VirtualClock();
  const faults: unknown[] = [];
  const uploads = new Uploads(
    clock,
    () => Promise.resolve(new Uint8Array(bytes)),
    (error) => faults.push(error),
  );
  return { clock, uploads, faults, guests: Array.from({ length: guests }, () => new Guest()) };
}

test("no more than four are answered at once; the next one's turn comes when one has everything", async () => {
  const { uploads, guests } = hosting(7, 20_000);
  for (const guest of guests) uploads.asked(guest, 1, FILE, 0);
  await settle();
  expect(guests.filter(({ got }) => got.length > 0)).toEqual(guests.slice(0, MAX_ACTIVE));
  guests[2]?.read(uploads);
  await settle();
  expect(guests[2]?.bytes).toBe(20_000);
  expect(guests[4]?.got).toHaveLength(1);
  expect(guests[5]?.got).toEqual([]);
});

test("who asks for much does not get it before the others get anything", async () => {
  const { uploads, guests } = hosting(5, 20_000);
  const [greedy, ...others] = guests;
  for (let r = 1; r <= 6; r += 1) if (greedy) uploads.asked(greedy, r, FILE, r);
  for (const guest of others) uploads.asked(guest, 1, FILE, 0);
  await settle();
  expect(greedy?.got).toHaveLength(1);
  expect(others.map(({ got }) => got.length)).toEqual([1, 1, 1, 0]);
});

test("who reads nothing for 20 s loses its turn to another", async () => {
  const { clock, uploads, guests } = hosting(5, 20_000);
  for (const guest of guests) uploads.asked(guest, 1, FILE, 0);
  await settle();
  clock.advance(19_999);
  await settle();
  expect(guests[4]?.got).toEqual([]);
  clock.advance(1);
  await settle();
  expect(guests[4]?.got).toHaveLength(1);
});

test("what is stopped is sent no more, and its turn is another's", async () => {
  const { uploads, guests } = hosting(5, 20_000);
  for (const guest of guests) uploads.asked(guest, 1, FILE, 0);
  await settle();
  const [first, , , , last] = guests;
  if (first === undefined) throw new Error("nobody is here");
  uploads.stopped(first, 1);
  first.read(uploads);
  await settle();
  expect(first.got).toHaveLength(1);
  expect(last?.got).toHaveLength(1);
});
