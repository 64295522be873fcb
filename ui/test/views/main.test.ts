import { describe, expect, test } from "vitest";

import { t } from "../../src/texts";
import { commands, usePages } from "./support/pages";

const pages = usePages();

const dialField = { name: t.dial.label };

test("Alice types two letters, takes Bob from the list and calls him", async () => {
  const page = await pages.open("main");
  const field = page.getByRole("combobox", dialField);
  await field.pressSequentially("bo");
  await page.getByRole("option", { name: /Bob Okafor/ }).waitFor();
  await page.keyboard.press("ArrowDown");
  expect(await field.getAttribute("aria-activedescendant")).toBe("dial-option-0");
  await page.keyboard.press("Enter");
  expect(await field.inputValue()).toBe("bob@example.test");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: t.controls.hangUp }).waitFor();
  expect(await commands(page)).toContainEqual({
    type: "Call",
    account: 1,
    address: "bob@example.test",
    video: true,
    conference: null,
  });
});

test("a contact's connections are warmed up before the call", async () => {
  const page = await pages.open("main");
  await page.getByRole("button", { name: t.contacts.callVideo("Bob Okafor") }).hover();
  await page.waitForFunction(() => window.fakeHost.commands.some(({ type }) => type === "OpenContact"));
});

test("Esc closes the list and keeps what was typed", async () => {
  const page = await pages.open("main");
  const field = page.getByRole("combobox", dialField);
  await field.pressSequentially("bo");
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("option").first().waitFor({ state: "hidden" });
  expect(await field.inputValue()).toBe("bo");
});

test("an address that is none is not added to the contacts, and the dialog says why", async () => {
  const page = await pages.open("main");
  await page.getByRole("button", { name: t.contacts.add }).click();
  await page.getByRole("dialog").getByLabel(t.contacts.address).fill("bob");
  await page.getByRole("button", { name: t.app.save }).click();
  await page.getByRole("dialog").getByText(t.dial.bad).waitFor();
  expect(await commands(page)).toEqual([]);
});

