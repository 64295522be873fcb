import type { Page } from "playwright-core";
import { expect, test } from "vitest";

import { CALL, FAKE_CONFERENCE, scene } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { fakeId } from "../../src/views/desk/fake-people";
import { usePages } from "./support/pages";
import { button, openMenuOf, WIDE } from "./support/stage";

const pages = usePages();

const carol = scene("conference-invite", 0).snapshot.calls.find(({ peer }) => peer === "carol@example.test");
const CAROL = carol?.call ?? "";

/** Alice called Bob, then Carol came in by a call of her own. */
async function openConference(minutesAgo = 0): Promise<Page> {
  const page = await pages.page(WIDE);
  const since = String(Date.now() - minutesAgo * 60_000);
  await page.addInitScript(([key, time]) => sessionStorage.setItem(key, time), [
    `mailcall.connected.${CALL}`,
    since,
  ] as const);
  await pages.open("conference-invite", page);
  await page.locator("video[data-remote]").first().waitFor({ state: "attached" });
  await page.evaluate(
    ([call, conference]) => {
      const link = "b".repeat(32);
      window.fakeHost.emit({ type: "MakeOffer", call, link });
      window.fakeHost.emit({ type: "UseMedia", link, video: true, hosts: true, conference });
    },
    [CAROL, FAKE_CONFERENCE] as const,
  );
  return page;
}

/** Bob, with whose call it began, is removed, or goes. */
async function bobIsOut(page: Page): Promise<void> {
  await page.evaluate((call) => {
    window.fakeRoom.leave("person-0");
    return window.fakeHost.send({ type: "Expel", call });
  }, CALL);
  await page.waitForFunction((call) => location.hash === `#/call/${call}`, CAROL);
}

test("when the one with whom it began is out, what Alice is writing stays, and so does the panel", async () => {
  const page = await openConference();
  await page.keyboard.press("c");
  const field = page.getByRole("textbox", { name: tc.chat.label });
  await field.pressSequentially("As I was say");
  await bobIsOut(page);
  await page.keyboard.type("ing");
  expect(await field.inputValue()).toBe("As I was saying");
});

test("lines that Alice has read do not count as unread once more", async () => {
  const page = await openConference();
  await page.keyboard.press("c");
  await page.getByRole("log").waitFor();
  await page.keyboard.press("Escape");
  await bobIsOut(page);
  await page.evaluate((id) => window.fakeRoom.documents.hear(id, "Carol", "Still there?"), fakeId(1));
  await button(page, tc.controls.chatUnread(1)).waitFor();
});

test("the small window stays open", async () => {
  const page = await openConference();
  await openMenuOf(page, "Carol Weiß");
  await button(page, tc.tile.pip).click();
  const isOpen = () => page.evaluate(() => document.pictureInPictureElement !== null);
  await expect.poll(isOpen).toBe(true);
  await bobIsOut(page);
  await page.getByRole("main", { name: t.call.with("Carol Weiß") }).waitFor();
  expect(await isOpen()).toBe(true);
});

test("the time of the call runs on", async () => {
  const page = await openConference(10);
  await page.getByRole("timer").getByText(/^10:/).waitFor();
  await bobIsOut(page);
  await page.getByRole("main", { name: t.call.with("Carol Weiß") }).waitFor();
  await page.getByRole("timer").getByText(/^10:/).waitFor();
});
