// Takes a picture of every scene, small and large, light and dark, into target/shots. For eyes, not for a comparison.
// Arguments: parts of names of scenes.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";

import type { Page } from "playwright-core";

import { SCENES, type SceneName } from "../../src/host/scenes";
import { launch, serveSite } from "./support/site";

const SIZES = [
  { width: 360, height: 740 },
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
const names = Object.keys(SCENES).filter(
  (name) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
const site = await serveSite("shots");
const browser = await launch();
for (const size of SIZES) {
  for (const colorScheme of ["light", "dark"] as const) {
    const context = await browser.newContext({ viewport: size, colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    for (const name of names) {
      await page.goto(`${site.url}?scene=${name}&pace=0`);
      await page.locator("#content").waitFor();
      await ACTIONS[name as SceneName]?.(page);
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
