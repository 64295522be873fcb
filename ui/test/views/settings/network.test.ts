import type { Page } from "playwright-core";

import { describe, expect, test } from "vitest";

import { t } from "../../../src/texts";
import { commands, usePages } from "../support/pages";
import { button } from "../support/stage";

const pages = usePages();

const saved = async (page: Page) =>
  (await commands(page)).flatMap((command) => (command.type === "SetSettings" ? [command.settings] : []));

describe("a TURN server that Alice adds", () => {
  const add = async (page: Page, address: string) => {
    await button(page, t.settings.turnAdd).click();
    const server = page.getByRole("group", { name: `${t.settings.turn} 2` });
    await server.getByLabel(t.settings.turnUrl).fill(address);
    await server.getByLabel(t.settings.turnUrl).blur();
    return server;
  };

  test("is saved once it has a user name and a password, and not before", async () => {
    const page = await pages.open("settings");
    const server = await add(page, "turn:turn.example.test");
    await server.getByText(t.settings.turnNotWhole).waitFor();
    await server.getByLabel(t.settings.turnUser).fill("alice");
    await server.getByLabel(t.settings.turnUser).blur();
    expect(await saved(page)).toEqual([]);
    await server.getByLabel(t.settings.turnPassword).fill("secret");
    await server.getByLabel(t.settings.turnPassword).blur();
    await page.getByText(t.settings.saved).waitFor();
    expect(await saved(page)).toMatchObject([
      { turn: [{}, { url: "turn:turn.example.test", username: "alice", credential: "secret" }] },
    ]);
    await server.getByText(t.settings.turnNotWhole).waitFor({ state: "detached" });
  });

  test("with an address that no browser takes is said to be none", async () => {
    const page = await pages.open("settings");
    const server = await add(page, "turn:turn.example.test:99999");
    await server.getByText(t.settings.turnUrlBad).waitFor();
  });

  test("in capitals is tidied", async () => {
    const page = await pages.open("settings");
    const server = await add(page, " TURN:turn.example.test");
    expect(await server.getByLabel(t.settings.turnUrl).inputValue()).toBe("turn:turn.example.test");
  });

  test("does not hold up the removal of another one", async () => {
    const page = await pages.open("settings");
    await add(page, "turn:");
    await button(page, t.settings.turnRemove).first().click();
    await page.getByText(t.settings.saved).waitFor();
    expect(await saved(page)).toMatchObject([{ turn: [] }]);
  });

  test("is one of eight at most", async () => {
    const page = await pages.open("settings");
    for (let n = 1; n < 8; n++) await button(page, t.settings.turnAdd).click();
    expect(await button(page, t.settings.turnAdd).isDisabled()).toBe(true);
  });
});

test("more than eight STUN servers are said to be too many, and are not saved", async () => {
  const page = await pages.open("settings");
  const nine = Array.from({ length: 9 }, (_, n) => `stun:stun${n}.example.test`).join("\n");
  await page.getByLabel(t.settings.stun).fill(nine);
  await page.getByLabel(t.settings.stun).blur();
  await page.getByText(t.settings.tooMany(8)).waitFor();
  expect(await saved(page)).toEqual([]);
});

test("a STUN server in capitals is saved as browsers spell it", async () => {
  const page = await pages.open("settings");
  await page.getByLabel(t.settings.stun).fill("STUN:stun.example.test");
  await page.getByLabel(t.settings.stun).blur();
  await page.getByText(t.settings.saved).waitFor();
  expect(await saved(page)).toMatchObject([{ stun: ["stun:stun.example.test"] }]);
});

test("a TURN server whose removal could not be saved is still shown: calls still use it", async () => {
  const page = await pages.open("settings-not-saved");
  await button(page, t.settings.turnRemove).click();
  await page.getByText(t.errors.disconnected.title).waitFor();
  expect(await page.getByLabel(t.settings.turnUrl, { exact: true }).inputValue()).toBe(
    "turn:turn.example.test:3478",
  );
});
