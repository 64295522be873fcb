import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Page } from "playwright-core";

import { bundlePage } from "../../ui/test/conference/support/bundle.ts";
import { driven } from "../../ui/test/conference/support/chromium.ts";
import { Person } from "../../ui/test/conference/support/person.ts";
import { fakeMedia } from "../harness/media.ts";
import { chromium } from "../harness/paths.ts";
import { Namespace, connect, forget, nameOf, sweep } from "../nat/lab/namespace.ts";
import { type MeasuredBrowser, launch } from "./browser.ts";
import { noteFrames } from "./frames.ts";

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

/**
 * Computers of their own, everyone with an interface in each of some networks that lead nowhere else:
 * `10.NETWORK.0.COMPUTER`.
 */
export class Lab {
  private constructor(
    readonly residents: readonly Resident[],
    /** Removes all of it, also when it is not all there. */
    readonly close: () => Promise<void>,
  ) {}

  static async open(people: number, networks: number): Promise<Lab> {
    sweep();
    const undo: (() => void | Promise<void>)[] = [];
    const close = async (): Promise<void> => {
      for (const step of undo.splice(0).reverse()) await step();
    };
    try {
      const folder = mkdtempSync(join(tmpdir(), nameOf("")));
      undo.push(() => forget(folder));
      const script = await bundlePage();
      const hub = await Namespace.add("hub");
      undo.push(() => hub.remove());
      for (let net = 1; net <= networks; net++) {
        await hub.ip("link", "add", `net${net}`, "type", "bridge");
        await hub.ip("link", "set", `net${net}`, "up");
      }
      const residents: Resident[] = [];
      for (let number = 1; number <= people; number++) {
        const namespace = await Namespace.add(`computer${number}`);
        undo.push(() => namespace.remove());
        // No network is a way into another: what comes from an address comes over the interface that leads there.
        await namespace.set("net.ipv4.conf.all.rp_filter", 1);
        const addresses: string[] = [];
        for (let net = 1; net <= networks; net++) {
          const plug = `c${number}n${net}`;
          await connect([namespace, `eth${net}`], [hub, plug]);
          await hub.ip("link", "set", plug, "master", `net${net}`);
          const address = `10.${net}.0.${number}`;
          await namespace.ip("address", "add", `${address}/24`, "dev", `eth${net}`);
          addresses.push(address);
        }
        const executable = await insideOf(namespace, folder);
        const { audio } = await fakeMedia(`bench-${number}`, {
          colour: [0, 0, 0],
          tone: 300 + 100 * number,
        });
        const browser = await launch({ executable, sound: audio });
        undo.push(() => browser.server.close());
        residents.push({ ...(await sit(browser, script)), browser, namespace, addresses });
      }
      return new Lab(residents, close);
    } catch (error) {
      await close();
      throw error;
    }
  }
}

/** A fresh test page in a context of its own; its remote frames are noted. */
async function sit(browser: MeasuredBrowser, script: string): Promise<{ person: Person; page: Page }> {
  const page = await freshPage(browser, script);
  await noteFrames(page);
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

/** A program that is Chromium in the namespace: whoever starts it need not know. */
async function insideOf(namespace: Namespace, folder: string): Promise<string> {
  const file = join(folder, `${namespace.name}-chromium`);
  await writeFile(file, `#!/bin/sh\nexec ip netns exec ${namespace.name} ${chromium} "$@"\n`, {
    mode: 0o755,
  });
  return file;
}
