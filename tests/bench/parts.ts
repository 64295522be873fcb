import { chown, link, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { encode } from "../../ui/src/conference/description.ts";
import type { MailServer } from "../harness/mail.ts";
import { root } from "../harness/paths.ts";
import { run } from "../harness/program.ts";
import type { MeasuredBackend } from "./backend.ts";
import { callFigures, frameFigure } from "./calls.ts";
import { CONFERENCE_PARTS } from "./conference.ts";
import { type Report, type Variant, SUFFIX, figure } from "./figures.ts";
import { Pair, type PairOptions } from "./pair.ts";
import type { Part } from "./part.ts";
import { say } from "./report.ts";
import { MeasuredWindow } from "./window.ts";

const CALL_KEYS = [
  "mail.raw_delivery_ms",
  "call.invite_ms",
  "call.dial_to_ringing_ms",
  "call.dial_to_channel_ms",
  "call.accept_to_frame_ms",
  "call.mails",
  "call.bytes",
];

/** How many mails a large mailbox holds. */
const MANY = 50_000;

export const PARTS: readonly Part[] = [
  { keys: ["link.description_chars"], measure: descriptionChars },
  { keys: ["identity.decrypt_verify_ms"], measure: decryptVerify },
  { keys: ["ui.first_page_kib"], measure: firstPage },
  ...(["stock", "hibernate"] as const).map((variant: Variant) => ({
    keys: CALL_KEYS.map((key) => key + SUFFIX[variant]),
    measure: (rounds: number) =>
      withPair(`calls-${variant}`, { variant, earlyCalls: rounds }, async (pair) => {
        await pair.meet();
        return callFigures(pair, variant, rounds);
      }),
  })),
  framePart("call.accept_to_frame_cold_ms", "closed", {}),
  framePart("call.accept_to_frame_ms_delay3s", "open", { delayMs: 3000 }),
  {
    keys: ["backend.ready_ms", "backend.idle_rss_kib", "backend.idle_cpu_ms_per_min"],
    measure: (rounds) => backendFigures("backend", "", rounds, { earlyCalls: 1 }),
  },
  {
    keys: ["backend.ready_ms_50k", "backend.idle_rss_kib_50k"],
    measure: (rounds) => backendFigures("backend-50k", "_50k", rounds, { earlyCalls: 1, fill: fillMailbox }),
  },
  ...CONFERENCE_PARTS,
];

function framePart(key: string, cameras: "open" | "closed", options: Omit<PairOptions, "earlyCalls">): Part {
  return {
    keys: [key],
    measure: (rounds) =>
      withPair(key, { ...options, earlyCalls: rounds }, async (pair) => {
        await pair.meet();
        return { [key]: figure(await frameFigure(pair, cameras, rounds)) };
      }),
  };
}

async function withPair(
  name: string,
  options: PairOptions,
  measure: (pair: Pair) => Promise<Report>,
): Promise<Report> {
  const pair = await Pair.open(name, options);
  try {
    return await measure(pair);
  } finally {
    await pair.close();
  }
}

/** The vector of the codec's own tests, encoded by the codec as it is now. */
async function descriptionChars(): Promise<Report> {
  const file = join(root, "ui", "test", "conference", "fixtures", "descriptions.json");
  const vectors = JSON.parse(await readFile(file, "utf8")) as {
    name: string;
    role: "offer" | "answer";
    sdp: string;
    text: string;
  }[];
  const vector = vectors.find(({ name }) => name === "three IPv4 and three IPv6 over UDP");
  if (vector === undefined) throw new Error("the golden vector is gone");
  const text = encode(vector.sdp, vector.role);
  if (text !== vector.text) throw new Error("the codec disagrees with its golden vector");
  return { "link.description_chars": text.length };
}

/** Inside one process, because no process is part of what is measured. */
async function decryptVerify(): Promise<Report> {
  const printed = await run(join(root, "target", "release", "examples", "time_verify"), []);
  const key = "identity.decrypt_verify_ms";
  const measured = (JSON.parse(printed) as Report)[key];
  if (measured === undefined) throw new Error("time_verify printed something else");
  return { [key]: measured };
}

/** Everything that a browser fetches for the first page of somebody who is signed in, until it is idle. */
async function firstPage(): Promise<Report> {
  return withPair("first-page", { earlyCalls: 1 }, async (pair) => {
    await pair.alice.start();
    const bytes = await fetchedAtFirst(pair.alice);
    return { "ui.first_page_kib": Number((bytes / 1024).toFixed(1)) };
  });
}

async function fetchedAtFirst(backend: MeasuredBackend): Promise<number> {
  const addresses = new Set<string>();
  const window = await MeasuredWindow.open(backend, (page) => {
    page.on("response", (response) => {
      if (response.url().startsWith(backend.url) && response.status() === 200) addresses.add(response.url());
    });
  });
  try {
    await window.page.waitForLoadState("networkidle");
    // Asked for again with the same cookie: a body is gone once the page has moved on.
    const { request } = window.page.context();
    const bodies = await Promise.all([...addresses].map(async (url) => (await request.get(url)).body()));
    return bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0);
  } finally {
    await window.close();
  }
}

