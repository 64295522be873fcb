import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { CALL, FAKE_CONFERENCE, OTHER_CALL, scene, type SceneName } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { commands, usePages } from "./support/pages";
import { button, openStage } from "./support/stage";

const pages = usePages();

describe("inviting", () => {
  const dialog = (page: Page) => page.getByRole("dialog", { name: tc.invite.title });
  const openDialog = async (scene: SceneName) => {
    const page = await openStage(pages, scene);
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
    expect(await row("dora.lindqvist").first().textContent()).toContain("Whether it rings is not known yet");
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

  test.each([
    ["conference-7", t.crowd.last(7, 0, 8)],
    ["conference-8", t.crowd.costs(8, 0)],
    ["conference-7-inviting", t.crowd.coming(7, 2, 8)],
    ["conference-9", t.crowd.heard(9, 8)],
  ] as const)("in %s Alice reads what one more means before she invites anybody", async (scene, words) => {
    const page = await openDialog(scene);
    await dialog(page).getByText(words).waitFor();
  });

  test("with six nothing is said of it yet", async () => {
    const page = await openDialog("conference-7");
    await page.evaluate(() => window.fakeRoom.leave("person-5"));
    await dialog(page).getByText(t.crowd.byOthers).waitFor({ state: "detached" });
  });

  test("into a full conference nobody can be invited, and the dialog says why", async () => {
    const page = await openDialog("conference-full");
    await dialog(page).getByText(tc.invite.full).waitFor();
    await dialog(page)
      .getByText(t.crowd.full(15, 1, 16))
      .waitFor();
    expect(await dialog(page).getByRole("textbox").count()).toBe(0);
  });

  test("whom she takes back makes room for somebody else", async () => {
    const page = await openDialog("conference-full");
    await button(page, tc.invite.stop("Quinn")).click();
    await dialog(page).getByLabel(tc.invite.who).waitFor();
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
    const page = await openStage(pages, "conference-waiting");
    await button(page, t.ongoing.add).click();
    await page.getByText(t.ongoing.waiting("Grace Ito")).waitFor({ state: "detached" });
    expect(await commands(page)).toEqual([
      { type: "Accept", call: OTHER_CALL, video: true, conference: FAKE_CONFERENCE },
    ]);
    expect(new URL(page.url()).hash).toBe(`#/call/${CALL}`);
  });

  test("is told of before it costs everybody their pictures", async () => {
    const page = await openStage(pages, "conference-8-waiting");
    const note = page.getByText(t.crowd.costs(8, 0));
    await note.waitFor();
    await page.evaluate(() => window.fakeRoom.leave("person-0"));
    await note.waitFor({ state: "detached" });
    await button(page, t.ongoing.add).waitFor();
  });

  test("when the conference is full cannot be added, and Alice reads why", async () => {
    const page = await openStage(pages, "conference-16-waiting");
    await page.getByText(t.crowd.full(16, 0, 16)).waitFor();
    expect(await button(page, t.ongoing.add).count()).toBe(0);
    await page.evaluate(() => window.fakeRoom.leave("person-9"));
    await button(page, t.ongoing.add).waitFor();
  });

  test("and comes back to a place that is still kept takes nobody's picture away", async () => {
    const page = await openStage(pages, "conference-8-comes-back");
    await button(page, t.ongoing.letIn).waitFor();
    await page.getByText(t.crowd.last(7, 0, 8)).waitFor();
  });

  test("and was in it before is let in again; nothing has to end for that", async () => {
    const page = await openStage(pages, "conference-comes-back");
    expect(await button(page, t.ongoing.switchTo).count()).toBe(0);
    await button(page, t.ongoing.letIn).click();
    await page.getByText(t.ongoing.wantsIn("Grace Ito")).waitFor({ state: "detached" });
  });

  test("is told apart on the ring page, too: added, or taken at the price of the conference", async () => {
    const page = await pages.open("waiting-ring");
    await button(page, t.ongoing.switchTo).waitFor();
    expect(await button(page, t.ring.acceptVideo).count()).toBe(0);
    await button(page, t.ongoing.add).click();
    await page.waitForFunction((call) => location.hash === `#/call/${call}`, CALL);
    expect(await commands(page)).toEqual([
      { type: "Accept", call: OTHER_CALL, video: true, conference: FAKE_CONFERENCE },
    ]);
  });

  test("leads from the call of a guest to the conference itself", async () => {
    const page = await openStage(pages, "conference-invite");
    const { calls } = scene("conference-invite", 0).snapshot;
    const guest = calls.find(({ peer }) => peer === "carol@example.test")?.call ?? "";
    await page.evaluate((call) => (location.hash = `#/call/${call}`), guest);
    await page.waitForFunction((call) => location.hash === `#/call/${call}`, CALL);
  });

  test("makes one line of what goes on in the main window", async () => {
    const page = await openStage(pages, "conference-invite");
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

test("who left a conference is led back into it, by the words and with the first button", async () => {
  const page = await pages.open("ended-conference");
  await page.getByRole("heading", { name: t.ended.Left.title }).waitFor();
  await page.getByText("Harbour budget 2027").waitFor();
  expect(await button(page, t.ended.again).count()).toBe(0);
  await button(page, t.ended.rejoin).click();
  await button(page, t.controls.hangUp).waitFor();
  expect(await commands(page)).toContainEqual({
    type: "Call",
    account: 1,
    address: "bob@example.test",
    video: true,
    conference: {
      id: FAKE_CONFERENCE,
      topic: "Harbour budget 2027",
      people: ["Bob Okafor", "Carol Weiß", "Erik Sørensen"],
    },
  });
});

test("who was connected with several people in a conference can come back by any of them", async () => {
  const page = await pages.open("ended-conference-ways");
  await button(page, t.ended.rejoinBy("Bob Okafor")).waitFor();
  await button(page, t.ended.rejoinBy("Carol Weiß")).click();
  await button(page, t.controls.hangUp).waitFor();
  expect(await commands(page)).toMatchObject([
    { type: "Call", address: "carol@example.test", conference: { id: FAKE_CONFERENCE } },
  ]);
});
