import { setTimeout as pause } from "node:timers/promises";

import { type Report, figure } from "./figures.ts";
import { Lab } from "./lab.ts";
import { type Member, gather, shows } from "./meeting.ts";
import { say } from "./report.ts";

const PEOPLE = 4;
/** So many parts of the measured time, in ms: in each of them every picture must move. */
const PARTS = 4;
const PART = 15_000;

/** What a home's slow uplink does: so many bits a second, and a queue of so long before packets are dropped. */
const UPLINK = ["rate", "1mbit", "burst", "8kb", "latency", "200ms"];

/** Of one or more receivers together. */
interface Heard {
  readonly concealed: number;
  readonly total: number;
}

/** Of one remote picture so far. */
interface Picture {
  readonly frames: number;
  /** As it is now. */
  readonly width: number;
  readonly height: number;
}

/** What somebody got so far: all voices together, and each picture. */
interface Got {
  readonly heard: Heard;
  readonly seen: readonly Picture[];
}

/** One conference: the share of sound that was made up, and the picture at whose receiver it was worst. */
interface Round {
  /** In percent. */
  readonly concealed: number;
  /** In frames a second. */
  readonly slowest: number;
  /** In lines. */
  readonly smallest: number;
}

/**
 * Four in a lab, each with 1 Mbit/s up, show each other at 640x360: how much of what is heard in 60 s had to be
 * made up, in percent of all samples at all twelve receivers, while all twelve pictures move. In turn with the same
 * without any limit, which tells what this machine makes of it.
 */
export async function voiceFigures(rounds: number): Promise<Report> {
  const [limited, free]: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    free.push(await play([]));
    limited.push(await play(UPLINK));
    say(`${round + 1}: ${JSON.stringify(limited.at(-1))}, without a limit ${JSON.stringify(free.at(-1))}`);
  }
  return {
    "media.audio_concealed_pct_1mbit": figure(
      limited.map(({ concealed }) => concealed),
      2,
    ),
    "media.audio_concealed_pct_free": figure(
      free.map(({ concealed }) => concealed),
      2,
    ),
    "media.picture_fps_1mbit": figure(limited.map(({ slowest }) => slowest)),
    "media.picture_fps_free": figure(free.map(({ slowest }) => slowest)),
    "media.picture_lines_1mbit": figure(limited.map(({ smallest }) => smallest)),
    "media.picture_lines_free": figure(free.map(({ smallest }) => smallest)),
  };
}

async function play(uplink: readonly string[]): Promise<Round> {
  const lab = await Lab.open(PEOPLE, 1);
  try {
    if (uplink.length > 0) {
      const shape = ["tc", "qdisc", "add", "dev", "eth1", "root", "tbf", ...uplink];
      await Promise.all(lab.residents.map(({ namespace }) => namespace.run(...shape)));
    }
    const members = await gather(lab.residents.map(({ person }) => person));
    await Promise.all(members.map((member) => shows(member, 640, 360)));
    const moments = [await Promise.all(members.map(got))];
    for (let part = 0; part < PARTS; part++) {
      await pause(PART);
      moments.push(await Promise.all(members.map(got)));
      const [before = [], now = []] = moments.slice(-2);
      const still = now.some(({ seen }, i) => framesBetween(before[i], seen).some((frames) => frames <= 0));
      if (still) throw new Error(`a picture stands still: ${JSON.stringify({ before, now })}`);
    }
    const [first = [], last = []] = [moments[0], moments.at(-1)];
    const shares = last.map(({ heard: { concealed, total } }, i) => ({
      concealed: concealed - (first[i]?.heard.concealed ?? 0),
      total: total - (first[i]?.heard.total ?? 0),
    }));
    if (shares.some(({ total }) => total <= 0)) throw new Error("somebody heard nothing");
    say(`concealed at each: ${shares.map(percent).join(", ")} %`);
    const rates = last.map(({ seen }, i) =>
      framesBetween(first[i], seen).map((frames) => (frames * 1000) / (PARTS * PART)),
    );
    const sizes = last.map(({ seen }) => seen.map(({ width, height }) => `${width}x${height}`));
    say(
      `frames a second at each: ${rates.map((all) => all.map((one) => one.toFixed(1)).join(" ")).join(", ")}`,
    );
    say(`pictures at each: ${sizes.map((all) => all.join(" ")).join(", ")}`);
    for (const { namespace } of lab.residents) {
      const told = await namespace.run("tc", "-s", "qdisc", "show", "dev", "eth1");
      say(/Sent .*/.exec(told)?.[0] ?? "no queue");
    }
    return {
      concealed: percent({
        concealed: shares.reduce((sum, one) => sum + one.concealed, 0),
        total: shares.reduce((sum, one) => sum + one.total, 0),
      }),
      slowest: Math.min(...rates.flat()),
      smallest: Math.min(...last.flatMap(({ seen }) => seen.map(({ height }) => height))),
    };
  } finally {
    await lab.close();
  }
}

function percent({ concealed, total }: Heard): number {
  return Number(((100 * concealed) / total).toFixed(3));
}

/** Of each picture. */
function framesBetween(before: Got | undefined, now: readonly Picture[]): number[] {
  return now.map(({ frames }, i) => frames - (before?.seen[i]?.frames ?? 0));
}

/** All that somebody heard and saw so far, of everybody else in one order. */
async function got({ person, call }: Member): Promise<Got> {
  const all = await person.evaluate<
    (Heard & Picture)[]
  >(`Promise.all(page.session.conference("${call}").participants
    .filter(({ link }) => link !== null)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(async ({ link }) => {
      const report = [...(await page.session.stats(link)).values()];
      const incoming = (kind) => report.filter((one) => one.type === "inbound-rtp" && one.kind === kind);
      const sum = (of) => incoming("audio").reduce((sofar, voice) => sofar + (voice[of] ?? 0), 0);
      // Nobody shares a screen: the other receiver gets nothing.
      const picture = incoming("video").find(({ framesDecoded }) => framesDecoded > 0);
      return {
        concealed: sum("concealedSamples"),
        total: sum("totalSamplesReceived"),
        frames: picture?.framesDecoded ?? 0,
        width: picture?.frameWidth ?? 0,
        height: picture?.frameHeight ?? 0,
      };
    }))`);
  if (all.length !== PEOPLE - 1) throw new Error(`${all.length} others instead of ${PEOPLE - 1}`);
  const heard = {
    concealed: all.reduce((sum, one) => sum + one.concealed, 0),
    total: all.reduce((sum, one) => sum + one.total, 0),
  };
  return { heard, seen: all.map(({ frames, width, height }) => ({ frames, width, height })) };
}
