import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { afterAll, afterEach, beforeAll, expect, vi } from "vitest";

import type { Command } from "../../../src/bindings/Command";
import type { FakeHost } from "../../../src/host/fake";
import type { FakeDesk, FakeDevices } from "../../../src/views/desk/fake";
import type { FakeRoom } from "../../../src/views/desk/fake-room";
import type { SceneName } from "../../../src/host/scenes";
import { launch, type Site, serveSite } from "./site";

vi.setConfig({ testTimeout: 20_000 });

/** Pages with the fake backend in a real Chromium. What they complain of is kept. */
export class Pages {
  readonly complaints: string[] = [];

  #site: Site | null = null;
  #browser: Browser | null = null;

  async start(): Promise<void> {
    this.#site = await serveSite(`test-${process.pid}`);
    this.#browser = await launch();
  }

  async end(): Promise<void> {
    await this.#browser?.close();
    await this.#site?.remove();
  }

  /** Closes every page: each one draws, and takes its part of the machine. */
  async close(): Promise<void> {
    for (const context of this.#browser?.contexts() ?? []) await context.close();
  }

  async page(options: BrowserContextOptions = {}): Promise<Page> {
    if (this.#browser === null) throw new Error("pages are opened in tests");
    const context = await this.#browser.newContext({ reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.complaints.push(`${page.url()}: ${error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`${page.url()}: ${message.text()}`);
    });
    return page;
  }

  /** Opens a scene in a page. Its backend answers at once. */
  async open(name: SceneName, page?: Page): Promise<Page> {
    const opened = page ?? (await this.page());
    await opened.goto(`${this.#site?.url ?? ""}?scene=${name}&pace=0`);
    await opened.locator("#content").waitFor();
    return opened;
  }
}

/** The pages of a test file. None outlives its test, and no test may leave a complaint. */
export function usePages(): Pages {
  const pages = new Pages();
  beforeAll(() => pages.start(), 60_000);
  afterAll(() => pages.end(), 30_000);
  afterEach(async () => {
    await pages.close();
    expect(pages.complaints.splice(0)).toEqual([]);
  });
  return pages;
}

declare global {
  interface Window {
    fakeHost: FakeHost;
    fakeDesk: FakeDesk;
    fakeRoom: FakeRoom;
    fakeDevices: FakeDevices;
  }
}

/** What the page told the backend so far, without what it tells of its own accord. */
export async function commands(page: Page): Promise<Command[]> {
  const all = await page.evaluate(() => window.fakeHost.commands);
  return all.filter(({ type }) => type !== "Focused" && type !== "OpenContact");
}

/** Presses Tab until the element with this accessible name has the focus. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.locator(":focus").ariaSnapshot();
    if (typeof name === "string" ? focused.includes(`"${name}"`) : name.test(focused)) return;
  }
  throw new Error(`no ${String(name)} on the way of the Tab key`);
}
