import { expect, test } from "vitest";

import { CALL, OTHER_CALL, scene, SCENES, type SceneName } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { callWords } from "../../src/texts/words";
import { commands, usePages } from "./support/pages";

const pages = usePages();

const names = Object.keys(SCENES) as SceneName[];
const TOLD = /^(ring|ended|call-(preparing|sending|retrying|sent|ringing|connecting|reconnecting))/;

test(
  "in every scene: the state is told in a live region, everything has a name, nothing is wider than a phone, nothing is complained of",
  { timeout: 90_000 },
  async () => {
    const page = await pages.page({ viewport: { width: 360, height: 740 } });
    for (const name of names) {
      await pages.open(name, page);
      const [call] = scene(name, 0).snapshot.calls;
      if (call !== undefined && TOLD.test(name)) {
        const { title, text } = callWords(call);
        const status = page.getByRole("status").filter({ hasText: title }).first();
        await status.waitFor({ state: "attached" });
        expect(await status.textContent(), name).toContain(text);
      }
      const tree = await page.locator("body").ariaSnapshot();
      expect(tree, name).not.toMatch(/- (button|link|textbox|combobox|checkbox|radio|dialog)(:|$| \[)/m);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(360);
    }
  },
);

test("Bob accepts with video, and the ring window becomes the call", async () => {
  const page = await pages.open("ring");
  await page.getByRole("button", { name: t.ring.acceptVideo }).click();
  await page.getByRole("button", { name: t.controls.hangUp }).waitFor();
  expect(await commands(page)).toEqual([{ type: "Accept", call: CALL, video: true }]);
  expect(new URL(page.url()).hash).toBe(`#/call/${CALL}`);
});

test("accepted with audio only, the camera of the preview is closed", async () => {
  const page = await pages.open("ring");
  await page.locator("video[data-self]").waitFor();
  await page.getByRole("button", { name: t.ring.acceptAudio }).click();
  await page.getByRole("button", { name: t.controls.cameraOn }).waitFor();
  expect(await commands(page)).toEqual([{ type: "Accept", call: CALL, video: false }]);
});

test("Bob declines", async () => {
  const page = await pages.open("ring");
  await page.getByRole("button", { name: t.ring.decline }).click();
  await page.getByRole("heading", { name: t.ended.DeclinedIn.title }).waitFor();
  expect(await commands(page)).toEqual([{ type: "Decline", call: CALL }]);
});

test("M mutes, V switches the camera off, and typing in a field does neither", async () => {
  const page = await pages.open("call-connected");
  await page.getByRole("button", { name: t.controls.mute, exact: true }).waitFor();
  await page.keyboard.press("m");
  await page.getByRole("button", { name: t.controls.unmute }).waitFor();
  await page.keyboard.press("v");
  await page.getByRole("button", { name: t.controls.cameraOn }).waitFor();
  await page.getByRole("button", { name: t.controls.devices }).click();
  await page.getByLabel(t.controls.microphone).focus();
  await page.keyboard.press("m");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: t.controls.unmute }).waitFor();
});

test("audio only is said already while it rings, and is over when the camera goes on", async () => {
  const page = await pages.open("call-ringing");
  await page.getByRole("button", { name: t.controls.devices }).click();
  await page.getByRole("radio", { name: tc.sound.thrifts.audio }).check();
  await page.keyboard.press("Escape");
  const note = page.getByText(tc.audioOnly);
  await note.waitFor();
  await page.getByRole("button", { name: t.controls.cameraOn }).click();
  await page.locator("video[data-self]").waitFor();
  expect(await note.count()).toBe(0);
});

test("a call outside the call window has its sound still", async () => {
  const page = await pages.open("call-connected");
  await page.locator("audio[data-remote]").waitFor({ state: "attached" });
  await page.evaluate(() => (location.hash = "#/"));
  await page.getByRole("combobox", { name: t.dial.label }).waitFor();
  expect(await page.locator("audio[data-remote]").count()).toBe(1);
});

test("who calls during a call is taken by ending the first", async () => {
  const page = await pages.open("call-waiting");
  await page.getByRole("button", { name: t.ongoing.switchTo }).click();
  await page.getByRole("main", { name: t.call.with("Carol Weiß") }).waitFor();
  expect(await commands(page)).toEqual([{ type: "Accept", call: OTHER_CALL, video: true }]);
});

test("who calls during a conference is taken in one step, and nothing is complained of", async () => {
  const page = await pages.open("conference-calls-waiting");
  await page.getByRole("button", { name: t.ongoing.switchTo }).click();
  await page.waitForFunction((id) => location.hash === `#/call/${id}`, OTHER_CALL);
  expect(await commands(page)).toEqual([{ type: "Accept", call: OTHER_CALL, video: true }]);
  expect(await page.getByText(t.errors.unknown_call.title).count()).toBe(0);
});

test("the banner of somebody who calls says which address that is, and what is not proven of it", async () => {
  const page = await pages.open("main-ringing-unverified");
  const banner = page.getByRole("region", { name: t.ongoing.incoming("Carol Weiß") });
  await banner.getByText("carol@example.test").waitFor();
  await banner.getByText(t.call.unverifiedShort).waitFor();
});

test("the banner of somebody who is proven has no such mark", async () => {
  const page = await pages.open("main-ringing");
  const banner = page.getByRole("region", { name: t.ongoing.incoming("Bob Okafor") });
  await banner.getByText("bob@example.test").waitFor();
  expect(await banner.getByText(t.call.unverifiedShort).count()).toBe(0);
});

test("when two call each other, accepting ends nothing", async () => {
  const page = await pages.open("call-glare");
  await page.getByText(t.call.callingToo("Bob Okafor")).waitFor();
  await page.getByRole("button", { name: t.ongoing.acceptVideo }).click();
  await page.waitForFunction((id) => location.hash === `#/call/${id}`, OTHER_CALL);
  expect(await commands(page)).toEqual([{ type: "Accept", call: OTHER_CALL, video: true }]);
});

test("a changed key is an alert", async () => {
  const page = await pages.open("call-key-changed");
  await page.getByRole("alert").getByText(t.call.keyChanged("Bob Okafor").title).waitFor();
});

test("where this window cannot show pictures, it leads to the one that can", async () => {
  const page = await pages.open("call-elsewhere");
  await page.getByRole("button", { name: t.call.showThere }).click();
  expect(await commands(page)).toEqual([{ type: "ShowCall", call: CALL }]);
  await page.getByText(t.call.behind("Bob").title).waitFor();
});

test("what the mail server said of an undeliverable invitation is a detail", async () => {
  const page = await pages.open("ended-unreachable");
  const words = page.getByText("550 5.1.1");
  expect(await words.isVisible()).toBe(false);
  await page.getByText(t.app.details).click();
  expect(await words.isVisible()).toBe(true);
});
