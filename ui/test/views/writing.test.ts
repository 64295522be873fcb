import { readFileSync } from "node:fs";

import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import { CALL } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { tc } from "../../src/texts/conference";
import { fakeId } from "../../src/views/desk/fake-people";
import { usePages } from "./support/pages";
import { button, openMenuOf, openStage } from "./support/stage";

const pages = usePages();

async function openPage(page: Page, name: string): Promise<void> {
  await button(page, tc.controls.more).click();
  await button(page, name).click();
}

describe("the chat", () => {
  test("counts what was not read, and no more once it is open", async () => {
    const page = await openStage(pages, "conference-4");
    await button(page, tc.controls.chatUnread(6)).click();
    await button(page, tc.controls.chat).waitFor();
    await page.evaluate((id) => window.fakeRoom.documents.hear(id, "Bob", "Still there?"), fakeId(0));
    await page.getByRole("log").getByText("Still there?").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("log").waitFor({ state: "detached" });
    await page.evaluate((id) => window.fakeRoom.documents.hear(id, "Bob", "Hello?"), fakeId(0));
    await button(page, tc.controls.chatUnread(1)).waitFor();
  });

  test("Esc that closes somebody's menu leaves the panel open; the next one closes it", async () => {
    const page = await openStage(pages, "conference-4");
    await page.keyboard.press("p");
    const panel = page.getByRole("complementary", { name: tc.panel.label });
    await panel.getByRole("button", { name: tc.tile.more("Carol Weiß") }).click();
    const menu = panel.getByRole("button", { name: tc.tile.details });
    await menu.waitFor();
    await page.keyboard.press("Escape");
    await menu.waitFor({ state: "detached" });
    expect(await panel.isVisible()).toBe(true);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
  });

  test("Esc that takes back letters that are being composed leaves the panel open", async () => {
    const page = await openStage(pages, "conference-4");
    await page.keyboard.press("c");
    const field = page.getByRole("textbox", { name: tc.chat.label });
    await field.dispatchEvent("keydown", { key: "Escape", isComposing: true, bubbles: true });
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await field.isVisible()).toBe(true);
  });

  test("Alice writes to everybody with Enter, and a new line with Shift and Enter", async () => {
    const page = await openStage(pages, "conference-4");
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
    const page = await openStage(pages, "conference-4");
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

  test("who was chosen from the list of people can be written to at once", async () => {
    const page = await openStage(pages, "conference-4");
    await openPage(page, tc.controls.people);
    const people = page.getByRole("complementary", { name: tc.panel.label });
    await people.getByRole("button", { name: tc.tile.more("Carol Weiß") }).click();
    await button(page, tc.tile.private).filter({ visible: true }).click();
    await page.getByRole("textbox", { name: tc.chat.privateTo("Carol Weiß") }).waitFor();
    await page.keyboard.type("Just for you");
    await page.keyboard.press("Enter");
    const last = () => page.evaluate(() => window.fakeRoom.documents.chat.at(-1));
    expect(await last()).toMatchObject({ text: "Just for you", privateWith: fakeId(1) });
  });

  test("only addresses on the web can be followed, and they learn nothing of where they were", async () => {
    const page = await openStage(pages, "conference-4");
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
  test("what somebody else writes into the notes does not move the caret", async () => {
    const page = await openStage(pages, "conference-4");
    await openPage(page, tc.controls.notes);
    const area = page.getByRole("textbox", { name: tc.notes.label });
    await area.press("Control+End");
    await page.keyboard.type("!");
    await page.evaluate(() => window.fakeRoom.documents.editNotes(0, 0, "Minutes\n"));
    await expect.poll(() => area.inputValue()).toMatch(/^Minutes\n.*!$/s);
    await page.keyboard.type("?");
    expect(await page.evaluate(() => window.fakeRoom.documents.notes)).toMatch(/^Minutes\n.*!\?$/s);
  });

  test("what two others write at once, before and behind the user, leaves the caret in its line", async () => {
    const page = await openStage(pages, "conference-4");
    await openPage(page, tc.controls.notes);
    const area = page.getByRole("textbox", { name: tc.notes.label });
    await area.fill("Crane:\nLights:\nNext:\n");
    await area.evaluate((element) => (element as HTMLTextAreaElement).setSelectionRange(14, 14));
    await page.evaluate(() => {
      window.fakeRoom.documents.editNotes(20, 0, " Thursday");
      window.fakeRoom.documents.editNotes(6, 0, " office");
    });
    await expect.poll(() => area.inputValue()).toContain("Thursday");
    await page.keyboard.type(" Erik");
    expect(await area.inputValue()).toBe("Crane: office\nLights: Erik\nNext: Thursday\n");
  });

  test("what does not fit into the notes is taken back, and that is said", async () => {
    const page = await openStage(pages, "conference-4");
    await openPage(page, tc.controls.notes);
    const area = page.getByRole("textbox", { name: tc.notes.label });
    const before = await area.inputValue();
    await area.fill("x".repeat(20_000));
    await page.getByText(tc.notes.full.title).waitFor();
    expect(await area.inputValue()).toBe(before);
  });

  test("a file is shared by choosing it, and saved from the list", async () => {
    const page = await openStage(pages, "conference-4");
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
    const page = await openStage(pages, "conference-4");
    await openPage(page, tc.controls.files);
    await button(page, tc.files.get("harbour-budget-2027.pdf")).press("Enter");
    await page.getByRole("progressbar", { name: tc.files.progress("harbour-budget-2027.pdf") }).waitFor();
    // The focus is where it was, on what stops it.
    await page.keyboard.press("Enter");
    await button(page, tc.files.get("harbour-budget-2027.pdf")).waitFor();
    expect(await button(page, /^Get old-plan/).isDisabled()).toBe(true);
  });

  test("after the call the chat and the notes can be saved", async () => {
    const page = await openStage(pages, "conference-4");
    await button(page, t.controls.hangUp).click();
    const saved = page.waitForEvent("download");
    await button(page, tc.chat.save).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^chat-.*\.txt$/);
    expect(readFileSync(await download.path(), "utf8")).toContain("] Bob: Can everybody hear me?\n");
    const notes = page.waitForEvent("download");
    await button(page, tc.notes.save).click();
    expect((await notes).suggestedFilename()).toMatch(/^notes-.*\.txt$/);
    expect(readFileSync(await (await notes).path(), "utf8")).toContain("– Lights on pier 4: Erik asks");
  });

  test("the chat and the notes can be saved while it lasts, too", async () => {
    const page = await openStage(pages, "conference-4");
    await page.keyboard.press("c");
    const chat = page.waitForEvent("download");
    await button(page, tc.chat.save).click();
    expect(readFileSync(await (await chat).path(), "utf8")).toContain("Crane: the harbour office.");
    await page.getByRole("tab", { name: tc.panel.tabs.notes }).click();
    const notes = page.waitForEvent("download");
    await button(page, tc.notes.save).click();
    expect(readFileSync(await (await notes).path(), "utf8")).toContain("Harbour budget 2027");
  });
});

describe("what was written in a call that ends while the user looks at something else", () => {
  const offer = (page: Page) => page.getByText(t.written.title);

  test("is offered there, and saved as one file", async () => {
    const page = await openStage(pages, "conference-4");
    await page.evaluate(() => (location.hash = "#/"));
    await button(page, t.ongoing.hangUp).click();
    await offer(page).waitFor();
    const saved = page.waitForEvent("download");
    await button(page, t.app.save).click();
    const download = await saved;
    expect(download.suggestedFilename()).toMatch(/^notes-and-chat-.*\.txt$/);
    const text = readFileSync(await download.path(), "utf8");
    expect(text).toContain("Lights on pier 4");
    expect(text).toContain("] Bob: Can everybody hear me?\n");
    await offer(page).waitFor({ state: "detached" });
  });

  test("is offered when another call took its place", async () => {
    const page = await openStage(pages, "conference-waiting");
    await button(page, t.ongoing.switchTo).click();
    await offer(page).waitFor();
  });

  test("is not offered while the conference goes on with the others", async () => {
    const page = await openStage(pages, "conference-invite");
    await page.evaluate(() => (location.hash = "#/"));
    await page.evaluate((call) => void window.fakeHost.send({ type: "Expel", call }), CALL);
    await page.getByRole("list", { name: t.ongoing.title }).getByText("Carol Weiß").waitFor();
    expect(await offer(page).count()).toBe(0);
  });

  test("is offered on the page of the call, if that is open", async () => {
    const page = await openStage(pages, "conference-4");
    await button(page, t.controls.hangUp).click();
    await button(page, tc.chat.save).waitFor();
    expect(await offer(page).count()).toBe(0);
  });
});
