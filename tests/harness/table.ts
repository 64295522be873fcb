import type { Page } from "playwright-core";

import { t } from "../../ui/src/texts/index.ts";
import { tc } from "../../ui/src/texts/conference.ts";
import type { BrowserOptions } from "./browser.ts";
import type { Delivery } from "./mail.ts";
import type { Computer } from "./network.ts";
import type { Device, Name } from "./person.ts";
import { accept, dial, wake } from "./screen.ts";
import { hears, sees } from "./senses.ts";
import type { Stage } from "./story.ts";

/** How long a picture may take when four browsers share a small machine, in ms. */
const BUSY_MS = 45_000;

/**
 * Mails for a fresh link with one person, which a backend asks for beside the old one after 3 s without a way: usually
 * none, but two cores with four browsers may take longer.
 */
export const BESIDE = 2;

/** Somebody at a laptop with Mailcall on its screen. */
export interface Seat {
  readonly name: Name;
  readonly device: Device;
  readonly page: Page;
}

export interface SeatOptions extends BrowserOptions {
  /** What each has the laptop's network from, if not from this machine: in the order of the names. */
  readonly computers?: readonly Computer[];
}

/** People with a laptop each, contacts of all others. */
export async function seats<N extends Name>(
  stage: Stage,
  names: readonly N[],
  { computers = [], ...options }: SeatOptions = {},
): Promise<Record<N, Seat>> {
  const people = await Promise.all(names.map((name) => stage.person(name)));
  const seated = people.map(async (person, index): Promise<[string, Seat]> => {
    const contacts = people.filter((other) => other !== person);
    const device = await person.device("laptop", { contacts, computer: computers[index] });
    return [person.name, { name: person.name, device, page: await device.open(options) }];
  });
  return Object.fromEntries(await Promise.all(seated)) as Record<N, Seat>;
}

/** One calls, the other declines: each knows the other's key from then on. */
export async function acquaint(a: Seat, b: Seat): Promise<void> {
  const [account] = a.device.client.accounts;
  if (account === undefined) throw new Error(`${a.name} has no account`);
  const { address } = b.device.owner;
  const answer = await a.device.client.command({
    type: "Call",
    account: account.account,
    address,
    video: true,
  });
  if (answer.type !== "Called") throw new Error(`Call answered ${answer.type}`);
  const { call } = answer;
  await b.device.client.untilCall("Ringing", { call });
  await a.device.client.untilCall("Ringing", { call });
  await b.device.client.command({ type: "Decline", call });
  await Promise.all([a, b].map(({ device }) => device.client.untilCall("Ended", { call })));
  await a.page.evaluate(() => (location.hash = "#/"));
}

/** One calls the other from the main page, who takes it. */
export async function calls(from: Seat, to: Seat, options = { takes: true }): Promise<void> {
  await dial(from.page, to.device.owner.address);
  if (options.takes) await takes(to);
}

/** Takes what rings. */
export async function takes(seat: Seat): Promise<void> {
  await accept(seat.page);
}

/** What was delivered to any of them so far, the oldest first. */
export async function mailsTo(stage: Stage, seats: readonly Seat[]): Promise<Delivery[]> {
  const boxes = seats.map(({ device }) => stage.mail.deliveriesTo(device.owner.address));
  return (await Promise.all(boxes)).flat().sort((one, other) => one.unix_ms - other.unix_ms);
}

/** Asks somebody to come in, from within the call. */
export async function invites(from: Seat, to: Seat): Promise<void> {
  await control(from.page, tc.controls.invite);
  const dialog = from.page.getByRole("dialog", { name: tc.invite.title });
  const who = dialog.getByLabel(tc.invite.who);
  await who.fill(to.device.owner.address);
  await who.press("Enter");
  await dialog.getByRole("button", { name: t.app.close, exact: true }).click();
}

/** Presses one of the controls of the call, which hide themselves while nobody moves. */
export async function control(page: Page, name: string): Promise<void> {
  await wake(page);
  const toolbar = page.getByRole("toolbar", { name: t.controls.bar });
  // Some say after their name how much is new.
  await toolbar.getByRole("button", { name: new RegExp(`^${name}`) }).click();
}

