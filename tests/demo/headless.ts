import { join } from "node:path";

import type { Page } from "playwright-core";

import type { Client, StateName } from "../harness/client.ts";
import { accept, dial, hangUp } from "../harness/screen.ts";
import { sees } from "../harness/senses.ts";
import type { Leftovers } from "./leftovers.ts";
import { ALICE, BOB, type Look } from "./media.ts";
import { type Stage, say, setUp } from "./stage.ts";

/** How long Bob looks at his ringing device before he reaches for the button, in ms: a person is not faster. */
const BOB_LOOKS_MS = 1_000;
/** How long something a person would wait for may take on a busy machine, in ms. */
const PATIENCE_MS = 30_000;

/** The moments of a call, in ms since Alice pressed Call. */
interface TimeLine {
  readonly sent: number;
  readonly rings: number;
  readonly ringing: number;
  readonly accepted: number;
  readonly aliceSees: number;
  readonly bobSees: number;
}

const ROWS: readonly (readonly [keyof TimeLine, string])[] = [
  ["sent", "sent          Alice's mail server has taken the invitation"],
  ["rings", "rings         Bob's device rings"],
  ["ringing", "ringing       Alice's page says so: the proof has come back by mail"],
  ["accepted", "accepted      Bob presses Accept"],
  ["aliceSees", "first frame   Alice sees Bob"],
  ["bobSees", "first frame   Bob sees Alice"],
];

/** The whole call with nobody there; fails unless each side decodes the other's picture. */
export async function playAlone(out: string, leftovers: Leftovers): Promise<void> {
  const stage = await setUp(join(out, "run"), leftovers, true);
  say("opening a browser each: Alice's camera films a red face, Bob's a blue one");
  const [alicePage, bobPage] = await Promise.all([
    stage.alice.open({ media: stage.media.alice, handlesSignals: true }),
    stage.bob.open({ media: stage.media.bob, handlesSignals: true }),
  ]);
  const shots = { alice: join(out, "alice.png"), bob: join(out, "bob.png") };
  const shootBoth = (): Promise<unknown> =>
    Promise.all([alicePage.screenshot({ path: shots.alice }), bobPage.screenshot({ path: shots.bob })]);
  try {
    await twoCalls(new Play(stage, alicePage, bobPage), async () => {
      await Promise.all([wake(alicePage), wake(bobPage)]);
      await shootBoth();
      say(`saved ${shots.alice} and ${shots.bob}`);
    });
  } catch (error) {
    // What was on the screens tells more than the error; if there is nothing to see, the error remains.
    await shootBoth().catch(() => undefined);
    throw error;
  }
}

async function twoCalls(play: Play, shoot: () => Promise<void>): Promise<void> {
  say("first call: neither has ever heard of the other's key");
  const first = await play.call();
  await play.ends();
  say("second call: the first one brought the keys, so it is encrypted and answered while it rings");
  const second = await play.call();
  await shoot();
  await play.ends();
  print(first, second);
}

class Play {
  constructor(
    private readonly stage: Stage,
    private readonly alicePage: Page,
    private readonly bobPage: Page,
  ) {}

