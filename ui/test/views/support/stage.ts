import type { Locator, Page } from "playwright-core";

import type { SceneName } from "../../../src/host/scenes";
import { tc } from "../../../src/texts/conference";
import type { Pages } from "./pages";

export const WIDE = { viewport: { width: 1440, height: 900 } };
export const PHONE = { viewport: { width: 360, height: 740 } };

/** Opens a scene in which people talk, and waits until they are seen. */
export async function openStage(pages: Pages, scene: SceneName, options = WIDE): Promise<Page> {
  const page = await pages.open(scene, await pages.page(options));
  await page.locator("video[data-remote]").first().waitFor({ state: "attached" });
  return page;
}

export const tile = (page: Page, name: string): Locator => page.getByRole("figure", { name, exact: true });

export const button = (page: Page, name: string | RegExp): Locator =>
  page.getByRole("button", { name, exact: true });

export async function openMenuOf(page: Page, name: string): Promise<void> {
  await tile(page, name).hover();
  await tile(page, name)
    .getByRole("button", { name: tc.tile.more(name) })
    .click();
}