/** The first of them calls the second and invites the others in turn; all see each other. */
export async function gather(host: Seat, first: Seat, ...guests: readonly Seat[]): Promise<void> {
  await calls(host, first);
  await seeEachOther(host, first);
  for (const [index, guest] of guests.entries()) {
    await invites(host, guest);
    await takes(guest);
    await seeEachOther(host, first, ...guests.slice(0, index + 1));
  }
}

/** Alice called Bob and invited Carol, and all three see each other. */
export async function threeTogether(
  stage: Stage,
  options: SeatOptions = {},
): Promise<Record<"Alice" | "Bob" | "Carol", Seat>> {
  const all = await seats(stage, ["Alice", "Bob", "Carol"], options);
  await gather(all.Alice, all.Bob, all.Carol);
  return all;
}

/** The same with Dave, whom Alice invites, too. */
export async function fourTogether(
  stage: Stage,
  options: SeatOptions = {},
): Promise<Record<"Alice" | "Bob" | "Carol" | "Dave", Seat>> {
  const all = await seats(stage, ["Alice", "Bob", "Carol", "Dave"], options);
  await gather(all.Alice, all.Bob, all.Carol, all.Dave);
  return all;
}

/** Waits until somebody sees a screen that is shown, on frames that have come. */
export async function seesScreen({ page }: Seat): Promise<void> {
  await page.waitForFunction(
    () => {
      const screen = document.querySelector<HTMLVideoElement>("video[data-screen]");
      return (
        screen !== null && screen.videoWidth > 0 && screen.getVideoPlaybackQuality().totalVideoFrames > 2
      );
    },
    undefined,
    { timeout: BUSY_MS },
  );
}

/** Opens the panel beside the call at one of its pages. */
export async function opensPanel({ page }: Seat, tab: keyof typeof tc.panel.tabs): Promise<void> {
  await control(page, tc.controls.chat);
  await page.getByRole("tab", { name: tc.panel.tabs[tab] }).click();
}

/** Writes into the open chat, to everybody or to one person. */
export async function writes({ page }: Seat, text: string, to?: Name): Promise<void> {
  const panel = page.getByRole("complementary", { name: tc.panel.label });
  if (to !== undefined) await panel.getByLabel(tc.chat.to).selectOption(tc.chat.privateTo(to));
  await panel.getByRole("textbox").fill(text);
  await panel.getByRole("button", { name: tc.chat.send, exact: true }).click();
}

/** Waits until somebody reads this in the open chat. */
export async function reads({ page }: Seat, text: string): Promise<void> {
  await page.getByRole("log", { name: tc.chat.log }).getByText(text).waitFor();
}

/** Waits until each of them sees all others, by the colours they film. */
export async function seeEachOther(...all: readonly Seat[]): Promise<void> {
  await Promise.all(pairs(all).map(([one, other]) => sees(one.page, other.device.owner.presence, BUSY_MS)));
}

/** Waits until each of them hears all others, by the tones they sound. */
export async function hearEachOther(...all: readonly Seat[]): Promise<void> {
  await Promise.all(pairs(all).map(([one, other]) => hears(one.page, other.device.owner.presence, BUSY_MS)));
}

/** Waits until the tiles on somebody's screen are those of these people and nobody else. */
export async function hasTilesOf(seat: Seat, others: readonly Seat[], ms = BUSY_MS): Promise<void> {
  await seat.page.waitForFunction(
    (wanted) => {
      const tiles = [...document.querySelectorAll("figure[data-participant]:not(:has([data-screen]))")];
      const names = tiles.map((tile) => tile.getAttribute("aria-label") ?? "");
      return JSON.stringify(names.sort()) === wanted;
    },
    JSON.stringify(others.map(({ name }) => name).sort()),
    { timeout: ms, polling: 50 },
  );
}

/** Each of them with each other, both ways round. */
export function pairs(all: readonly Seat[]): [Seat, Seat][] {
  return all.flatMap((one) =>
    all.filter((other) => other !== one).map((other): [Seat, Seat] => [one, other]),
  );
}
