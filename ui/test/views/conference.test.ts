import { describe, expect, test } from "vitest";

import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { tabTo, usePages } from "./support/pages";
import { button, openMenuOf, openStage, PHONE, tile } from "./support/stage";

const pages = usePages();

describe("the stage", () => {
  test("says of each who it is and how they are", async () => {
    const page = await openStage(pages, "conference-8");
    expect(await tile(page, "Bob Okafor").textContent()).toContain(tc.tile.organiser);
    expect(await tile(page, "Carol Weiß").textContent()).toContain(tc.tile.hand(2));
    expect(await tile(page, "Erik Sørensen").textContent()).toContain(tc.tile.muted);
    expect(await tile(page, "Femi").textContent()).toContain(tc.tile.reconnecting);
    expect(await tile(page, "Hugo").textContent()).toContain(tc.tile.unproven);
  });

  test("says in plain words that no way was found to somebody, and what helps", async () => {
    const page = await openStage(pages, "conference-4");
    const { title, text } = tc.apart("Carol Weiß");
    await page.evaluate(() => window.fakeRoom.change("person-1", { connection: "apart" }));
    await tile(page, "Carol Weiß").getByRole("status").getByText(title).waitFor();
    await tile(page, "Carol Weiß").getByText(text).waitFor();
    expect(await tile(page, "Carol Weiß").locator("video.shown").count()).toBe(0);
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.details).click();
    const details = page.getByRole("dialog", { name: "Carol Weiß" });
    await details.getByText(text).waitFor();
    await details.getByRole("button", { name: t.app.close, exact: true }).last().click();
    await button(page, tc.controls.people).click();
    await page.getByRole("complementary").getByRole("listitem").getByText(text).waitFor();
  });

  test("on a tile that is too small for that says so in short", async () => {
    const page = await openStage(pages, "conference-8", PHONE);
    await page.evaluate(() => window.fakeRoom.change("person-1", { connection: "apart" }));
    await tile(page, "Carol Weiß").getByText(tc.tile.apart).waitFor();
  });

  test("shows large who speaks, and everybody again, with G", async () => {
    const page = await openStage(pages, "conference-4");
    const width = async () => (await tile(page, "Erik Sørensen").boundingBox())?.width ?? 0;
    const inGrid = await width();
    await page.keyboard.press("g");
    await button(page, tc.controls.grid).waitFor();
    expect(await width()).toBeGreaterThan(inGrid * 1.3);
    await page.keyboard.press("g");
    await button(page, tc.controls.speaker).waitFor();
    expect(await width()).toBe(inGrid);
  });

  test("keeps large whom the user wants to see, and lets go of them", async () => {
    const page = await openStage(pages, "conference-4");
    const wide = async () => ((await tile(page, "Carol Weiß").boundingBox())?.width ?? 0) > 800;
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.pin).click();
    await tile(page, "Carol Weiß").getByText(tc.tile.pinned).waitFor({ state: "attached" });
    expect(await wide()).toBe(true);
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.unpin).click();
    await tile(page, "Carol Weiß").getByText(tc.tile.pinned).waitFor({ state: "detached" });
    expect(await wide()).toBe(false);
  });

  test("shows a screen large as soon as somebody shares one, and everybody alike when it is gone", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => window.fakeRoom.change("person-1", { screen: new MediaStream() }));
    const screen = page.locator("video[data-screen]");
    await screen.waitFor({ state: "attached" });
    expect((await screen.boundingBox())?.width).toBeGreaterThan(1000);
    await page.evaluate(() => window.fakeRoom.change("person-1", { screen: null }));
    await button(page, tc.controls.speaker).waitFor();
  });

  test("tells the others how large it shows them, and that it does not show who is on another page", async () => {
    const page = await openStage(pages, "conference-8", { viewport: { width: 320, height: 330 } });
    const told = () =>
      page.evaluate(() => Object.entries(window.fakeRoom.shown).map(([key, size]) => [key, size !== null]));
    await button(page, tc.tile.next).waitFor();
    await expect.poll(told).toContainEqual(["camera person-0", true]);
    await button(page, tc.tile.next).click();
    await expect.poll(told).toContainEqual(["camera person-0", false]);
    await button(page, tc.tile.previous).click();
    await expect.poll(told).toContainEqual(["camera person-0", true]);
  });

  test("asks for all pictures in device pixels, also of whom the camera is off: it comes at once when it is on", async () => {
    const page = await openStage(pages, "conference-8");
    const shown = () => page.evaluate(() => window.fakeRoom.shown);
    await expect.poll(async () => (await shown())["camera person-3"]?.width).toBeGreaterThan(0);
    const box = await tile(page, "Bob Okafor").boundingBox();
    const off = async () => Math.abs(((await shown())["camera person-0"]?.width ?? 0) - (box?.width ?? 0));
    await expect.poll(off).toBeLessThan(16);
  });

  test("shows nobody's picture to more than eight; a shared screen is asked for all the same", async () => {
    const page = await openStage(pages, "conference-9");
    await page.getByText(tc.onlyHeard(8)).waitFor();
    const asked = () => page.evaluate(() => window.fakeRoom.shown["screen person-0"] ?? null);
    await page.evaluate(() => window.fakeRoom.change("person-0", { screen: new MediaStream() }));
    await expect.poll(asked).not.toBeNull();
    expect(await page.locator("video[data-remote].shown").count()).toBe(0);
    await page.evaluate(() => window.fakeRoom.leave("person-7"));
    await page.getByText(tc.onlyHeard(8)).waitFor({ state: "detached" });
  });

  test("tells everybody when the last place with a picture is taken, whoever invited", async () => {
    const page = await openStage(pages, "conference-7");
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => window.fakeRoom.join());
    await page.getByText(`${tc.joined("Hugo")}. ${t.crowd.costs(8, 0)}`).waitFor();
  });

  test("says in one sentence who came and who went", async () => {
    const page = await openStage(pages, "conference-4");
    const status = page.getByRole("status").filter({ hasText: tc.left("Bob Okafor and Carol Weiß") });
    // What happens before the view has seen who is in is no news.
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => {
      window.fakeRoom.leave("person-0");
      window.fakeRoom.leave("person-1");
    });
    await status.waitFor();
  });

  test("says who went while something about the others changes all the time", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => {
      let muted = false;
      setInterval(() => window.fakeRoom.change("person-0", { muted: (muted = !muted) }), 300);
      window.fakeRoom.leave("person-1");
    });
    await page
      .getByRole("status")
      .filter({ hasText: tc.left("Carol Weiß") })
      .waitFor();
  });

  test("says who is the organiser after the organiser left, and that it is the user", async () => {
    const page = await openStage(pages, "conference-4");
    const news = (words: string) => page.getByRole("status").filter({ hasText: words });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => window.fakeRoom.organise("person-1"));
    await news(tc.organiserIs("Carol Weiß")).waitFor();
    await page.evaluate(() => {
      window.fakeRoom.leave("person-1");
      window.fakeRoom.organise(null);
    });
    await news(`${tc.left("Carol Weiß")}. ${tc.organiserIsYou}`).waitFor();
  });

  test("says to who cannot see it, too, who speaks", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => window.fakeRoom.speak("person-1"));
    await tile(page, "Carol Weiß").getByText(tc.tile.speaking).waitFor({ state: "attached" });
    await page.evaluate(() => window.fakeRoom.speak("person-0"));
    await tile(page, "Carol Weiß").getByText(tc.tile.speaking).waitFor({ state: "detached" });
  });

  test("when the other two leave, the one who stays is the one that is shown", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => {
      window.fakeRoom.leave("person-0");
      window.fakeRoom.leave("person-2");
    });
    await page.getByRole("main", { name: t.call.with("Carol Weiß") }).waitFor();
  });
});

