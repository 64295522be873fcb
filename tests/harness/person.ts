import { join } from "node:path";

import type { Browser, Page } from "playwright-core";

import type { Settings } from "../../ui/src/bindings/Settings.ts";
import { Backend, type Mailbox } from "./backend.ts";
import { type BrowserOptions, openBrowser } from "./browser.ts";
import type { Client } from "./client.ts";
import type { MailServer } from "./mail.ts";
import type { Computer } from "./network.ts";
import type { Presence } from "./media.ts";
import { PATIENCE_MS } from "./wait.ts";
import { Window } from "./window.ts";

/** Who films and sounds how. */
const LOOKS = {
  Alice: { colour: [220, 40, 40], tone: 440 },
  Bob: { colour: [40, 60, 220], tone: 660 },
  Carol: { colour: [40, 190, 60], tone: 880 },
  Dave: { colour: [220, 200, 40], tone: 1100 },
} as const satisfies Record<string, Presence>;

export type Name = keyof typeof LOOKS;

export interface DeviceOptions {
  /** How long invitations from here ring, in seconds. */
  readonly ringSeconds?: number;
  /** Another device of the same account that has its key. */
  readonly sibling?: Device;
  /** Contacts to begin with. */
  readonly contacts?: readonly Person[];
  /** False: signed in, but not running. */
  readonly running?: boolean;
  /** What is typed at sign-in, if it is not what is right; null: nobody signs in. */
  readonly mailbox?: Mailbox | null;
  /** What it is installed on, if not this machine. */
  readonly computer?: Computer | undefined;
}

/** One installation signed in to a person's account. */
export class Device {
  readonly windows: Window[] = [];
  readonly #browsers: Browser[] = [];

  constructor(
    readonly owner: Person,
    readonly name: string,
    readonly backend: Backend,
    private readonly computer?: Computer,
  ) {}

  get client(): Client {
    return this.backend.client;
  }

  /** Opens Mailcall in a browser with the person's camera and microphone. */
  async open({ route = "/", ...options }: BrowserOptions & { route?: string } = {}): Promise<Page> {
    const browser = await openBrowser(this.owner.name, this.owner.presence, {
      executable: this.computer?.chromium,
      ...options,
    });
    this.#browsers.push(browser);
    const context = await browser.newContext({ viewport: { width: 900, height: 640 } });
    if (options.shows !== undefined) await context.grantPermissions(["camera", "microphone"]);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    this.windows.push(new Window(page));
    await page.goto(await this.backend.pageUrl(route));
    await page.waitForURL((url) => url.href.startsWith(`${this.backend.url}#`) && !url.href.includes("key="));
    return page;
  }

  /** The settings as they are. */
  async settings(): Promise<Settings> {
    return this.client.until("the settings are known", () => this.client.settings);
  }

  /** Waits until the control channel of this device's newest link is open, as its page reports. */
  async channelOpens(): Promise<void> {
    const window = this.windows.at(-1);
    if (window === undefined) throw new Error(`${this.name} has no window`);
    await window.untilSent("the control channel opens", (command) => {
      return command.type === "LinkState" && command.state === "Open" && command.link === window.newestLink();
    });
  }

  /** The machine is switched off: browsers and backend are killed (SIGKILL). */
  async vanish(): Promise<void> {
    const processes = await Promise.all(this.#browsers.map(processesOf));
    for (const pid of processes.flat()) process.kill(pid, "SIGKILL");
    await this.backend.stop("SIGKILL");
  }

  async close(): Promise<void> {
    await Promise.all(this.#browsers.map((browser) => browser.close()));
    await this.backend.stop();
  }
}

/** The browser itself first, then its helpers. */
async function processesOf(browser: Browser): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  return processInfo.map(({ id }) => id);
}

/** Somebody with a mailbox, a face, a voice, and devices. */
export class Person {
  readonly devices: Device[] = [];

  constructor(
    readonly name: Name,
    readonly address: string,
    readonly password: string,
    private readonly mail: MailServer,
    private readonly dir: string,
  ) {}

  get presence(): Presence {
    return LOOKS[this.name];
  }

  /** A new device, signed in and (unless told otherwise) running. */
  async device(name: string, options: DeviceOptions = {}): Promise<Device> {
    const {
      ringSeconds,
      sibling,
      contacts = [],
      running = true,
      mailbox = this.#mailbox(),
      computer,
    } = options;
    const label = `${this.name}-${name}`.toLowerCase();
    const backend = new Backend(label, join(this.dir, label), this.mail, ringSeconds, computer);
    const device = new Device(this, name, backend, computer);
    this.devices.push(device);
    const key = sibling === undefined ? undefined : await sibling.backend.exportKey(this.address);
    if (mailbox !== null) await backend.signIn(mailbox, key);
    for (const contact of contacts) await backend.addContact(contact.address);
    if (running) await backend.start();
    return device;
  }

  #mailbox(): Mailbox {
    return { address: this.address, password: this.password, name: this.name };
  }

  async close(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()));
  }
}
