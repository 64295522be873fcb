import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import type { Snapshot } from "../../src/bindings/Snapshot";
import { CALL, type SceneName, scene } from "../../src/host/scenes";
import { t } from "../../src/texts";
import { commands, usePages } from "./support/pages";
import { button, openStage } from "./support/stage";

const pages = usePages();

const carried = (page: Page) =>
  page.evaluate(() => ({
    microphone: window.fakeDesk.local().microphone,
    camera: window.fakeDesk.local().camera,
    links: window.fakeDesk.links.length,
  }));
const HANG_UP = { type: "HangUp", call: CALL };
const NOTHING = { microphone: "off", camera: "off", links: 0 };

/** The backend is away, and nothing that is sent reaches it. */
const goesAway = (page: Page) =>
  page.evaluate(() => {
    const { fakeHost } = window;
    fakeHost.setStatus("connecting");
    fakeHost.send = (command) => {
      fakeHost.commands.push(command);
      return new Promise(() => undefined);
    };
  });

/** The backend says hello again, and tells how things stand by now. */
const comesBack = (page: Page, snapshot: Snapshot) =>
  page.evaluate((now) => window.fakeHost.emit({ type: "Snapshot", ...now }), snapshot);

const standsAt = (name: SceneName): Snapshot => scene(name, Date.now()).snapshot;

describe("a call that ended while the backend was away", () => {
  test("is over here too: microphone and camera are closed, and its link", async () => {
    const page = await openStage(pages, "call-connected");
    expect(await carried(page)).toEqual({ microphone: "on", camera: "on", links: 1 });
    await comesBack(page, standsAt("main"));
    await expect.poll(() => carried(page)).toEqual(NOTHING);
  });

  test("goes on when it goes on", async () => {
    const page = await openStage(pages, "call-connected");
    await comesBack(page, standsAt("call-connected"));
    expect(await carried(page)).toEqual({ microphone: "on", camera: "on", links: 1 });
    expect(new URL(page.url()).hash).toBe(`#/call/${CALL}`);
  });
});

describe("Alice hangs up while the backend is away", () => {
  test("the call is over at once, for Bob as well", async () => {
    const page = await openStage(pages, "call-connected");
    await goesAway(page);
    await button(page, t.controls.hangUp).click();
    await page.getByRole("heading", { name: t.ended.HungUp("Bob Okafor", false).title }).waitFor();
    expect(await carried(page)).toEqual(NOTHING);
    expect(await page.evaluate(() => window.fakeDesk.goodbyes)).toEqual([CALL]);
  });

  test("from the main window as well", async () => {
    const page = await openStage(pages, "call-connected");
    await page.evaluate(() => (location.hash = "#/"));
    await goesAway(page);
    await button(page, t.ongoing.hangUp).click();
    await expect.poll(() => carried(page)).toEqual(NOTHING);
  });

  test("a backend that comes back with the call hears of it, and shows it no more", async () => {
    const page = await openStage(pages, "call-connected");
    await goesAway(page);
    await button(page, t.controls.hangUp).click();
    await page.getByRole("heading", { name: t.ended.HungUp("Bob Okafor", false).title }).waitFor();
    await comesBack(page, standsAt("call-connected"));
    await expect.poll(() => commands(page)).toEqual([HANG_UP, HANG_UP]);
    expect(await page.getByRole("heading", { name: t.ended.HungUp("Bob Okafor", false).title }).count()).toBe(
      1,
    );
    expect(await carried(page)).toEqual(NOTHING);
  });
});
