import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { CALL, FAKE_CONFERENCE, OTHER_CALL, scene, type SceneName } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { fakeId } from "../../src/views/desk/fake-people";
import { commands, Pages, tabTo } from "./support/pages";

let pages: Pages;
beforeAll(async () => {
  pages = await Pages.start();
}, 60_000);
afterAll(async () => {
  await pages.end();
}, 30_000);
afterEach(async () => {
  await pages.close();
  expect(pages.complaints).toEqual([]);
});

const WIDE = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 360, height: 740 } };

async function open(scene: SceneName, options = WIDE): Promise<Page> {
  const page = await pages.open(scene, await pages.page(options));
  await page.locator("video[data-remote]").first().waitFor({ state: "attached" });
  return page;
}

const tile = (page: Page, name: string) => page.getByRole("figure", { name, exact: true });
const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: true });

async function openMenuOf(page: Page, name: string): Promise<void> {
  await tile(page, name).hover();
  await tile(page, name)
    .getByRole("button", { name: tc.tile.more(name) })
    .click();
}

describe("the stage", () => {
  test("says of each who it is and how they are", async () => {
    const page = await open("conference-8");
    expect(await tile(page, "Bob Okafor").textContent()).toContain(tc.tile.organiser);
    expect(await tile(page, "Carol Weiß").textContent()).toContain(tc.tile.hand(2));
    expect(await tile(page, "Erik Sørensen").textContent()).toContain(tc.tile.muted);
    expect(await tile(page, "Femi").textContent()).toContain(tc.tile.reconnecting);
    expect(await tile(page, "Hugo").textContent()).toContain(tc.tile.unproven);
  });

  test("shows large who speaks, and everybody again, with G", async () => {
    const page = await open("conference-4");
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
    const page = await open("conference-4");
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
    const page = await open("conference-4");
    await page.evaluate(() => window.fakeRoom.change("person-1", { screen: new MediaStream() }));
    const screen = page.locator("video[data-screen]");
    await screen.waitFor({ state: "attached" });
    expect((await screen.boundingBox())?.width).toBeGreaterThan(1000);
    await page.evaluate(() => window.fakeRoom.change("person-1", { screen: null }));
    await button(page, tc.controls.speaker).waitFor();
  });

  test("tells the others how large it shows them, and that it does not show who is on another page", async () => {
    const page = await open("conference-8", { viewport: { width: 320, height: 330 } });
    const told = () =>
      page.evaluate(() => Object.entries(window.fakeRoom.shown).map(([key, size]) => [key, size !== null]));
    await button(page, tc.tile.next).waitFor();
    await expect.poll(told).toContainEqual(["camera person-0", true]);
    await button(page, tc.tile.next).click();
    await expect.poll(told).toContainEqual(["camera person-0", false]);
    await button(page, tc.tile.previous).click();
    await expect.poll(told).toContainEqual(["camera person-0", true]);
  });

  test("asks for no picture of somebody whose camera is off, and for all of them in device pixels", async () => {
    const page = await open("conference-8");
    const shown = () => page.evaluate(() => window.fakeRoom.shown);
    await expect.poll(shown).toMatchObject({ "camera person-3": null });
    const box = await tile(page, "Bob Okafor").boundingBox();
    const bob = (await shown())["camera person-0"];
    expect(Math.abs((bob?.width ?? 0) - (box?.width ?? 0))).toBeLessThan(16);
  });

  test("shows nobody's picture to more than eight, and asks for none; a shared screen is shown all the same", async () => {
    const page = await open("conference-9");
    await page.getByText(tc.onlyHeard(8)).waitFor();
    const asked = () =>
      page.evaluate(() => Object.values(window.fakeRoom.shown).filter((size) => size !== null).length);
    await page.evaluate(() => window.fakeRoom.change("person-0", { screen: new MediaStream() }));
    await expect.poll(asked).toBe(1);
    expect(await page.locator("video[data-remote].shown").count()).toBe(0);
    await page.evaluate(() => window.fakeRoom.leave("person-7"));
    await page.getByText(tc.onlyHeard(8)).waitFor({ state: "detached" });
    await expect.poll(asked).toBeGreaterThan(1);
  });

  test("says in one sentence who came and who went", async () => {
    const page = await open("conference-4");
    const status = page.getByRole("status").filter({ hasText: tc.left("Bob Okafor and Carol Weiß") });
    // What happens before the view has seen who is in is no news.
    await page.evaluate(() => new Promise(requestAnimationFrame));
    await page.evaluate(() => {
      window.fakeRoom.leave("person-0");
      window.fakeRoom.leave("person-1");
    });
    await status.waitFor();
  });

  test("when the other two leave, the one who stays is the one that is shown", async () => {
    const page = await open("conference-4");
    await page.evaluate(() => {
      window.fakeRoom.leave("person-0");
      window.fakeRoom.leave("person-2");
    });
    await page.getByRole("main", { name: t.call.with("Carol Weiß") }).waitFor();
  });
});

