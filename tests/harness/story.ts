import { strict as assert } from "node:assert";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { type MailOptions, MailServer } from "./mail.ts";
import { results } from "./paths.ts";
import { type Name, Person } from "./person.ts";

/** What a story has to play with. */
export class Stage {
  readonly people: Person[] = [];
  readonly #steps: (() => void | Promise<void>)[] = [];

  constructor(
    readonly mail: MailServer,
    readonly dir: string,
    private readonly number: number,
  ) {}

  /** Somebody with a fresh mailbox at the story's own mail server. */
  async person(name: Name, localPart = name.toLowerCase()): Promise<Person> {
    const address = `${localPart}.${this.number}@example.test`;
    const password = `${name}-${this.number}`;
    await this.mail.addAccount(address, password);
    const person = new Person(name, address, password, this.mail, this.dir);
    this.people.push(person);
    return person;
  }

  /** What is to be undone when it is over, after everybody has gone. */
  ends(step: () => void | Promise<void>): void {
    this.#steps.push(step);
  }

  /** What any page wrote to its console as an error or a warning. */
  complaints(): string[] {
    const devices = this.people.flatMap((person) => person.devices);
    return devices.flatMap(({ windows }) => windows.flatMap(({ complaints }) => complaints));
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.people.map((person) => person.close()));
    } finally {
      for (const step of this.#steps.splice(0).reverse()) await step();
    }
  }

  /** Keeps what helps to understand a failure. */
  async keepTraces(): Promise<void> {
    const { dovecot, postfix, lmtp } = this.mail.at.logs;
    await Promise.all([dovecot, postfix, lmtp].map((log) => copyFile(log, join(this.dir, basename(log)))));
    for (const device of this.people.flatMap(({ devices }) => devices)) {
      for (const [index, { page, complaints, talk }] of device.windows.entries()) {
        const stem = join(this.dir, `${device.owner.name}-${device.name}-${index}`);
        if (complaints.length > 0) await writeFile(`${stem}.console.log`, complaints.join("\n"));
        await writeFile(`${stem}.talk.log`, talk.join("\n"));
        if (page.isClosed()) continue;
        await page.screenshot({ path: `${stem}.png` });
        await writeFile(`${stem}.html`, await page.content());
      }
    }
  }
}

export interface Stories {
  /** One behaviour, told from beginning to end. */
  readonly story: (
    name: string,
    play: (stage: Stage) => Promise<void>,
    options?: { /** Why it cannot be told here. */ readonly skip?: string | false },
  ) => void;
}

/**
 * The stories of one file, which share a mail server. Traces of a failed story stay in
 * `target/e2e/FILE/STORY`, those of the others are removed.
 */
export function stories(file: string, options: MailOptions = {}): Stories {
  const home = join(results, file);
  let mail: MailServer | undefined;
  let count = 0;
  before(async () => {
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    mail = await MailServer.up(join(home, "mail"), options);
  });
  after(async () => mail?.down());
  return {
    story(name, play, { skip = false } = {}) {
      const number = ++count;
      void test(name, { timeout: 120_000, skip }, async () => {
        if (mail === undefined) throw new Error("the mail server did not start");
        const dir = join(
          home,
          name
            .toLowerCase()
            .replaceAll(/[^a-z0-9]+/g, "-")
            .slice(0, 60),
        );
        await mkdir(dir, { recursive: true });
        const stage = new Stage(mail, dir, number);
        try {
          await play(stage);
          assert.deepEqual(stage.complaints(), [], "no page complains");
        } catch (error) {
          // A trace that cannot be kept must not hide the failure it is a trace of.
          await stage.keepTraces().catch(() => undefined);
          await stage.close().catch(() => undefined);
          throw error;
        }
        await stage.close();
        await rm(dir, { recursive: true, force: true });
      });
    },
  };
}