describe("about one participant", () => {
  test("their volume is the user's, and their screen's too", async () => {
    const page = await openStage(pages, "conference-4");
    await openMenuOf(page, "Carol Weiß");
    await page.getByRole("slider", { name: tc.tile.volumeOf("Carol Weiß") }).fill("25");
    const volumes = () =>
      page
        .locator("audio[data-remote]")
        .evaluateAll((all) => all.map((one) => (one as HTMLAudioElement).volume));
    await expect.poll(async () => (await volumes()).sort()).toEqual([0.25, 1, 1]);
  });

  test("the details say who it is and how the connection is, in words and in figures", async () => {
    const page = await openStage(pages, "conference-4");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.details).click();
    const dialog = page.getByRole("dialog", { name: "Carol Weiß" });
    await dialog.getByText(tc.proof.introduced("Carol Weiß", "Bob")).waitFor();
    await dialog.getByText(t.quality.good).waitFor();
    for (const words of [tc.details.paths.direct, "40 ms", "900 kbit/s", "VP8, 640 × 360"])
      await dialog.getByText(words).first().waitFor();
  });

  test("the organiser removes somebody, after being asked", async () => {
    const page = await openStage(pages, "conference-4");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.remove).click();
    const dialog = page.getByRole("dialog", { name: tc.remove.title("Carol Weiß") });
    await dialog.getByRole("button", { name: t.app.cancel }).click();
    await tile(page, "Carol Weiß").waitFor();
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.remove).click();
    await dialog.getByRole("button", { name: tc.remove.do }).click();
    await tile(page, "Carol Weiß").waitFor({ state: "detached" });
  });

  test("nobody else is offered to remove anybody", async () => {
    const page = await openStage(pages, "conference-3");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.details).waitFor();
    expect(await button(page, tc.tile.remove).count()).toBe(0);
  });
});

