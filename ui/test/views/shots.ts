// Takes a picture of every scene, in three widths, light and dark, into target/shots. For eyes, not for a comparison.
// Arguments: parts of names of scenes.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import type { Page } from "playwright-core";

import { SCENES, type SceneName } from "../../src/host/scenes";
import { launch, serveSite } from "./support/site";

const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** What a scene needs from its user before the picture. */
const ACTIONS: Partial<Record<SceneName, (page: Page) => Promise<void>>> = {
  "first-run-app-password": typeAddress,
  "first-run-no-passwords": typeAddress,
  "first-run-unknown": typeAddress,
  "first-run-unsure": typeAddress,
  "first-run-wrong-password": signIn,
  "first-run-certificate": signIn,
  "first-run-no-key-store": signIn,
  "first-run-slow": signIn,
};

/** More pictures: of a scene in which the user did something. */
const POSES: Readonly<Record<string, { scene: SceneName; act: (page: Page) => Promise<void> }>> = {
  "panel-chat": { scene: "conference-4", act: (page) => page.keyboard.press("c") },
  "panel-notes": { scene: "conference-4", act: (page) => choose(page, "Notes") },
  "panel-files": { scene: "conference-4", act: (page) => choose(page, "Files") },
  "panel-people": { scene: "conference-8", act: (page) => page.keyboard.press("p") },
  "panel-people-organiser": { scene: "conference-4", act: (page) => page.keyboard.press("p") },
  "menu-more": { scene: "conference-4", act: (page) => press(page, "More") },
  "menu-tile": {
    scene: "conference-4",
    act: openTileMenu,
  },
  "dialog-busy": {
    scene: "main-ongoing",
    act: (page) => press(page, "Audio call to Erik Sørensen"),
  },
  "dialog-keys": { scene: "conference-4", act: (page) => page.keyboard.press("?") },
  "dialog-invite": { scene: "conference-invite", act: invite },
  "dialog-invite-7": { scene: "conference-7", act: invite },
  "dialog-invite-8": { scene: "conference-8", act: invite },
  "dialog-invite-over": { scene: "conference-7-inviting", act: invite },
  "dialog-invite-9": { scene: "conference-9", act: invite },
  "dialog-invite-full": { scene: "conference-full", act: invite },
  "dialog-invite-locked": { scene: "conference-locked", act: invite },
  "dialog-sound": { scene: "conference-4", act: (page) => choose(page, "Sound and pictures") },
  "dialog-details": { scene: "conference-4", act: (page) => ofTile(page, "Details") },
  "dialog-details-poor": {
    scene: "conference-7",
    act: async (page) => {
      await page.getByRole("button", { name: "More about Grace Ito" }).focus();
      await page.keyboard.press("Enter");
      await press(page, "Details");
    },
  },
  "dialog-remove": { scene: "conference-4", act: (page) => ofTile(page, "Remove from") },
  "speaker-view-5": { scene: "conference-5", act: (page) => page.keyboard.press("g") },
  "speaker-view-12": { scene: "conference-12", act: (page) => page.keyboard.press("g") },
  "panel-people-12": { scene: "conference-12", act: (page) => page.keyboard.press("p") },
  "panel-chat-screen": { scene: "conference-screen", act: (page) => page.keyboard.press("c") },
  "ended-record": { scene: "conference-4", act: (page) => press(page, "Hang up") },
  "speaker-view": { scene: "conference-8", act: (page) => page.keyboard.press("g") },
  "sharing-and-hand": {
    scene: "conference-4",
    act: async (page) => {
      await page.keyboard.press("h");
      await page.keyboard.press("s");
    },
  },
};

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name, exact: true }).click();
}

async function choose(page: Page, item: string): Promise<void> {
  await press(page, "More");
  await press(page, item);
}

async function openTileMenu(page: Page): Promise<void> {
  await page.getByRole("button", { name: "More about Carol Weiß" }).focus();
  await page.keyboard.press("Enter");
}

async function ofTile(page: Page, item: string): Promise<void> {
  await openTileMenu(page);
  await page.getByRole("button", { name: item }).click();
}

/** From the roster, where the button is at every size. */
async function invite(page: Page): Promise<void> {
  await page.keyboard.press("p");
  await page.getByRole("complementary").getByRole("button", { name: "Invite people" }).click();
}

async function typeAddress(page: Page): Promise<void> {
  await page.getByLabel("E-mail address").fill("alice@example.test");
  await page.getByLabel("E-mail address").blur();
}

async function signIn(page: Page): Promise<void> {
  await typeAddress(page);
  await page.getByLabel(/^Password$/).fill("secret");
  await page.getByRole("button", { name: "Sign in" }).click();
}

const directory = resolve(import.meta.dirname, "../../../target/shots");
mkdirSync(directory, { recursive: true });
const wanted = process.argv.slice(2);
const names = [...Object.keys(SCENES), ...Object.keys(POSES)].filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const site = await serveSite("shots");
const browser = await launch();
for (const size of SIZES) {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const name of names) {
      const pose = POSES[name] ?? { scene: name as SceneName, act: ACTIONS[name as SceneName] };
      await page.goto(`${site.url}?scene=${pose.scene}&pace=0`);
      await page.locator("#content").waitFor();
      if (pose.scene.startsWith("conference")) await page.locator("video[data-remote]").first().waitFor();
      await pose.act?.(page);
      await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
      await page.screenshot({
        path: resolve(directory, `${name}-${size.width}-${colorScheme}.png`),
        fullPage: true,
      });
    }
    await context.close();
  }
}
await browser.close();
await site.close();
