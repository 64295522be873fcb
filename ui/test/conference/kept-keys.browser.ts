/// <reference types="node" />
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundlePage } from "./support/bundle";
import { driven, launchChromium, newPerson } from "./support/chromium";
import { Firefox, type DrivenPage } from "./support/firefox";
import { servePage, type PageServer } from "./support/server";

describe.each(["Chromium", "Firefox"])("the keys of a conference in %s", (name) => {
  let server: PageServer;
  let browser: Browser | Firefox;
  let page: DrivenPage;

  beforeAll(async () => {
    server = await servePage(await bundlePage(new URL("support/keys-page.ts", import.meta.url)));
    if (name === "Firefox") browser = page = await Firefox.launch();
    else {
      browser = await launchChromium();
      page = driven(await newPerson(browser, false));
    }
    await reload();
  });

  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  async function reload(): Promise<void> {
    await page.goto(server.url);
    await page.evaluate(`new Promise((resolve) => {
      const look = () => (globalThis.keysPage === undefined ? setTimeout(look, 5) : resolve(null));
      look();
    })`);
  }

  test("outlive a reload, sign as before, and cannot be read", async () => {
    const key = await page.evaluate<string>(`keysPage.keep("first")`);
    await reload();
    expect(await page.evaluate(`keysPage.kept("first")`)).toBe(key);
    expect(await page.evaluate(`keysPage.canLeave("first")`)).toBe(false);
  });

  test("are gone once they are forgotten", async () => {
    await page.evaluate(`keysPage.keep("second")`);
    await page.evaluate(`keysPage.forget("second").then(() => null)`);
    await reload();
    expect(await page.evaluate(`keysPage.kept("second")`)).toBe("none");
  });

  test("of many conferences are those of the newest", async () => {
    await page.evaluate(`(async () => {
      for (let n = 0; n <= keysPage.most; n += 1) await keysPage.keep("number " + n);
      return null;
    })()`);
    expect(await page.evaluate(`keysPage.kept("number 0")`)).toBe("none");
    expect(await page.evaluate(`keysPage.kept("number 1")`)).not.toBe("none");
  });

  test("are too old after a day", async () => {
    await page.evaluate(`keysPage.keep("third")`);
    const later = `(() => { const { now } = Date; Date.now = () => now() + 24 * 3600 * 1000 + 1000; return null; })()`;
    await page.evaluate(later);
    expect(await page.evaluate(`keysPage.kept("third")`)).toBe("none");
  });
});