test("the organiser locks the conference and says what it is about", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("p");
  await page.getByRole("switch", { name: tc.roster.lock }).check();
  await page.getByText(tc.locked).waitFor({ state: "attached" });
  await page.getByLabel(tc.roster.topic).fill("Pier 4");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Pier 4" }).waitFor();
});

test("raised hands stand first in the roster, in their order, one's own among them", async () => {
  const page = await openStage(pages, "conference-8");
  await page.keyboard.press("h");
  await page.keyboard.press("p");
  const rows = page.getByRole("complementary").getByRole("listitem");
  await rows.filter({ hasText: tc.tile.hand(3) }).waitFor();
  const names = (await rows.allTextContents()).slice(0, 4).map((text) => text.trim());
  expect(names[0]).toContain("Dora Lindqvist");
  expect(names[1]).toContain("Carol Weiß");
  expect(names[2]).toContain("Alice Martin (you)");
  expect(names[3]).toContain("Bob Okafor");
});

test("sound processing and thrift are the user's, and count at once", async () => {
  const page = await openStage(pages, "conference-4");
  await button(page, t.controls.devices).click();
  await page.getByRole("checkbox", { name: tc.sound.noiseSuppression }).uncheck();
  await page.getByRole("radio", { name: tc.sound.thrifts.audio }).check();
  await page.keyboard.press("Escape");
  await button(page, tc.audioOnlyOff).click();
  await button(page, t.controls.devices).click();
  expect(await page.getByRole("checkbox", { name: tc.sound.noiseSuppression }).isChecked()).toBe(false);
  expect(await page.getByRole("radio", { name: tc.sound.thrifts.none }).isChecked()).toBe(true);
});

test("who shares the screen is reminded of it, and stops from there", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("s");
  await page.getByText(tc.controls.sharing).waitFor();
  await page.getByRole("main").getByRole("button", { name: tc.controls.stopSharing }).first().click();
  await page.getByText(tc.controls.sharing).waitFor({ state: "detached" });
});

test("everything can be done with the keyboard alone", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("?");
  const keys = page.getByRole("dialog", { name: tc.keys.title });
  await keys.waitFor();
  await page.keyboard.press("m");
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });
  await button(page, t.controls.mute).waitFor();

  await tabTo(page, tc.tile.more("Carol Weiß"));
  await page.keyboard.press("Enter");
  await button(page, tc.tile.details).waitFor();
  await tabTo(page, tc.tile.details);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog", { name: "Carol Weiß" }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.locator(":focus").getAttribute("aria-label")).toBe(tc.tile.more("Carol Weiß"));

  await page.keyboard.press("c");
  await page.keyboard.type("hm");
  expect(await page.getByRole("textbox", { name: tc.chat.label }).inputValue()).toBe("hm");
  await page.getByRole("tab", { name: tc.panel.tabs.chat }).focus();
  await page.keyboard.press("ArrowLeft");
  expect(await page.getByRole("tab", { name: tc.panel.tabs.people }).getAttribute("aria-selected")).toBe(
    "true",
  );
  await page.keyboard.press("Escape");
  await page.getByRole("complementary").waitFor({ state: "detached" });
  expect(await page.locator(":focus").getAttribute("aria-label")).toBe(tc.tile.more("Carol Weiß"));
});

test("keys that Alice switched off do nothing, are not advertised, and stay off", async () => {
  const page = await openStage(pages, "conference-4");
  await page.keyboard.press("?");
  await page.getByRole("checkbox", { name: tc.keys.on }).uncheck();
  await page.keyboard.press("Escape");
  await page.reload();
  const mute = button(page, t.controls.mute);
  await mute.waitFor();
  expect(await mute.getAttribute("aria-keyshortcuts")).toBeNull();
  await page.keyboard.press("m");
  await page.keyboard.press("?");
  await page.evaluate(() => new Promise(requestAnimationFrame));
  expect(await mute.isVisible()).toBe(true);
  expect(await page.getByRole("dialog").count()).toBe(0);

  await button(page, tc.controls.more).click();
  await button(page, tc.controls.keys).click();
  await page.getByRole("checkbox", { name: tc.keys.on }).check();
  await page.keyboard.press("Escape");
  await page.keyboard.press("m");
  await button(page, t.controls.unmute).waitFor();
});

test("on a phone the panel covers the call, and gives it back", async () => {
  const page = await openStage(pages, "conference-4", PHONE);
  await button(page, tc.controls.chatUnread(6)).click();
  await page.getByRole("log").waitFor();
  expect((await page.getByRole("complementary").boundingBox())?.width).toBe(360);
  expect(await page.locator("[inert]").getByRole("toolbar").count()).toBe(1);
  await button(page, tc.panel.close).click();
  await page.locator("[inert]").waitFor({ state: "detached" });
  expect(await page.locator(":focus").getAttribute("aria-label")).toBe(tc.controls.chat);
});