/** Start, then the quiet after one call, of a caller and a callee. */
async function backendFigures(
  name: string,
  suffix: "" | "_50k",
  rounds: number,
  options: PairOptions,
): Promise<Report> {
  return withPair(name, options, async (pair) => {
    const both = [pair.alice, pair.bob];
    // The first start after signing in may have more to do.
    for (const backend of both) await backend.start().then(() => backend.stop());
    const ready: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [i, backend] of [pair.alice, pair.bob].entries()) {
        ready[i]?.push(await backend.start());
        await backend.stop();
      }
    }
    // Only Bob's mailbox is ever large: Alice starts beside him, on the same busy machine.
    const figures: Report =
      suffix === ""
        ? { "backend.ready_ms": figure(ready.flat()) }
        : { "backend.ready_ms": figure(ready[0]), "backend.ready_ms_50k": figure(ready[1]) };
    say(JSON.stringify(figures));
    await pair.meet();
    await frameFigure(pair, "open", 1);
    await pair.closePages();
    for (const backend of both) backend.disconnect();
    await pause(60_000);
    const resident = await Promise.all(both.map(({ pid }) => residentKib(pid)));
    say(`VmRSS of caller and callee: ${resident.join(", ")} KiB`);
    const [caller = 0, callee = 0] = resident;
    figures[`backend.idle_rss_kib${suffix}`] = suffix === "" ? Math.max(caller, callee) : callee;
    if (suffix !== "") return figures;
    const cpu = async (): Promise<number[]> => Promise.all(both.map(({ pid }) => processorMs(pid)));
    const minutes = 5;
    const before = await cpu();
    await pause(minutes * 60_000);
    const used = (await cpu()).map((after, i) => (after - (before[i] ?? 0)) / minutes);
    say(`ms per minute of caller and callee: ${used.join(", ")}`);
    figures["backend.idle_cpu_ms_per_min"] = Number(Math.max(...used).toFixed(2));
    return figures;
  });
}

async function residentKib(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  if (kib === undefined) throw new Error("no VmRSS");
  return Number(kib);
}

/** What all its threads have spent on a processor so far. */
async function processorMs(pid: number): Promise<number> {
  let sum = 0;
  for (const task of await readdir(`/proc/${pid}/task`)) {
    const [spent] = (await readFile(`/proc/${pid}/task/${task}/schedstat`, "utf8")).split(" ");
    sum += Number(spent) / 1e6;
  }
  return sum;
}

/** Puts many mails into Bob's mailbox, as files: one mail under many names. */
async function fillMailbox(mail: MailServer, localPart: string): Promise<void> {
  if (!localPart.startsWith("bob")) return;
  const maildir = join(mail.at.dir, "mail", localPart);
  const cur = join(maildir, "cur");
  const { uid, gid } = await stat(join(mail.at.dir, "mail"));
  for (const folder of [maildir, cur, join(maildir, "new"), join(maildir, "tmp")]) {
    await mkdir(folder, { recursive: true });
    await chown(folder, uid, gid);
  }
  const first = join(cur, "1700000000.M0P1.bench:2,S");
  const head = "From: <carol@example.test>\r\nTo: <bob@example.test>\r\nSubject: one of many\r\n";
  await writeFile(first, `${head}\r\n${"It is sunny here.\r\n".repeat(100)}`);
  await chown(first, uid, gid);
  for (let i = 1; i < MANY; i++) await link(first, join(cur, `${1_700_000_000 + i}.M0P1.bench:2,S`));
}
