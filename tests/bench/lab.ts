import type { Page } from "playwright-core";

import { bundlePage } from "../../ui/test/conference/support/bundle.ts";
import { driven } from "../../ui/test/conference/support/chromium.ts";
import { Person } from "../../ui/test/conference/support/person.ts";
import { fakeMedia } from "../harness/media.ts";
import type { Namespace } from "../harness/namespace.ts";
import { Network } from "../harness/network.ts";
import { type MeasuredBrowser, launch } from "./browser.ts";
import { knowPictures } from "./frames.ts";

/** A secure context; nobody listens there, the pages are given their content by this process. */
export const HOME = "http://localhost/";

/** Somebody at a test page in Chromium, on a computer of its own with one interface in each network. */
export interface Resident {
  readonly person: Person;
  readonly page: Page;
  readonly browser: MeasuredBrowser;
  readonly namespace: Namespace;
  /** By network. */
  readonly addresses: readonly string[];
}

/** Computers as of {@link Network}, with somebody at each. */
export class Lab {
  private constructor(
    readonly residents: readonly Resident[],
    /** Removes all of it, also when it is not all there. */
    readonly close: () => Promise<void>,
  ) {}

  static async open(people: number, networks: number): Promise<Lab> {
    const network = await Network.open(people, networks);
    const browsers: MeasuredBrowser[] = [];
    const close = async (): Promise<void> => {
      await Promise.all(browsers.splice(0).map(({ server }) => server.close()));
      await network.close();
    };
    try {
      const script = await bundlePage();
      const residents: Resident[] = [];
      for (const [index, { namespace, addresses, chromium: executable }] of network.computers.entries()) {
        const { audio } = await fakeMedia(`bench-${index + 1}`, {
          colour: [0, 0, 0],
          tone: 400 + 100 * index,
        });
        const browser = await launch({ executable, sound: audio });
        browsers.push(browser);
        residents.push({ ...(await sit(browser, script)), browser, namespace, addresses });
      }
      return new Lab(residents, close);
    } catch (error) {
      await close();
      throw error;
    }
  }
}

/** A fresh test page in a context of its own; its remote pictures are known. */
async function sit(browser: MeasuredBrowser, script: string): Promise<{ person: Person; page: Page }> {
  const page = await freshPage(browser, script);
  await knowPictures(page);
  return { person: await Person.at(driven(page), HOME), page };
}

/** A page with one script in a context of its own, not loaded yet. */
export async function freshPage({ browser }: MeasuredBrowser, script: string): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 640, height: 480 },
    permissions: ["camera", "microphone"],
  });
  const page = await context.newPage();
  await page.route(`${HOME}**`, (route) =>
    route.request().url() === HOME
      ? route.fulfill({
          contentType: "text/html; charset=utf-8",
          body: '<!doctype html><title>Mailcall</title><script type="module" src="/page.js"></script>',
        })
      : route.fulfill({ contentType: "text/javascript", body: script }),
  );
  return page;
}
