import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { decode } from "../../../ui/src/conference/description.ts";
import type { LinkSettings } from "../../../ui/src/conference/types.ts";
import type { Person } from "../../../ui/test/conference/support/person.ts";
import { root } from "../../harness/paths.ts";

/** The one link of a story. */
export const LINK = "link";

/** How an attempt ended, as the caller's page saw it. */
export interface Outcome {
  readonly state: "Open" | "Lost";
  /** From the answer given to the page until then. */
  readonly ms: number;
  /** The kinds of the two candidates that carry it, the caller's first; null if none do. */
  readonly path: string | null;
  /** The descriptions that were exchanged. */
  readonly offer: string;
  readonly answer: string;
}

/** Uses these settings for the links to come. */
export function configure(person: Person, settings: LinkSettings): Promise<void> {
  return person.evaluate(`page.session.configure(${JSON.stringify(settings)})`);
}

/** One calls the other; the answer reaches the caller so many seconds after the callee made it. */
export async function call(caller: Person, callee: Person, { secondsLate }: Lateness): Promise<Outcome> {
  await caller.offer(LINK);
  const offer = await caller.described(LINK);
  await callee.answer(LINK, offer);
  const answer = await callee.described(LINK);
  await pause(secondsLate * 1000);
  const event = JSON.stringify({ type: "UseAnswer", link: LINK, description: answer });
  const outcome = await caller.evaluate<Pick<Outcome, "state" | "ms">>(`(async () => {
    const began = performance.now();
    page.handle(${event});
    const isOver = ({ type, state }) => type === "LinkState" && state !== "Failing";
    await page.until(() => page.reports.some(isOver));
    return { state: page.reports.find(isOver).state, ms: Math.round(performance.now() - began) };
  })()`);
  const path = outcome.state === "Open" ? await pathOf(caller) : null;
  return { ...outcome, path, offer, answer };
}

export interface Lateness {
  readonly secondsLate: number;
}

/** Keeps a figure for the table in docs/networking.md. */
export async function record(story: string, { state, ms, path, offer, answer }: Outcome): Promise<string> {
  const folder = join(root, "target", "nat");
  await mkdir(folder, { recursive: true });
  const [offered, answered] = [kindsOf(offer), kindsOf(answer)];
  const line = { at: new Date().toISOString(), story, state, ms, path, offered, answered };
  await appendFile(join(folder, "outcomes.jsonl"), `${JSON.stringify(line)}\n`);
  return `${state} ${ms} ms after the answer, ${path ?? "no path"}; offered ${offered}, answered ${answered}`;
}

/** The kinds of the candidates in a description. */
function kindsOf(description: string): string {
  const kinds = decode(description).candidates.map(({ type, transport }) => `${type}/${transport}`);
  return kinds.join(" ");
}

/** Chromium names the selected pair in its transport, Firefox marks the pair itself. */
function pathOf(person: Person): Promise<string | null> {
  return person.evaluate(`(async () => {
    const report = await page.session.stats("${LINK}");
    const entries = [...report.values()];
    const selected = entries.find(({ type }) => type === "transport")?.selectedCandidatePairId;
    const pair = report.get(selected) ?? entries.find(({ type, selected }) => type === "candidate-pair" && selected);
    if (pair === undefined) return null;
    return [pair.localCandidateId, pair.remoteCandidateId].map((id) => report.get(id).candidateType).join(" – ");
  })()`);
}
