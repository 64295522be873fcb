import { readFile, readdir } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";

import { bundlePage } from "../../ui/test/conference/support/bundle.ts";
import { driven } from "../../ui/test/conference/support/chromium.ts";
import { Person } from "../../ui/test/conference/support/person.ts";
import { type Shape, bareMesh } from "./bare.ts";
import { launch } from "./browser.ts";
import { type Report, figure } from "./figures.ts";
import { HOME, freshPage } from "./lab.ts";
import { type Member, gather, shows } from "./meeting.ts";
import { say } from "./report.ts";

const PEOPLE = 4;
const TILE = { width: 640, height: 360 };

/** Twelve pictures are made and twelve shown on one machine: with more frames a small one is measured at its limit. */
const FPS = 15;

const SETTLED = 15_000;
const MEASURED = 20_000;

/** How far the pictures that came may differ between the two, if their cost is to be compared. */
const ALIKE = 0.1;

/** `/proc` counts in these, a second. */
const TICKS = 100;

/** One stretch: what the browser with all four pages spent, and the pixels that were decoded in it. */
interface Spent {
  readonly cpuMs: number;
  readonly pixels: number;
}

/**
 * Four pages in one Chromium, all showing each other at 640x360: processor time of all its processes with our code,
 * divided by the same with bare peer connections that capture and send what ours did. In turn, in fresh browsers.
 */
export async function processorFigures(rounds: number): Promise<Report> {
  const ratios: number[] = [];
  const script = await bundlePage();
  for (let round = 0; round < rounds; round++) {
    const { spent: ours, shape } = await withOurCode(script);
    const bare = await withBare(shape);
    const pixels = ours.pixels / bare.pixels;
    const ratio = ours.cpuMs / bare.cpuMs;
    say(
      `${round + 1}: ${ours.cpuMs.toFixed(0)} and bare ${bare.cpuMs.toFixed(0)} ms of processor in ${MEASURED / 1000} s, ` +
        `ratio ${ratio.toFixed(3)}; pixels ${pixels.toFixed(3)}`,
    );
    if (Math.abs(pixels - 1) > ALIKE) say("not counted: what was sent is not alike");
    else ratios.push(ratio);
  }
  if (ratios.length === 0) throw new Error("in no round what was sent was alike");
  return { "media.cpu_ratio_4": figure(ratios, 3) };
}

async function withOurCode(script: string): Promise<{ spent: Spent; shape: Shape }> {
  const own = await launch({ fps: FPS });
  try {
    const people: Person[] = [];
    for (let i = 0; i < PEOPLE; i++) {
      people.push(await Person.at(driven(await freshPage(own, script)), HOME));
    }
    const members = await gather(people);
    await Promise.all(members.map((member) => shows(member, TILE.width, TILE.height)));
    await pause(SETTLED);
    const decoded = async (): Promise<number> =>
      sum(
        await Promise.all(members.map((member) => member.person.evaluate<number>(reportsOf(member, PIXELS)))),
      );
    const spent = await stretch(own.server.process().pid, decoded);
    const [first] = members;
    if (first === undefined) throw new Error("nobody is there");
    say(`ours sends: ${JSON.stringify(await first.person.evaluate(reportsOf(first, SENT)))}`);
    return { spent, shape: await shapeOf(first) };
  } finally {
    await own.server.close();
  }
}

async function withBare(shape: Shape): Promise<Spent> {
  const own = await launch({ fps: FPS });
  try {
    const pages = await bareMesh(own, PEOPLE, shape, TILE);
    await pause(SETTLED);
    const all = `Promise.all([...bare.peers.values()].map((peer) => peer.getStats()))`;
    const decoded = async (): Promise<number> =>
      sum(await Promise.all(pages.map((page) => page.evaluate<number>(`${all}.then(${PIXELS})`))));
    const spent = await stretch(own.server.process().pid, decoded);
    const [first] = pages;
    say(`bare sends: ${JSON.stringify(await first?.evaluate(`${all}.then(${SENT})`))}`);
    return spent;
  } finally {
    await own.server.close();
  }
}

async function stretch(pid: number | undefined, decoded: () => Promise<number>): Promise<Spent> {
  if (pid === undefined) throw new Error("the browser has no process");
  const [cpu, pixels] = [await cpuOf(pid), await decoded()];
  await pause(MEASURED);
  return { pixels: (await decoded()) - pixels, cpuMs: (await cpuOf(pid)) - cpu };
}

/** From statistics to the pixels of all pictures decoded so far. */
const PIXELS = `(reports) => reports.flatMap((report) => [...report.values()])
  .filter(({ type, kind }) => type === "inbound-rtp" && kind === "video")
  .reduce((sum, { framesDecoded = 0, frameWidth = 0, frameHeight = 0 }) =>
    sum + framesDecoded * frameWidth * frameHeight, 0)`;

/** From statistics to how each picture is sent, and what keeps it from being better. */
const SENT = `(reports) => reports.flatMap((report) => [...report.values()])
  .filter(({ type, kind, active }) => type === "outbound-rtp" && kind === "video" && active)
  .map(({ frameWidth, framesPerSecond, targetBitrate, qualityLimitationReason }) =>
    ({ frameWidth, framesPerSecond, targetBitrate, qualityLimitationReason }))`;

function reportsOf({ call }: Member, then: string): string {
  return `Promise.all(page.session.conference("${call}").participants
    .filter(({ link }) => link !== null).map(({ link }) => page.session.stats(link))).then(${then})`;
}

/** What our code captures, and sends to the first of the others. */
async function shapeOf(member: Member): Promise<Shape> {
  const shape = await member.person.evaluate<Shape>(`(async () => {
    const camera = page.local.cameraTrack.getSettings();
    const microphone = page.local.microphoneTrack.getSettings();
    const report = await ${reportsOf(member, "([first]) => first")};
    const sent = [...report.values()].filter(({ type }) => type === "outbound-rtp");
    const picture = sent.find(({ kind, frameWidth }) => kind === "video" && frameWidth > 0);
    const voice = sent.find(({ kind, targetBitrate }) => kind === "audio" && targetBitrate > 0);
    return {
      video: { width: camera.width, height: camera.height, frameRate: camera.frameRate },
      audio: {
        echoCancellation: microphone.echoCancellation,
        noiseSuppression: microphone.noiseSuppression,
        autoGainControl: microphone.autoGainControl,
      },
      codec: report.get(picture.codecId).mimeType,
      picture: {
        maxBitrate: picture.targetBitrate,
        maxFramerate: camera.frameRate,
        scaleResolutionDownBy: camera.width / picture.frameWidth,
      },
      voice: { maxBitrate: voice?.targetBitrate ?? 32_000 },
    };
  })()`);
  say(`what is sent: ${JSON.stringify(shape)}`);
  return shape;
}

/** What a process and all its children have spent on processors so far, in ms. */
async function cpuOf(root: number): Promise<number> {
  const stats = new Map<number, { parent: number; ticks: number }>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // It may be gone by now.
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [parent, user, system] = [fields[1], fields[11], fields[12]].map(Number);
    if (parent === undefined || user === undefined || system === undefined) continue;
    stats.set(Number(name), { parent, ticks: user + system });
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at !== undefined; at = stats.get(at)?.parent) {
      if (at === root) return true;
    }
    return false;
  };
  const ticks = sum([...stats].filter(([pid]) => belongs(pid)).map(([, one]) => one.ticks));
  return (ticks * 1000) / TICKS;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
