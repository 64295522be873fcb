import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";

import type { Snapshot } from "../../src/bindings/Snapshot";
import { CALL, type SceneName, scene } from "../../src/host/scenes";
import { usePages } from "./support/pages";
import { openStage } from "./support/stage";

const pages = usePages();

const carried = (page: Page) =>
  page.evaluate(() => ({
    microphone: window.fakeDesk.local().microphone,
    camera: window.fakeDesk.local().camera,
    links: window.fakeDesk.links.length,
  }));
const NOTHING = { microphone: "off", camera: "off", links: 0 };

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