describe("a contact that Alice adds although she has it", () => {
  const add = async (name: string) => {
    const page = await pages.open("main");
    await page.getByRole("button", { name: t.contacts.add }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(t.contacts.address).fill("Bob@example.test");
    await dialog.getByLabel(t.contacts.name).fill(name);
    await page.getByRole("button", { name: t.app.save }).click();
    await dialog.waitFor({ state: "detached" });
    return commands(page);
  };

  test("keeps its name if she types none", async () => {
    expect(await add("")).toMatchObject([{ type: "PutContact", name: "Bob Okafor" }]);
  });

  test("gets the name that she types", async () => {
    expect(await add("Bobby")).toMatchObject([{ type: "PutContact", name: "Bobby" }]);
  });
});

test("one's own address is not called", async () => {
  const page = await pages.open("main");
  await page.getByRole("combobox", dialField).fill("Alice@example.test");
  await page.getByRole("button", { name: t.dial.video, exact: true }).click();
  await page.getByText(t.dial.own).waitFor();
  expect(await commands(page)).toEqual([]);
});

test("a removed contact comes back by undo, and was never removed", async () => {
  const page = await pages.open("main");
  const bob = page.getByRole("button", { name: t.contacts.open("Bob Okafor") });
  await bob.click();
  await page.getByRole("button", { name: t.contacts.remove, exact: true }).click();
  await bob.waitFor({ state: "detached" });
  await page.getByRole("button", { name: t.app.undo }).click();
  await bob.waitFor();
  expect(await commands(page)).toEqual([]);
});

test("a contact that was removed and not brought back is removed when the page goes", async () => {
  const page = await pages.open("main");
  await page.getByRole("button", { name: t.contacts.open("Bob Okafor") }).click();
  await page.getByRole("button", { name: t.contacts.remove, exact: true }).click();
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide")));
  expect(await commands(page)).toEqual([{ type: "RemoveContact", account: 1, address: "bob@example.test" }]);
});

test("a dialog keeps the focus, closes on Esc and gives the focus back", async () => {
  const page = await pages.open("main");
  const opener = page.getByRole("button", { name: t.contacts.open("Bob Okafor") });
  await opener.click();
  const dialog = page.getByRole("dialog", { name: "Bob Okafor" });
  await dialog.waitFor();
  for (let presses = 0; presses < 12; presses++) await page.keyboard.press("Tab");
  expect(
    await page.evaluate(
      () => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null,
    ),
  ).toBe(true);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(await opener.evaluate((element) => element === document.activeElement)).toBe(true);
});

describe("an older call that Alice removes from the list", () => {
  const remove = async () => {
    const page = await pages.page();
    await page.clock.install();
    await pages.open("main-long-history", page);
    await page.getByRole("button", { name: t.history.older }).click();
    await page.getByText("Guest 101").waitFor();
    await page.getByRole("button", { name: t.history.forget("Guest 101") }).click();
    await page.getByText("Guest 101").waitFor({ state: "detached" });
    return page;
  };

  test("stays away", async () => {
    const page = await remove();
    await page.clock.runFor(20_000);
    expect((await commands(page)).at(-1)).toMatchObject({ type: "Forget" });
    expect(await page.getByText("Guest 100").count()).toBe(1);
    expect(await page.getByText("Guest 101").count()).toBe(0);
  });

  test("comes back by undo", async () => {
    const page = await remove();
    await page.getByRole("button", { name: t.app.undo }).click();
    await page.getByText("Guest 101").waitFor();
  });
});

test("a stranger's request is dismissed or let ring, and says who it is", async () => {
  const page = await pages.open("main-request");
  await page.getByText("mallory@elsewhere.example.test").waitFor();
  await page.getByRole("button", { name: t.requests.accept }).click();
  await page.getByText(t.ongoing.incoming("Mallory")).waitFor();
  expect((await commands(page)).map(({ type }) => type)).toEqual(["AcceptRequest"]);
});

test("an account whose password is refused says so, and takes a new one", async () => {
  const page = await pages.open("main-two-accounts");
  await page.getByText(t.account.bannerSignedOut("alice@work.example.test")).waitFor();
  await page.getByRole("button", { name: t.account.enterPassword }).click();
  await page.getByLabel(t.account.newPassword).fill("new secret");
  await page.keyboard.press("Enter");
  await page.getByText(t.account.passwordChanged).waitFor();
  expect(await commands(page)).toEqual([{ type: "SetPassword", account: 2, password: "new secret" }]);
});

test("a second device that cannot open calls yet says so, and takes the first one's key", async () => {
  const page = await pages.open("main-sealed");
  const notice = page.getByText(t.key.sealed("alice@example.test"));
  await notice.waitFor();
  await page.getByRole("button", { name: t.key.bring }).click();
  await page
    .getByRole("textbox", { name: t.key.label, exact: true })
    .fill("-----BEGIN PGP PRIVATE KEY BLOCK-----");
  await page.getByRole("button", { name: t.key.use }).click();
  await notice.waitFor({ state: "detached" });
  expect(await commands(page)).toEqual([
    { type: "ImportKey", account: 1, key: "-----BEGIN PGP PRIVATE KEY BLOCK-----" },
  ]);
});

test("the key for another device is shown only after a warning", async () => {
  const page = await pages.open("settings");
  await page.getByRole("button", { name: t.key.another }).first().click();
  await page.getByText(t.key.secretText).waitFor();
  expect(await commands(page)).toEqual([]);
  await page.getByRole("button", { name: t.key.show }).click();
  const key = page.getByRole("textbox", { name: t.key.label, exact: true });
  expect(await key.inputValue()).toContain("PRIVATE KEY");
});

test("signing out asks first", async () => {
  const page = await pages.open("settings");
  await page.getByRole("button", { name: t.account.signOut }).first().click();
  const dialog = page.getByRole("dialog", { name: t.account.signOutTitle("alice@example.test") });
  expect(await page.locator(":focus").textContent()).toBe(t.app.cancel);
  expect(await commands(page)).toEqual([]);
  await dialog.getByRole("button", { name: t.account.signOut }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await commands(page)).toEqual([{ type: "SignOut", account: 1 }]);
});

test("the name that others see can be changed", async () => {
  const page = await pages.open("settings");
  await page.getByLabel(t.account.name).first().fill(" Alice Liddell ");
  await page.keyboard.press("Tab");
  await page.getByText(t.settings.saved).waitFor();
  expect(await commands(page)).toEqual([{ type: "SetName", account: 1, name: "Alice Liddell" }]);
});

test("a setting counts at once", async () => {
  const page = await pages.open("settings");
  await page.getByRole("checkbox", { name: t.settings.hide }).check();
  await page.getByText(t.settings.saved).waitFor();
  expect(await commands(page)).toMatchObject([
    { type: "SetSettings", settings: { hide_until_answer: true, ring_seconds: 60 } },
  ]);
});

test("Mailcall can be ended where it has a window but no icon", async () => {
  const page = await pages.open("settings");
  await page.getByText(t.settings.quitHelp).waitFor();
  await page.getByRole("button", { name: t.settings.quit }).click();
  await page.getByRole("alert").getByText(t.app.disconnected).waitFor();
});

test("a STUN server that is none is not saved", async () => {
  const page = await pages.open("settings");
  await page.getByLabel(t.settings.stun).fill("example.test");
  await page.getByLabel(t.settings.stun).blur();
  await page.getByText(t.settings.stunBad("example.test")).waitFor();
  expect(await commands(page)).toEqual([]);
});

test("a backend that goes away is noticed, and its return too", async () => {
  const page = await pages.open("main");
  await page.evaluate(() => window.fakeHost.setStatus("connecting"));
  const lost = page.getByRole("alert").filter({ hasText: t.app.disconnected });
  await lost.waitFor();
  await page.evaluate(() => window.fakeHost.setStatus("open"));
  await lost.waitFor({ state: "detached" });
});

test("a page that is not let in says after a while how to open Mailcall", async () => {
  const page = await pages.page();
  await page.clock.install();
  await pages.open("not-let-in", page);
  const status = page.getByRole("status");
  await page.clock.runFor(4000);
  expect(await status.textContent()).toBe(t.app.connecting);
  await page.clock.runFor(2000);
  expect(await status.textContent()).toBe(t.app.disconnected);
});
