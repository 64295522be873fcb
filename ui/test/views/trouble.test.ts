import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { usePages } from "./support/pages";
import { button, openMenuOf, openStage } from "./support/stage";

const pages = usePages();

const row = (page: Page, name: string) =>
  page.getByRole("complementary").getByRole("listitem").filter({ hasText: name });

test("whose connection is poor stands in their row, and goes when it is good again or not known", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("p");
  const words = row(page, "Carol Weiß").getByText(tc.trouble.poor("Carol Weiß"));
  for (const quality of ["good", "unknown"] as const) {
    await page.evaluate(() => window.fakeRoom.change("person-1", { quality: "poor" }));
    await words.waitFor();
    await page.evaluate((now) => window.fakeRoom.change("person-1", { quality: now }), quality);
    await words.waitFor({ state: "detached" });
  }
});

test("a connection that is a bit weak is not called poor", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("p");
  await page.evaluate(() => window.fakeRoom.change("person-1", { quality: "fair" }));
  await row(page, "Carol Weiß").getByText(tc.trouble.fair("Carol Weiß")).waitFor();
});

test("Alice reads in her own row that it is hers", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("p");
  await page.evaluate(() => window.fakeRoom.measure("poor"));
  await row(page, tc.youNamed("Alice Martin")).getByText(tc.trouble.own.poor).waitFor();
});

test("the details of a tile tell it beside the figures of the own link to that person", async () => {
  const page = await openStage(pages, "conference-4");
  await page.evaluate(() => window.fakeRoom.change("person-1", { quality: "poor" }));
  await openMenuOf(page, "Carol Weiß");
  await button(page, tc.tile.details).click();
  const details = page.getByRole("dialog", { name: "Carol Weiß" });
  await details.getByText(t.quality.good).waitFor();
  await details.getByText(tc.trouble.poor("Carol Weiß")).waitFor();
});

test("of somebody who is being reconnected only that is said", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("p");
  await page.evaluate(() => window.fakeRoom.change("person-1", { quality: "poor" }));
  const words = page.getByText(tc.trouble.poor("Carol Weiß"));
  await words.waitFor();
  await page.evaluate(() => window.fakeRoom.change("person-1", { connection: "reconnecting" }));
  await words.waitFor({ state: "detached" });
});

test("of two people nobody can tell whose connection it is, and it is not said", async () => {
  const page = await openStage(pages, "conference-3");
  await page.keyboard.press("p");
  await page.evaluate(() => window.fakeRoom.change("person-0", { quality: "poor" }));
  const words = page.getByText(tc.trouble.poor("Bob Okafor"));
  await words.waitFor();
  await page.evaluate(() => window.fakeRoom.leave("person-1"));
  await words.waitFor({ state: "detached" });
  expect(await row(page, "Bob Okafor").count()).toBe(1);
});
