import { readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";

import { type Browser, type Page, chromium } from "playwright-core";

import { fakeMedia } from "../harness/media.ts";
import * as paths from "../harness/paths.ts";
import type { Person } from "../harness/person.ts";
import { Program } from "../harness/program.ts";
import { until } from "../harness/wait.ts";
import type { Desktop } from "./desktop.ts";

/** The native app, built with the feature `custom-protocol`. */
const mailcall = process.env["MAILCALL_TEST_APP"] ?? join(paths.root, "target", "debug", "mailcall");

/** How long it may take to start on a busy machine, in ms. */
const START_MS = 20_000;

/** The native app of somebody, on a desktop. */
export class NativeApp {
  #browser: Browser | undefined;

  private constructor(
    private readonly dir: string,
    private readonly program: Program,
  ) {}

  /** Starts it on the data directory of a device that somebody has signed in on. */
  static async start(desktop: Desktop, owner: Person, dir: string): Promise<NativeApp> {
    const program = Program.start(
      "mailcall",
      mailcall,
      ["--data-dir", dir],
      `${dir}.log`,
      await environment(desktop, owner),
    );
    return new NativeApp(dir, program);
  }

  /** A second start; ends by itself. Gives how. */
  static async startAgain(desktop: Desktop, owner: Person, dir: string): Promise<string> {
    const again = Program.start(
      "mailcall again",
      mailcall,
      ["--data-dir", dir],
      `${dir}.log`,
      await environment(desktop, owner),
    );
    return again.ended(START_MS);
  }

  /** The page of a call that the app has opened in the browser. */
  async callPage(): Promise<Page> {
    const active = join(this.dir, "browser", "DevToolsActivePort");
    const port = await until("the app opens the browser", async () => {
      const [port] = (await readFile(active, "utf8").catch(() => "")).split("\n");
      return port === undefined || port === "" ? undefined : port;
    });
    if (this.#browser?.isConnected() !== true)
      this.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
    const browser = this.#browser;
    return until("the browser shows the call", () =>
      browser
        .contexts()
        .flatMap((context) => context.pages())
        .find((page) => /#\/(ring|call)\//.test(page.url())),
    );
  }

  /** Closes the page of a call, and with it, as its last window, the browser. */
  async closeCallPage(): Promise<void> {
    const page = await this.callPage();
    await page.close({ runBeforeUnload: false });
    const browser = join(this.dir, "browser");
    await until("the browser has ended", () =>
      readlink(join(browser, "SingletonLock")).then(
        () => undefined,
        () => true,
      ),
    );
    await rm(join(browser, "DevToolsActivePort"), { force: true });
  }

  /** Quits as at the end of a session. */
  async quit(): Promise<string> {
    await this.#browser?.close();
    return this.program.end();
  }
}

async function environment(desktop: Desktop, { name, presence }: Person): Promise<NodeJS.ProcessEnv> {
  const { video, audio } = await fakeMedia(name, presence);
  const browser = [
    "--remote-debugging-port=0",
    "--use-fake-device-for-media-stream",
    `--use-file-for-fake-video-capture=${video}`,
    `--use-file-for-fake-audio-capture=${audio}`,
    "--disable-quic",
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  ];
  return {
    ...desktop.env,
    MAILCALL_LOG: "debug",
    MAILCALL_BROWSER: paths.chromium,
    MAILCALL_BROWSER_ARGS: browser.join(" "),
  };
}
