import { setTimeout as pause } from "node:timers/promises";

import { noteFrames, smoothness, timeOf } from "./frames.ts";
import { type Report, figure } from "./figures.ts";
import { say } from "./report.ts";
import type { Seat, Table } from "./table.ts";

/** How long the channel has been open when the fourth accepts, and everybody sees everybody before one is killed, in ms. */
const OPEN_BEFORE_ACCEPT = 1000;
const SETTLED = 8000;

/** How long frames are watched, before the kill for comparison and after it: longer than any time-out of the links. */
const WATCHED = 20_000;

interface Round {
  /** Accept of the fourth → frames of all three others. */
  readonly join: number;
  readonly mails: number;
  /** The longest gap at any of the remaining, after the kill; and in as long a time before it. */
  readonly gap: number;
  readonly gapBefore: number;
}

/** Alice gathers three; the fourth's join is measured, then Alice's browser and backend are killed. */
export async function fourFigures(table: Table, rounds: number): Promise<Report> {
  const all: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const one = await play(table, round);
    all.push(one);
    say(
      `${round + 1}: joined in ${one.join.toFixed(0)} ms with ${one.mails} mails, ` +
        `gap ${one.gap.toFixed(0)} ms, before the kill ${one.gapBefore.toFixed(0)} ms`,
    );
  }
  return {
    "conference.join_ms": figure(all.map(({ join }) => join)),
    "conference.leave_gap_ms": figure(all.map(({ gap }) => gap)),
    "conference.leave_gap_ms_before": figure(all.map(({ gapBefore }) => gapBefore)),
    "conference.mails_per_guest": figure(all.map(({ mails }) => mails)),
  };
}

async function play(table: Table, round: number): Promise<Round> {
  const { alice, guests } = table;
  const [bob, carol, dave] = guests;
  const { call: first } = await table.call(bob, round);
  await alice.window.show(`/call/${first}`);
  await takes(bob, first);
  await Promise.all([alice.sees(1), bob.sees(1)]);
  const { call: second } = await table.call(carol, round, await table.conferenceOf(first));
  await takes(carol, second);
  await Promise.all([alice, bob, carol].map((one) => one.sees(2)));

  const before = (await table.mailsAtRest()).length;
  const join = await fourthJoins(table, dave, round, first);
  await Promise.all(table.all.map((one) => one.sees(3)));
  const mails = (await table.mailsAtRest()).slice(before);
  say(mails.map(({ unix_ms, from, to }) => `${new Date(unix_ms).toISOString()} ${from} → ${to}`).join("\n"));

  await pause(SETTLED);
  const gapBefore = await watch(guests, guests.length);
  const watched = watch(guests, guests.length - 1);
  await alice.crash();
  const gap = await watched;

  await Promise.all(guests.map((one) => one.leave()));
  await alice.start();
  return { join, mails: mails.length, gap, gapBefore };
}

/** Rings, opens the camera on the ringing screen as everybody does, and accepts. */
async function takes(guest: Seat, call: string): Promise<void> {
  await guest.window.show(`/ring/${call}`);
  await guest.window.captures(true);
  await guest.backend.client.command({ type: "Accept", call, video: true });
}

async function fourthJoins(table: Table, dave: Seat, round: number, running: string): Promise<number> {
  const conference = await table.conferenceOf(running);
  const { began, call } = await table.call(dave, round, conference);
  const channel = Promise.all([dave.window.channelOpens(began), table.alice.window.channelOpens(began)]);
  await dave.window.show(`/ring/${call}`);
  await Promise.all([channel, dave.window.captures(true)]);
  await pause(OPEN_BEFORE_ACCEPT);
  const accepted = performance.now();
  say(`accepted ${new Date().toISOString()}`);
  const others = table.all.length - 1;
  const frames = Promise.all(
    Array.from({ length: others }, (_, i) => dave.window.framesCome(accepted, i + 1)),
  );
  await dave.backend.client.command({ type: "Accept", call, video: true });
  const framed = await frames;
  say(`first frames after ${framed.map((at) => (at - accepted).toFixed(0)).join(", ")} ms`);
  return Math.max(...framed) - accepted;
}

/** The longest gap at any of these within the time, in ms; fails unless each sees so many pictures move in the end. */
async function watch(seats: readonly Seat[], pictures: number): Promise<number> {
  const pages = seats.map(({ window }) => window.page);
  await Promise.all(pages.map(noteFrames));
  const since = await Promise.all(pages.map(timeOf));
  await pause(WATCHED);
  const seen = await Promise.all(pages.map((page, i) => smoothness(page, since[i] ?? 0)));
  if (seen.some((one) => one.pictures !== pictures)) {
    throw new Error(`somebody lost a picture: ${JSON.stringify(seen)}`);
  }
  return Math.max(...seen.map(({ gap }) => gap));
}
