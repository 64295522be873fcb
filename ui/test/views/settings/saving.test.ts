import { expect, test } from "vitest";

import { t } from "../../../src/texts";
import { commands, usePages } from "../support/pages";

const pages = usePages();

test("a switch that could not be saved goes back: Alice's network address is not hidden", async () => {
  const page = await pages.open("settings-not-saved");
  const hide = page.getByRole("checkbox", { name: t.settings.relayOnly });
  await hide.click();
  await page.getByText(t.errors.disconnected.title).waitFor();
  await expect.poll(() => hide.isChecked()).toBe(false);
});

test("a ringing time that could not be saved goes back", async () => {
  const page = await pages.open("settings-not-saved");
  const time = page.getByLabel(t.settings.ringSeconds);
  await time.selectOption("30");
  await page.getByText(t.errors.disconnected.title).waitFor();
  await expect.poll(() => time.inputValue()).toBe("60");
});

test("two changes of which the first is not answered yet are both kept", async () => {
  const page = await pages.open("settings");
  await page.evaluate(() => {
    for (const box of document.querySelectorAll<HTMLElement>("input[type=checkbox]")) box.click();
  });
  await page.getByText(t.settings.saved).waitFor();
  expect((await commands(page)).at(-1)).toMatchObject({
    type: "SetSettings",
    settings: { file_invitations: true, hide_until_answer: true, relay_only: true },
  });
  expect(await page.getByRole("checkbox", { name: t.settings.file }).isChecked()).toBe(true);
});

test("a slow mailbox is called slow, whenever Alice tests it again", async () => {
  const page = await pages.open("settings-slow-mail");
  await page.getByRole("button", { name: t.selfTest.run }).click();
  await page.getByText(t.selfTest.slow("40 seconds").text).waitFor();
});
