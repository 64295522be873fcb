import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";

import type { Connection } from "../../../ui/src/conference/index.ts";
import type { Person } from "../../../ui/test/conference/support/person.ts";
import { calls, conferenceOf } from "../../bench/meeting.ts";
import { root } from "../../harness/paths.ts";
import { PATIENCE_MS, until, within } from "../../harness/wait.ts";
import { configure } from "./call.ts";
import type { Lab } from "./lab.ts";
import { type Wishes, settings } from "./server.ts";

export const NAMES = ["Alice", "Bob", "Carol"] as const;
export type Name = (typeof NAMES)[number];

/** Longer than a page looks for a way to somebody who was introduced before it says that there is none. */
const FOUND_MS = 3 * PATIENCE_MS;

/** Somebody at a test page in a conference of three. */
export interface Seat {
  readonly name: Name;
  readonly person: Person;
  readonly call: string;
}

export type Three = Readonly<Record<Name, Seat>>;

/** One side of the link of two: what carries it, and what came over it. */
export interface Side {
  readonly from: Name;
  readonly to: Name;
  readonly connection: Connection;
  /** The kinds of the two candidates, the own first, and by what packets leave; null if there is no link. */
  readonly path: string | null;
  readonly frames: number;
  readonly voice: number;
}

/** Alice calls Bob, and then Carol into the conference with him: Bob and Carol have nothing but her word. */
export async function meet(
  lab: Lab<"alice" | "bob" | "carol">,
  wishes: Partial<Record<Name, Wishes>>,
): Promise<Three> {
  const seat = async (name: Name, call: string): Promise<Seat> => {
    const home = lab[name.toLowerCase() as Lowercase<Name>];
    const person = await home.person("Chromium", { media: true });
    await person.evaluate(`void (page.name = "${name}")`);
    await configure(person, settings(wishes[name]));
    return { name, person, call };
  };
  const [Alice, Bob, Carol] = await Promise.all([
    seat("Alice", "bob"),
    seat("Bob", "bob"),
    seat("Carol", "carol"),
  ]);
  await within(2 * PATIENCE_MS, "Alice reaches Bob", calls(Alice.person, Bob.person, "bob", null));
  const conference = await conferenceOf(Alice);
  await within(
    2 * PATIENCE_MS,
    "Alice reaches Carol",
    calls(Alice.person, Carol.person, "carol", conference),
  );
  return { Alice, Bob, Carol };
}

/** Waits until somebody has the two others in the roster, connected in this way. */
export async function has(seat: Seat, others: Partial<Record<Name, Connection>>): Promise<void> {
  const wanted = JSON.stringify(Object.entries(others).sort());
  const isSo = seat.person.until(`JSON.stringify(page.session.conference("${seat.call}")?.participants
    .map(({ name, connection }) => [name, connection]).sort()) === '${wanted}'`);
  await within(FOUND_MS, `${seat.name} has ${wanted}`, isSo);
}

/** Waits until picture and sound of the other go on coming. */
export async function seesAndHears(seat: Seat, other: Name): Promise<void> {
  const before = await sideOf(seat, other);
  await until(
    `${seat.name} sees and hears ${other}`,
    async () => {
      const { frames, voice } = await sideOf(seat, other);
      return frames > before.frames + 2 && voice > before.voice + 2 ? true : undefined;
    },
    FOUND_MS,
  );
}

export async function sideOf({ person, call, name }: Seat, to: Name): Promise<Side> {
  const side = await person.evaluate<Pick<Side, "connection" | "path" | "frames" | "voice">>(`(async () => {
    const other = page.session.conference("${call}").participants.find(({ name }) => name === "${to}");
    const report = (other.link && (await page.session.stats(other.link))) ?? new Map();
    const entries = [...report.values()];
    const inbound = (kind, figure) =>
      Math.max(0, ...entries.filter((one) => one.type === "inbound-rtp" && one.kind === kind).map((one) => one[figure] ?? 0));
    const transport = entries.find(({ type }) => type === "transport");
    const pair = report.get(transport?.selectedCandidatePairId);
    const [local, remote] = [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => report.get(id));
    const path = other.connection !== "connected" || !local || !remote ? null :
      local.candidateType + " – " + remote.candidateType + ", " + (local.relayProtocol ?? local.protocol);
    return { connection: other.connection, path,
      frames: inbound("video", "framesDecoded"), voice: inbound("audio", "packetsReceived") };
  })()`);
  return { from: name, to, ...side };
}

/** Every side of every link. */
export async function sidesOf(three: Three): Promise<Side[]> {
  const sides = NAMES.flatMap((from) =>
    NAMES.filter((to) => to !== from).map((to) => sideOf(three[from], to)),
  );
  return Promise.all(sides);
}

/** Writes to everybody. */
export async function writes({ person, call }: Seat, text: string): Promise<void> {
  await person.evaluate(`page.session.room("${call}").documents.say("${text}")`);
}

/** Waits until somebody reads it. */
export async function reads({ name, person, call }: Seat, text: string): Promise<void> {
  const isThere = person.until(
    `page.session.room("${call}").documents.chat.some((line) => line.text === "${text}")`,
  );
  await within(PATIENCE_MS, `${name} reads “${text}”`, isThere);
}

/** Waits until somebody sees that another one raised a hand: what the roster says of people. */
export async function seesHand({ name, person, call }: Seat, of: Name): Promise<void> {
  const isUp = person.until(`page.session.conference("${call}").participants
    .some(({ name, hand }) => name === "${of}" && hand === 1)`);
  await within(PATIENCE_MS, `${name} sees that ${of} raised a hand`, isUp);
}

/** Keeps the figures for the table in docs/networking.md; gives them as text. */
export async function note(story: string, three: Three): Promise<string> {
  const sides = await sidesOf(three);
  const folder = join(root, "target", "nat");
  await mkdir(folder, { recursive: true });
  const line = { at: new Date().toISOString(), story, sides };
  await appendFile(join(folder, "outcomes.jsonl"), `${JSON.stringify(line)}\n`);
  return sides.map(({ from, to, path }) => `${from} to ${to}: ${path ?? "no link"}`).join("; ");
}
