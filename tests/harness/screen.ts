import type { Page } from "playwright-core";

import { t } from "../../ui/src/texts/index.ts";

/** What a person does with the hands, and reads, on a page of Mailcall. All by the names a screen reader says. */

/** Types an address and calls it with picture. */
export async function dial(page: Page, address: string): Promise<void> {
  const field = page.getByRole("combobox", { name: t.dial.label });
  await field.fill(address);
  await field.press("Enter");
}

export async function accept(page: Page, how: "video" | "audio" = "video"): Promise<void> {
  const name = how === "video" ? t.ring.acceptVideo : t.ring.acceptAudio;
  await page.getByRole("button", { name, exact: true }).click();
}

export async function decline(page: Page): Promise<void> {
  await page.getByRole("button", { name: t.ring.decline, exact: true }).click();
}

export async function hangUp(page: Page): Promise<void> {
  await wake(page);
  await page.getByRole("button", { name: new RegExp(`^${t.controls.hangUp}`) }).click();
}

/** Moves the mouse: the controls of a call hide themselves while nobody moves. */
export async function wake(page: Page): Promise<void> {
  await page.mouse.move(200, 200);
  await page.mouse.move(210, 210);
}

/** Waits until the page says something. */
export async function reads(page: Page, words: string): Promise<void> {
  await page.getByText(words, { exact: false }).first().waitFor();
}
