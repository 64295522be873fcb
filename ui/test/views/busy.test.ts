import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { CALL, FAKE_CONFERENCE } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { commands, usePages } from "./support/pages";
import { button, openStage } from "./support/stage";

const pages = usePages();

const dialog = (page: Page) => page.getByRole("dialog", { name: t.busy.title });
const calling = (address: string) => ({ type: "Call", account: 1, address, video: false, conference: null });

describe("Alice is in a conference with Bob and Carol, and presses the button that calls Erik", () => {
  const callErik = async () => {
    const page = await openStage(pages, "conference-3");
    await page.evaluate(() => (location.hash = "#/"));
    await button(page, t.contacts.callAudio("Erik Sørensen")).click();
    await dialog(page).waitFor();
    return page;
  };

  test("she is asked, and Enter loses nothing", async () => {
    const page = await callErik();
    await dialog(page).getByText(t.busy.text("Erik Sørensen", "Bob Okafor and Carol Weiß")).waitFor();
    await page.keyboard.press("Enter");
    await dialog(page).waitFor({ state: "detached" });
    expect(await commands(page)).toEqual([]);
  });

  test("she brings him in", async () => {
    const page = await callErik();
    await button(page, t.busy.invite).click();
    await page.waitForFunction((id) => location.hash === `#/call/${id}`, CALL);
    const people = ["Alice Martin", "Bob Okafor", "Carol Weiß"];
    expect(await commands(page)).toEqual([
      {
        ...calling("erik@example.test"),
        video: true,
        conference: { id: FAKE_CONFERENCE, topic: "", people },
      },
    ]);
  });

  test("she calls him instead", async () => {
    const page = await callErik();
    await button(page, t.busy.instead).click();
    await page.waitForFunction((id) => !location.hash.includes(id), CALL);
    expect(await commands(page)).toEqual([calling("erik@example.test")]);
  });
});

test("whoever is in the conference already is not invited into it", async () => {
  const page = await openStage(pages, "conference-3");
  await page.evaluate(() => (location.hash = "#/"));
  await button(page, t.contacts.callAudio("Carol Weiß")).click();
  await button(page, t.busy.instead).waitFor();
  expect(await button(page, t.busy.invite).count()).toBe(0);
});

test("into a locked conference nobody is invited", async () => {
  const page = await openStage(pages, "conference-locked");
  await page.evaluate(() => (location.hash = "#/"));
  await button(page, t.contacts.callAudio("Erik Sørensen")).click();
  await button(page, t.busy.instead).waitFor();
  expect(await button(page, t.busy.invite).count()).toBe(0);
});

test.each([
  ["conference-8", t.crowd.costs(8, 0), 1],
  ["conference-16", t.crowd.full(16, 0, 16), 0],
] as const)("in %s Alice reads what one more means before she invites Zoe", async (scene, words, buttons) => {
  const page = await openStage(pages, scene);
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByRole("combobox", { name: t.dial.label }).fill("zoe@example.test");
  await button(page, t.dial.audio).click();
  await dialog(page).getByText(words).waitFor();
  expect(await button(page, t.busy.invite).count()).toBe(buttons);
});

test("a call that is not taken yet can only be given up for another one", async () => {
  const page = await pages.open("call-sent");
  await page.evaluate(() => (location.hash = "#/"));
  await button(page, t.contacts.callAudio("Erik Sørensen")).click();
  await button(page, t.busy.instead).waitFor();
  expect(await button(page, t.busy.invite).count()).toBe(0);
});

test("who calls the one they are talking with is not asked", async () => {
  const page = await pages.open("main-ongoing");
  await button(page, t.contacts.callAudio("Bob Okafor")).click();
  await expect.poll(() => commands(page)).toEqual([calling("bob@example.test")]);
});

test("what was typed stays when Alice thinks better of it", async () => {
  const page = await pages.open("main-ongoing");
  const field = page.getByRole("combobox", { name: t.dial.label });
  await field.fill("zoe@example.test");
  await button(page, t.dial.audio).click();
  await dialog(page).waitFor();
  await page.keyboard.press("Escape");
  await dialog(page).waitFor({ state: "detached" });
  expect(await field.inputValue()).toBe("zoe@example.test");
  expect(await commands(page)).toEqual([]);
});