describe("about one participant", () => {
  test("their volume is the user's, and their screen's too", async () => {
    const page = await open("conference-4");
    await openMenuOf(page, "Carol Weiß");
    await page.getByRole("slider", { name: tc.tile.volumeOf("Carol Weiß") }).fill("25");
    const volumes = () =>
      page
        .locator("audio[data-remote]")
        .evaluateAll((all) => all.map((one) => (one as HTMLAudioElement).volume));
    await expect.poll(async () => (await volumes()).sort()).toEqual([0.25, 1, 1]);
  });

  test("the details say who it is and how the connection is, in words and in figures", async () => {
    const page = await open("conference-4");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.details).click();
    const dialog = page.getByRole("dialog", { name: "Carol Weiß" });
    await dialog.getByText(tc.proof.introduced("Carol Weiß", "Bob")).waitFor();
    await dialog.getByText(t.quality.good).waitFor();
    for (const words of [tc.details.paths.direct, "40 ms", "900 kbit/s", "VP8, 640 × 360"])
      await dialog.getByText(words).first().waitFor();
  });

  test("the organiser removes somebody, after being asked", async () => {
    const page = await open("conference-4");
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
    const page = await open("conference-3");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.details).waitFor();
    expect(await button(page, tc.tile.remove).count()).toBe(0);
  });
});

describe("the chat", () => {
  test("counts what was not read, and no more once it is open", async () => {
    const page = await open("conference-4");
    await button(page, tc.controls.chatUnread(6)).click();
    await button(page, tc.controls.chat).waitFor();
    await page.evaluate((id) => window.fakeRoom.documents.hear(id, "Bob", "Still there?"), fakeId(0));
    await page.getByRole("log").getByText("Still there?").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("log").waitFor({ state: "detached" });
    await page.evaluate((id) => window.fakeRoom.documents.hear(id, "Bob", "Hello?"), fakeId(0));
    await button(page, tc.controls.chatUnread(1)).waitFor();
  });

  test("Alice writes to everybody with Enter, and a new line with Shift and Enter", async () => {
    const page = await open("conference-4");
    await page.keyboard.press("c");
    const field = page.getByRole("textbox", { name: tc.chat.label });
    await field.pressSequentially("One");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("Two");
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("One\nTwo").waitFor();
    expect(await field.inputValue()).toBe("");
  });

  test("a private message goes to one person, and never to everybody when that one has left", async () => {
    const page = await open("conference-4");
    await openMenuOf(page, "Carol Weiß");
    await button(page, tc.tile.private).click();
    const field = page.getByRole("textbox", { name: tc.chat.privateTo("Carol Weiß") });
    await field.fill("Just for you");
    await page.keyboard.press("Enter");
    const last = () => page.evaluate(() => window.fakeRoom.documents.chat.at(-1));
    expect(await last()).toMatchObject({ text: "Just for you", privateWith: fakeId(1) });
    await field.fill("And this");
    await page.evaluate(() => window.fakeRoom.leave("person-1"));
    await page.getByRole("textbox", { name: tc.chat.label }).press("Enter");
    await page.getByText(tc.problems.gone.title).waitFor();
    expect(await last()).toMatchObject({ text: "Just for you" });
  });

  test("only addresses on the web can be followed, and they learn nothing of where they were", async () => {
    const page = await open("conference-4");
    await page.keyboard.press("c");
    const links = page.getByRole("log").getByRole("link");
    expect(
      await links.evaluateAll((all) =>
        all.map((one) => [(one as HTMLAnchorElement).href, (one as HTMLAnchorElement).rel]),
      ),
    ).toEqual([["https://example.test/budget?year=2027", "noopener noreferrer"]]);
  });
});