  /** Alice calls, Bob accepts, they see each other. */
  async call(): Promise<TimeLine> {
    const { alice, bob } = this.stage;
    const before = new Set(alice.client.calls.keys());
    await this.alicePage.evaluate(() => (location.hash = "#/"));
    await dial(this.alicePage, bob.owner.address);
    const call = await alice.client.until("the call begins", () =>
      [...alice.client.calls.keys()].find((id) => !before.has(id)),
    );
    say("Alice calls bob@example.test");
    await alice.client.untilCall("Sent", { call, ms: PATIENCE_MS });
    await bob.client.untilCall("Ringing", { call, ms: PATIENCE_MS });
    say("Bob's device rings");
    await alice.client.untilCall("Ringing", { call, ms: PATIENCE_MS });
    await this.bobPage.waitForTimeout(BOB_LOOKS_MS);
    const frames = Promise.all([firstFrame(this.alicePage, BOB), firstFrame(this.bobPage, ALICE)]);
    await Promise.all([accept(this.bobPage), frames]);
    const [aliceSees, bobSees] = await frames;
    // More than one frame, and they go on coming.
    await Promise.all([
      sees(this.alicePage, BOB, PATIENCE_MS),
      sees(this.bobPage, ALICE, PATIENCE_MS),
      alice.client.untilCall("Connected", { call, ms: PATIENCE_MS }),
      bob.client.untilCall("Connected", { call, ms: PATIENCE_MS }),
    ]);
    say("each sees the other");
    const dialled = moment(alice.client, call, "Preparing");
    return {
      sent: moment(alice.client, call, "Sent") - dialled,
      rings: moment(bob.client, call, "Ringing") - dialled,
      ringing: moment(alice.client, call, "Ringing") - dialled,
      // Answered while it rang, it is connected at once.
      accepted: moment(bob.client, call, "Connecting", "Connected") - dialled,
      aliceSees: aliceSees - dialled,
      bobSees: bobSees - dialled,
    };
  }

  /** Alice hangs up. */
  async ends(): Promise<void> {
    const { alice, bob } = this.stage;
    await hangUp(this.alicePage);
    const over = (client: Client): Promise<true> =>
      client.until("the call ends", () =>
        [...client.calls.values()].every(({ state }) => state.type === "Ended") ? true : undefined,
      );
    await Promise.all([over(alice.client), over(bob.client)]);
    say("Alice hangs up, and Bob's side knows");
  }
}

/** When a backend first told of a call in one of these states, in ms since the epoch. */
function moment(client: Client, call: string, ...states: StateName[]): number {
  const seen = client.seen.find(
    ({ event }) =>
      event.type === "CallChanged" && event.call.call === call && states.includes(event.call.state.type),
  );
  if (seen === undefined) throw new Error(`the call was never ${states.join(" or ")}`);
  return performance.timeOrigin + seen.at;
}

/** When the first decoded picture of somebody else is in a page, in ms since the epoch. */
async function firstFrame(page: Page, { colour }: Look): Promise<number> {
  const found = await page.waitForFunction(
    (wanted) => {
      const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      if (pen === null) return undefined;
      const now = performance.timeOrigin + performance.now();
      const shown = [...document.querySelectorAll("video")].some((video) => {
        if (video.videoWidth === 0) return false;
        pen.drawImage(video, video.videoWidth * 0.5, video.videoHeight * 0.45, 8, 8, 0, 0, 1, 1);
        const { data } = pen.getImageData(0, 0, 1, 1);
        return wanted.every((value, i) => Math.abs(value - (data[i] ?? 0)) < 40);
      });
      return shown ? now : undefined;
    },
    colour,
    { polling: "raf", timeout: PATIENCE_MS },
  );
  return (await found.jsonValue()) ?? Number.NaN;
}

/** Shows the controls of the call, which hide while nobody moves. */
async function wake(page: Page): Promise<void> {
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 310);
  await page.getByRole("toolbar").waitFor();
}

function print(first: TimeLine, second: TimeLine): void {
  const cell = (ms: number): string => Math.round(ms).toString().padStart(8);
  const rows = ROWS.map(([key, words]) => `${cell(first[key])}${cell(second[key])}  ${words}`);
  const after = ({ accepted, aliceSees, bobSees }: TimeLine): number =>
    Math.max(aliceSees, bobSees) - accepted;
  const last = `${cell(after(first))}${cell(after(second))}  from Accept to both pictures`;
  const head = `   first  second  call, in ms since Alice pressed Call\n${cell(0)}${cell(0)}  dial`;
  process.stdout.write(`\n${[head, ...rows, "", last].join("\n")}\n\n`);
}
