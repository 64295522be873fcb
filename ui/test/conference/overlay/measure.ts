import { RENEW } from "../../../src/conference/overlay/own-entry";
import { CALM, World } from "./support/world";
import type { Person } from "./support/person";

/** How a conference of so many people comes to be here: all invited by the founder, one after the other. */
async function conferenceOf(count: number, seed: number): Promise<{ world: World; people: Person[] }> {
  const world = new World(seed, CALM);
  const people = [await world.found("Person 1")];
  for (let n = 2; n <= count; n += 1) people.push(await joined(world, people, n));
  await settled(world);
  return { world, people };
}

async function joined(world: World, people: readonly Person[], n: number): Promise<Person> {
  const [founder] = people;
  if (founder === undefined) throw new RangeError("nobody to invite");
  const guest = await world.invite(founder, `Person ${String(n)}`);
  const all = [...people, guest];
  const isThere = await world.time.until(() => seeAll(all), 10_000);
  if (!isThere) throw new Error(`not joined: ${guest.name}`);
  return guest;
}

function seeAll(people: readonly Person[]): boolean {
  return people.every((person) => person.sees.length === people.length - 1);
}

/** Until nothing of an earlier change is on its way. */
async function settled(world: World): Promise<void> {
  await world.time.pass(4000);
}

function sentBy(people: readonly Person[]): number {
  return people.reduce((sum, { overlay }) => sum + overlay.counters.sent, 0);
}

/**
 * Overlay messages sent in total because an `n`th person joins: everything on all links in as long as it takes everybody
 * to renew its entry, from the invitation on, less what is sent in as long a time without a join. Beats are not counted:
 * they are sent anyway.
 */
export async function messagesPerJoin(n: number, seed = 1): Promise<number> {
  const { world, people } = await conferenceOf(n - 1, seed);
  const idle = sentBy(people);
  await world.time.pass(IDLE_ROUNDS * RENEW);
  const before = sentBy(people);
  const since = world.time.now();
  people.push(await joined(world, people, n));
  await world.time.pass(since + RENEW - world.time.now());
  return sentBy(people) - before - (before - idle) / IDLE_ROUNDS;
}

/** Which renewals go together by chance changes from round to round. */
const IDLE_ROUNDS = 8;

/** Virtual milliseconds from a join's invitation to the newcomer being seen by everybody. */
export async function joinMs(n: number, seed = 1): Promise<number> {
  const { world, people } = await conferenceOf(n - 1, seed);
  const before = world.time.now();
  await joined(world, people, n);
  return world.time.now() - before;
}

/**
 * Virtual milliseconds from the end of a partition into two halves, which both halves have noticed, to one roster and
 * one organiser everywhere.
 */
export async function mergeMs(n: number, seed = 1): Promise<number> {
  const { world, people } = await conferenceOf(n, seed);
  const halves = [people.filter((_, at) => at % 2 === 0), people.filter((_, at) => at % 2 === 1)] as const;
  world.split(...halves);
  // Whoever was linked to nobody of its own half is found by mail.
  const isApart = await world.time.until(() => halves.every(seeAll), 90_000);
  if (!isApart) throw new Error("the halves are not by themselves");
  world.heal();
  const before = world.time.now();
  const isOne = await world.time.until(() => seeAll(people) && haveOneOrganiser(people), 60_000);
  if (!isOne) throw new Error("not merged");
  return world.time.now() - before;
}

function haveOneOrganiser(people: readonly Person[]): boolean {
  return new Set(people.map(({ overlay }) => overlay.view.organiser)).size === 1;
}
