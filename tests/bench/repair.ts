import { setTimeout as pause } from "node:timers/promises";

import { PATIENCE_MS, until, within } from "../harness/wait.ts";
import { type Report, figure } from "./figures.ts";
import { moving, noteFrames, smoothness, timeOf } from "./frames.ts";
import { Lab, type Resident } from "./lab.ts";
import { type Member, gather } from "./meeting.ts";
import { say } from "./report.ts";

/** How long frames are watched after a cut, in ms: longer than the repair may take. */
const WATCHED = 15_000;

/** How long everybody sees everybody before a cut, in ms. */
const SETTLED = 3000;

/** How many others each of the three sees. */
const OTHERS = 2;

/**
 * Three on two networks. The network over which Bob and Carol's link goes is closed between the two of them for good;
 * the other network, and everything to Alice, stays. The longest gap between frames at Bob and Carol is how long it took
 * until media was back, on top of what a frame takes anyway. Afterwards it is opened again for the next round, when the
 * link goes over the other network.
 */
export async function repairFigures(rounds: number): Promise<Report> {
  const lab = await Lab.open(OTHERS + 1, 2);
  try {
    const members = await gather(lab.residents.map(({ person }) => person));
    const [, bob, carol] = lab.residents.map((one, i) => ({ ...one, member: member(members, i) }));
    if (bob === undefined || carol === undefined) throw new Error("three were to meet");
    const repaired: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await Promise.all(lab.residents.map(seesAll));
      await pause(SETTLED);
      const took = await cut(bob, carol);
      repaired.push(took);
      say(`${round + 1}: media was back after ${took.toFixed(0)} ms`);
    }
    return {
      "conference.repair_ms": figure(repaired),
      "conference.repair_ms_worst": Number(Math.max(...repaired).toFixed(1)),
    };
  } finally {
    await lab.close();
  }
}

type Seat = Resident & { readonly member: Member };

function member(members: readonly Member[], index: number): Member {
  const found = members[index];
  if (found === undefined) throw new Error("somebody is missing");
  return found;
}

async function seesAll({ page }: Resident): Promise<void> {
  const look = async (): Promise<true | undefined> => ((await moving(page)) === OTHERS ? true : undefined);
  await until("all pictures move", look, 2 * PATIENCE_MS);
}

/** Closes the path between the two; ms without a frame at the one that waited longer. */
async function cut(bob: Seat, carol: Seat): Promise<number> {
  const [from, to] = await pathBetween(bob, carol);
  const pages = [bob.page, carol.page];
  await Promise.all(pages.map(noteFrames));
  const since = await Promise.all(pages.map(timeOf));
  await bob.namespace.run(
    "nft",
    `table ip cut {
      chain out { type filter hook output priority 0; ip saddr ${from} ip daddr ${to} drop; }
      chain in { type filter hook input priority 0; ip saddr ${to} ip daddr ${from} drop; }
    }`,
  );
  try {
    await pause(WATCHED);
    const seen = await Promise.all(pages.map((page, i) => smoothness(page, since[i] ?? 0)));
    if (seen.some(({ pictures }) => pictures !== OTHERS)) {
      throw new Error(`not repaired within ${WATCHED} ms: ${JSON.stringify(seen)}`);
    }
    const [now] = await pathBetween(bob, carol);
    if (now === from) throw new Error(`nothing was cut: the link still goes over ${from}`);
    return Math.max(...seen.map(({ gap }) => gap));
  } finally {
    await bob.namespace.run("nft", "delete table ip cut");
  }
}

/** The addresses of Bob and Carol that their link uses, of those that count for media. */
async function pathBetween(bob: Seat, carol: Seat): Promise<readonly [string, string]> {
  const { person, call } = bob.member;
  const pairs = await within(
    PATIENCE_MS,
    "the path is known",
    person.evaluate<[string, string][]>(`Promise.all(page.session.conference("${call}").participants
      .filter(({ link }) => link !== null).map(async ({ link }) => {
        const report = await page.session.stats(link);
        const transport = [...report.values()].find(({ type }) => type === "transport");
        const pair = report.get(transport?.selectedCandidatePairId);
        return [pair?.localCandidateId, pair?.remoteCandidateId].map((id) => report.get(id)?.address ?? "");
      }))`),
  );
  const found = pairs.find(([, to]) => carol.addresses.includes(to));
  if (found === undefined) throw new Error(`Bob and Carol are not linked: ${JSON.stringify(pairs)}`);
  return found;
}
