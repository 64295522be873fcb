import { describe, expect, test, vi } from "vitest";
import type { Person } from "./support/person";
import { guest } from "./support/story";
import { CALM, World } from "./support/world";

// Time is virtual; how long it takes depends on what else the machine does.
vi.setConfig({ testTimeout: 60_000 });

/** A slow link, in characters each millisecond: about half a megabit a second. */
const SLOW = 60;

/** Alice and Bob have said so many lines, each an entry of its own; then others came, and all are linked to all. */
async function conference(
  lines: number,
  ...others: readonly string[]
): Promise<{ world: World; alice: Person; bob: Person }> {
  const world = new World(7, { ...CALM, documents: true });
  const alice = await world.found("Alice");
  const bob = await guest(world, alice, "Bob");
  for (let n = 0; n < lines; n += 1) {
    const says = n % 3 === 0 ? bob : alice;
    says.documents.say(`Line ${String(n)} of a chat in which people say about as much as they do.`);
    says.documents.flush();
    if (n % 50 === 0) await world.time.pass(100);
  }
  await world.time.pass(2000);
  const people = [alice, bob];
  for (const name of others) people.push(await guest(world, alice, name));
  await world.time.pass(10_000);
  for (const person of people) expect(person.chat).toHaveLength(lines);
  return { world, alice, bob };
}

/** What one copy of the documents takes on the way. */
function copyOf({ documents }: Person): number {
  return JSON.stringify([...documents.replica.missing({})]).length;
}

/** Counts what comes over all links of somebody from now on, of documents. */
function countFor(person: Person): () => number {
  let came = 0;
  person.onHear = (from, text) => {
    if (text.includes('"replica":"feeds"')) came += text.length;
    person.overlay.receive(from, text);
  };
  return () => came;
}

/** Counts what somebody sends, of documents. */
function countOf(person: Person): () => number {
  let went = 0;
  person.onSend = (_, text) => {
    if (text.includes('"replica":"feeds"')) went += text.length;
    return text;
  };
  return () => went;
}

/** Milliseconds until somebody has so many lines; fails after a while. */
async function hasAll(person: Person, lines: number): Promise<number> {
  const { time } = person.world;
  const since = time.now();
  expect(await time.until(() => person.chat.length === lines, 120_000, 100)).toBe(true);
  return time.now() - since;
}

const LINES = 1500;

describe("a newcomer on slow links", () => {
  test("gets 5,000 lines once from all eight who are there, and sends nobody what it got", async () => {
    const { world, alice } = await conference(5000, "Carol", "Dave", "Erin", "Frank", "Grace", "Heidi");
    world.bandwidth = SLOW;
    const ivan = await world.invite(alice, "Ivan");
    const [came, went] = [countFor(ivan), countOf(ivan)];
    await hasAll(ivan, 5000);
    await world.time.pass(5000);
    expect(came() / copyOf(alice)).toBeLessThan(1.3);
    expect(went() / copyOf(alice)).toBeLessThan(0.1);
  });

  test("is handed what is missing by somebody else if Alice's link breaks half way", async () => {
    const { world, alice } = await conference(LINES, "Carol", "Dave");
    world.bandwidth = SLOW;
    const ivan = await world.invite(alice, "Ivan");
    const came = countFor(ivan);
    const copy = copyOf(alice);
    await world.time.until(() => came() > copy / 2, 60_000);
    alice.crash();
    for (const wire of [...alice.wires.values()]) wire.close();
    expect(await hasAll(ivan, LINES)).toBeLessThan(copy / SLOW / 2 + 1000);
    expect(came() / copy).toBeLessThan(1.3);
  });

  test("is handed what is missing by somebody else if Alice's device is switched off half way", async () => {
    const { world, alice } = await conference(LINES, "Carol", "Dave");
    world.bandwidth = SLOW;
    const ivan = await world.invite(alice, "Ivan");
    const came = countFor(ivan);
    const copy = copyOf(alice);
    await world.time.until(() => came() > copy / 2, 60_000);
    alice.crash();
    expect(await hasAll(ivan, LINES)).toBeLessThan(copy / SLOW / 2 + 5000);
    expect(came() / copy).toBeLessThan(1.3);
  });

  test("waits for Mallory, who lets it in and hands over nothing, for some seconds only", async () => {
    const { world, bob: mallory } = await conference(LINES, "Carol", "Dave");
    const copy = copyOf(mallory);
    world.bandwidth = SLOW;
    mallory.onSend = (_, text) => (text.includes('"replica":"feeds"') ? null : text);
    const ivan = await world.invite(mallory, "Ivan");
    expect(await hasAll(ivan, LINES)).toBeLessThan(copy / SLOW + 8000);
  });

  test("waits for Mallory, who hands over a little now and then, for half a minute only", async () => {
    const { world, bob: mallory } = await conference(LINES, "Carol", "Dave");
    const copy = copyOf(mallory);
    world.bandwidth = SLOW;
    const late: string[] = [];
    const ivan = await world.invite(mallory, "Ivan");
    const sendOne = (): void => {
      const text = late.shift();
      if (text === undefined) return;
      mallory.wires.get(ivan.id)?.send(mallory, text, "bulk");
      world.time.after(3500, sendOne);
    };
    mallory.onSend = (to, text) => {
      if (to !== ivan.id || !text.includes('"replica":"feeds"')) return text;
      if (late.push(text) === 1) world.time.after(500, sendOne);
      return null;
    };
    expect(await hasAll(ivan, LINES)).toBeLessThan(copy / SLOW + 40_000);
  });
});

test("who raises a hand is seen before a long text that somebody pasted at the same time is there", async () => {
  const { world, alice, bob } = await conference(0, "Carol");
  world.bandwidth = SLOW;
  alice.documents.editNotes(0, 0, "Minutes of the meeting. ".repeat(5000));
  await world.time.pass(100);
  alice.overlay.tell({ hand: true });
  await world.time.pass(200);
  const [seen] = bob.others.filter(({ id }) => id === alice.id);
  expect(seen?.hand).toBe(1);
  expect(bob.documents.notes.length).toBeLessThan(60_000);
  await world.time.pass(5000);
  expect(bob.documents.notes).toBe(alice.documents.notes);
});
