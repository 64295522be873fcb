import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Browser } from "playwright-core";

import { driven, launchChromium, newPerson } from "../../../ui/test/conference/support/chromium.ts";
import { Firefox, firefox as executable } from "../../../ui/test/conference/support/firefox.ts";
import { Person } from "../../../ui/test/conference/support/person.ts";
import { chromium } from "../../harness/paths.ts";
import type { Program } from "../../harness/program.ts";
import { PATIENCE_MS } from "../../harness/wait.ts";
import type { Gateway } from "./gateway.ts";
import { Namespace } from "../../harness/namespace.ts";

export type BrowserName = "Chromium" | "Firefox";

/** A device behind a gateway, and the browsers on it. */
export class Home {
  readonly #namespace: Namespace;
  readonly #folder: string;
  readonly #programs: Program[] = [];
  readonly #firefoxes: Firefox[] = [];
  #chromium: Promise<Browser> | undefined;
  #url = "";

  private constructor(
    readonly gateway: Gateway,
    namespace: Namespace,
    folder: string,
  ) {
    this.#namespace = namespace;
    this.#folder = folder;
  }

  /** `page` is the file with the script of the page that it serves to its own browsers. */
  static async add(
    label: string,
    gateway: Gateway,
    lan: number,
    folder: string,
    page: string,
  ): Promise<Home> {
    const namespace = await Namespace.add(`${label}-device`);
    await gateway.connect(namespace, lan);
    const home = new Home(gateway, namespace, folder);
    home.#url = await home.#startInside("serve", page);
    return home;
  }

  /** Somebody at a fresh page. All at Chromium share one; each at Firefox has an own one. `media`: may film and record. */
  async person(browser: BrowserName, { media = false } = {}): Promise<Person> {
    if (browser === "Firefox") return Person.at(await this.#launchFirefox(), this.#url);
    this.#chromium ??= this.#wrapper(chromium).then((wrapper) => launchChromium(null, wrapper));
    return Person.at(driven(await newPerson(await this.#chromium, media)), this.#url);
  }

  async remove(): Promise<void> {
    const chromium = await this.#chromium?.catch(() => undefined);
    await Promise.allSettled([chromium?.close(), ...this.#firefoxes.map((firefox) => firefox.close())]);
    await Promise.allSettled(this.#programs.map((program) => program.end()));
    this.#namespace.remove();
  }

  async #launchFirefox(): Promise<Firefox> {
    const firefox = await Firefox.launch({}, await this.#wrapper(executable()), async (port) => {
      // The network of the lab ends at its namespaces; a socket in the file system does not.
      const socket = join(this.#folder, `${this.#namespace.name}-${port}`);
      await this.#startInside("relay", socket, String(port));
      return `ws+unix://${socket}:`;
    });
    this.#firefoxes.push(firefox);
    return firefox;
  }

  /** Starts a script of this folder in the namespace; gives its first line. */
  async #startInside(script: string, ...args: string[]): Promise<string> {
    const file = fileURLToPath(new URL(`inside/${script}.ts`, import.meta.url));
    const command = [process.execPath, "--import", import.meta.resolve("tsx"), file, ...args];
    const program = this.#namespace.start(script, command, join(this.#folder, `${script}.log`));
    this.#programs.push(program);
    return program.firstLine(4 * PATIENCE_MS);
  }

  /** A program that is `executable` in the namespace: whoever starts it need not know. */
  async #wrapper(executable: string): Promise<string> {
    const file = join(this.#folder, `${this.#namespace.name}-${executable.split("/").at(-1)}`);
    const script = `#!/bin/sh\nexec ip netns exec ${this.#namespace.name} ${executable} "$@"\n`;
    await writeFile(file, script, { mode: 0o755 });
    return file;
  }
}