describe("notes and files", () => {
  const openPage = async (page: Page, name: string) => {
    await button(page, tc.controls.more).click();
    await button(page, name).click();
  };

  test("what somebody else writes into the notes does not move the caret", async () => {
    const page = await open("conference-4");
    await openPage(page, tc.controls.notes);
    const area = page.getByRole("textbox", { name: tc.notes.label });
    await area.press("Control+End");
    await page.keyboard.type("!");
    await page.evaluate(() => window.fakeRoom.documents.editNotes(0, 0, "Minutes\n"));
    await expect.poll(() => area.inputValue()).toMatch(/^Minutes\n.*!$/s);
    await page.keyboard.type("?");
    expect(await page.evaluate(() => window.fakeRoom.documents.notes)).toMatch(/^Minutes\n.*!\?$/s);
  });

  test("what does not fit into the notes is taken back, and that is said", async () => {
    const page = await open("conference-4");
    await openPage(page, tc.controls.notes);
    const area = page.getByRole("textbox", { name: tc.notes.label });
    const before = await area.inputValue();
    await area.fill("x".repeat(20_000));
    await page.getByText(tc.notes.full.title).waitFor();
    expect(await area.inputValue()).toBe(before);
  });

  test("a file is shared by choosing it, and saved from the list", async () => {
    const page = await open("conference-4");
    await openPage(page, tc.controls.files);
    await page
      .getByLabel(tc.files.share)
      .first()
      .setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("The plan") });
    const saved = page.waitForEvent("download");
    await button(page, tc.files.save("plan.txt")).click();
    const download = await saved;
    expect(download.suggestedFilename()).toBe("plan.txt");
    expect(readFileSync(await download.path(), "utf8")).toBe("The plan");
  });

  test("a file is fetched, stopped, and not offered while nobody has it", async () => {
    const page = await open("conference-4");
    await openPage(page, tc.controls.files);
    await button(page, tc.files.get("harbour-budget-2027.pdf")).click();
    await page.getByRole("progressbar", { name: tc.files.progress("harbour-budget-2027.pdf") }).waitFor();
    await button(page, tc.files.cancel("harbour-budget-2027.pdf")).click();
    await button(page, tc.files.get("harbour-budget-2027.pdf")).waitFor();
    expect(await button(page, /^Get old-plan/).isDisabled()).toBe(true);
  });

  test("after the call the chat and the notes can be saved", async () => {
    const page = await open("conference-4");
    await button(page, t.controls.hangUp).click();
    const saved = page.waitForEvent("download");
    await button(page, tc.chat.save).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^chat-.*\.txt$/);
    expect(readFileSync(await download.path(), "utf8")).toContain("] Bob: Can everybody hear me?\n");
    await button(page, tc.notes.save).waitFor();
  });
});

describe("inviting", () => {
  const dialog = (page: Page) => page.getByRole("dialog", { name: tc.invite.title });
  const openDialog = async (scene: SceneName) => {
    const page = await open(scene);
    await button(page, tc.controls.invite).click();
    await dialog(page).waitFor();
    return page;
  };

  test("Alice invites a contact and somebody else into the conference, and stays where she is", async () => {
    const page = await openDialog("conference-4");
    await dialog(page)
      .getByRole("button", { name: tc.invite.inviteOne("dora.lindqvist@a-rather-long-domain.example.test") })
      .click();
    await dialog(page).getByLabel(tc.invite.who).fill("Zoe@example.test");
    await page.keyboard.press("Enter");
    await dialog(page).getByText("zoe@example.test", { exact: true }).waitFor();
    const conference = {
      id: FAKE_CONFERENCE,
      topic: "Harbour budget 2027",
      people: ["Alice Martin", "Bob Okafor", "Carol Weiß", "Erik Sørensen"],
    };
    expect(await commands(page)).toEqual([
      {
        type: "Call",
        account: 1,
        address: "dora.lindqvist@a-rather-long-domain.example.test",
        video: true,
        conference,
      },
      { type: "Call", account: 1, address: "zoe@example.test", video: true, conference },
    ]);
    expect(new URL(page.url()).hash).toBe(`#/call/${CALL}`);
  });

  test("each invitation says how it stands, and can be taken back or made again", async () => {
    const page = await openDialog("conference-invite");
    const row = (name: string) => dialog(page).getByRole("listitem").filter({ hasText: name });
    expect(await row("Erik Sørensen").textContent()).toContain("Ringing on “phone”");
    expect(await row("dora.lindqvist").first().textContent()).toContain("Nothing rings yet");
    expect(await row("Carol Weiß").textContent()).toContain(tc.invite.isIn);
    expect(await row("Femi").textContent()).toContain(t.ended.DeclinedOut.busy("Femi").title);
    await button(page, tc.invite.stop("Erik Sørensen")).click();
    await button(page, tc.invite.again("Erik Sørensen")).waitFor();
    await button(page, tc.invite.again("Femi")).click();
    await button(page, tc.invite.stop("femi@example.test")).waitFor();
    expect((await commands(page)).map(({ type }) => type)).toEqual(["HangUp", "Call"]);
  });

  test.each([
    ["zoe", t.dial.bad],
    ["alice@example.test", t.dial.own],
    ["carol@example.test", tc.invite.isInLong("carol@example.test")],
  ])("“%s” is not invited, and the dialog says why", async (typed, words) => {
    const page = await openDialog("conference-invite");
    await dialog(page).getByLabel(tc.invite.who).fill(typed);
    await page.keyboard.press("Enter");
    await dialog(page).getByText(words).waitFor();
    expect(await commands(page)).toEqual([]);
  });

  test("who is the ninth is told of before it is invited", async () => {
    const page = await openDialog("conference-8");
    await dialog(page).getByText(tc.invite.manyWithVideo(8, 8)).waitFor();
  });

  test("into a full conference nobody can be invited", async () => {
    const page = await openDialog("conference-full");
    await dialog(page).getByText(tc.invite.full(16).title).waitFor();
    expect(await dialog(page).getByRole("textbox").count()).toBe(0);
  });

  test("into a locked conference only the organiser lets people in, and is named", async () => {
    const page = await openDialog("conference-locked");
    await dialog(page).getByText(tc.invite.locked("Bob Okafor").text).waitFor();
    expect(await dialog(page).getByRole("textbox").count()).toBe(0);
  });

  test("before the other end is ready, nobody can be invited yet", async () => {
    const page = await openDialog("call-not-ready");
    await dialog(page).getByText(tc.invite.notReady).waitFor();
  });
});

