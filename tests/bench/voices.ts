import { setTimeout as pause } from "node:timers/promises";

import { type Report, figure } from "./figures.ts";
import { Lab } from "./lab.ts";
import { type Member, gather, shows } from "./meeting.ts";
import { say } from "./report.ts";

const PEOPLE = 4;
const MEASURED = 60_000;

/** What a home's slow uplink does: so many bits a second, and a queue of so long before packets are dropped. */
const UPLINK = ["rate", "1mbit", "burst", "8kb", "latency", "200ms"];

/** Of one or more receivers together. */
interface Heard {
  readonly concealed: number;
  readonly total: number;
}

/**
 * Four in a lab, each with 1 Mbit/s up, show each other at 640x360: how much of what is heard in 60 s had to be
 * made up, in percent of all samples at all twelve receivers. In turn with the same without any limit, which tells what
 * this machine makes of it.
 */
export async function voiceFigures(rounds: number): Promise<Report> {
  const [limited, free]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    free.push(await concealed([]));
    limited.push(await concealed(UPLINK));
    say(`${round + 1}: ${limited.at(-1)?.toFixed(2)} %, without a limit ${free.at(-1)?.toFixed(2)} %`);
  }
  return {
    "media.audio_concealed_pct_1mbit": figure(limited, 2),
    "media.audio_concealed_pct_free": figure(free, 2),
  };
}

async function concealed(uplink: readonly string[]): Promise<number> {
  const lab = await Lab.open(PEOPLE, 1);
  try {
    if (uplink.length > 0) {
      const shape = ["tc", "qdisc", "add", "dev", "eth1", "root", "tbf", ...uplink];
      await Promise.all(lab.residents.map(({ namespace }) => namespace.run(...shape)));
    }
    const members = await gather(lab.residents.map(({ person }) => person));
    await Promise.all(members.map((member) => shows(member, 640, 360)));
    const before = await Promise.all(members.map(heard));
    await pause(MEASURED);
    const after = await Promise.all(members.map(heard));
    const shares = after.map(({ concealed, total }, i) => ({
      concealed: concealed - (before[i]?.concealed ?? 0),
      total: total - (before[i]?.total ?? 0),
    }));
    if (shares.some(({ total }) => total <= 0)) throw new Error("somebody heard nothing");
    say(`concealed at each: ${shares.map(percent).join(", ")} %`);
    for (const { namespace } of lab.residents) {
      const told = await namespace.run("tc", "-s", "qdisc", "show", "dev", "eth1");
      say(/Sent .*/.exec(told)?.[0] ?? "no queue");
    }
    return percent({
      concealed: shares.reduce((sum, one) => sum + one.concealed, 0),
      total: shares.reduce((sum, one) => sum + one.total, 0),
    });
  } finally {
    await lab.close();
  }
}

function percent({ concealed, total }: Heard): number {
  return Number(((100 * concealed) / total).toFixed(3));
}

/** All that somebody heard so far, of everybody else. */
async function heard({ person, call }: Member): Promise<Heard> {
  const all = await person.evaluate<Heard[]>(`Promise.all(page.session.conference("${call}").participants
    .filter(({ link }) => link !== null).map(async ({ link }) => {
      const report = [...(await page.session.stats(link)).values()];
      const voices = report.filter(({ type, kind }) => type === "inbound-rtp" && kind === "audio");
      const sum = (of) => voices.reduce((sofar, voice) => sofar + (voice[of] ?? 0), 0);
      return { concealed: sum("concealedSamples"), total: sum("totalSamplesReceived") };
    }))`);
  if (all.length !== PEOPLE - 1) throw new Error(`${all.length} others instead of ${PEOPLE - 1}`);
  return {
    concealed: all.reduce((sum, one) => sum + one.concealed, 0),
    total: all.reduce((sum, one) => sum + one.total, 0),
  };
}