describe("who calls during a conference", () => {
  test("is added to it, and the conference stays in front", async () => {
    const page = await open("conference-waiting");
    await button(page, t.ongoing.add).click();
    await page.getByText(t.ongoing.waiting("Grace Ito")).waitFor({ state: "detached" });
    expect(await commands(page)).toEqual([
      { type: "Accept", call: OTHER_CALL, video: true, conference: FAKE_CONFERENCE },
    ]);
    expect(new URL(page.url()).hash).toBe(`#/call/${CALL}`);
  });

  test("and was in it before is let in again; nothing has to end for that", async () => {
    const page = await open("conference-comes-back");
    expect(await button(page, t.ongoing.switchTo).count()).toBe(0);
    await button(page, t.ongoing.letIn).click();
    await page.getByText(t.ongoing.wantsIn("Grace Ito")).waitFor({ state: "detached" });
  });

  test("leads from the call of a guest to the conference itself", async () => {
    const page = await open("conference-invite");
    const { calls } = scene("conference-invite", 0).snapshot;
    const guest = calls.find(({ peer }) => peer === "carol@example.test")?.call ?? "";
    await page.evaluate((call) => (location.hash = `#/call/${call}`), guest);
    await page.waitForFunction((call) => location.hash === `#/call/${call}`, CALL);
  });

  test("makes one line of what goes on in the main window", async () => {
    const page = await open("conference-invite");
    await page.evaluate(() => (location.hash = "#/"));
    const list = page.getByRole("list", { name: t.ongoing.title });
    await list.getByText("Harbour budget 2027").waitFor();
    expect(await list.getByRole("listitem").count()).toBe(1);
  });
});

test("an invitation into a conference says what it is about and who is in", async () => {
  const page = await pages.open("ring-conference");
  await page.getByText(t.ongoing.about("Harbour budget 2027")).waitFor();
  await page.getByText("Bob Okafor, Carol Weiß and 2 others are in").waitFor();
});

test("a conference that was left lately can be rejoined", async () => {
  const page = await pages.open("main-rejoin");
  await button(page, t.history.rejoinOf("Bob Okafor")).click();
  await button(page, t.controls.hangUp).waitFor();
  expect(await commands(page)).toContainEqual({
    type: "Call",
    account: 1,
    address: "bob@example.test",
    video: true,
    conference: { id: FAKE_CONFERENCE, topic: "Harbour budget 2027", people: [] },
  });
});

test("the organiser locks the conference and says what it is about", async () => {
  const page = await open("conference-4");
  await page.keyboard.press("p");
  await page.getByRole("switch", { name: tc.roster.lock }).check();
  await page.getByText(tc.locked).waitFor({ state: "attached" });
  await page.getByLabel(tc.roster.topic).fill("Pier 4");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Pier 4" }).waitFor();
});

test("raised hands stand first in the roster, in their order, one's own among them", async () => {
  const page = await open("conference-8");
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
  const page = await open("conference-4");
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
  const page = await open("conference-4");
  await page.keyboard.press("s");
  await page.getByText(tc.controls.sharing).waitFor();
  await page.getByRole("main").getByRole("button", { name: tc.controls.stopSharing }).first().click();
  await page.getByText(tc.controls.sharing).waitFor({ state: "detached" });
});

test("everything can be done with the keyboard alone", async () => {
  const page = await open("conference-4");
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

test("on a phone the panel covers the call, and gives it back", async () => {
  const page = await open("conference-4", PHONE);
  await button(page, tc.controls.chatUnread(6)).click();
  await page.getByRole("log").waitFor();
  expect((await page.getByRole("complementary").boundingBox())?.width).toBe(360);
  expect(await page.locator("[inert]").getByRole("toolbar").count()).toBe(1);
  await button(page, tc.panel.close).click();
  await page.locator("[inert]").waitFor({ state: "detached" });
  expect(await page.locator(":focus").getAttribute("aria-label")).toBe(tc.controls.chat);
});
