import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Client } from "../harness/client.ts";
import type { MailServer } from "../harness/mail.ts";
import { mailcalld } from "../harness/paths.ts";
import { Program, run } from "../harness/program.ts";

const START_MS = 30_000;

export const DOMAIN = "example.test";

/** One `mailcalld` as it is measured: nothing logged, no windows of its own. */
export class MeasuredBackend {
  #program: Program | undefined;
  #client: Client | undefined;
  #url = "";

  constructor(
    readonly name: string,
    private readonly dir: string,
    private readonly mail: MailServer,
  ) {}

  get client(): Client {
    if (this.#client === undefined) throw new Error(`${this.name} does not run`);
    return this.#client;
  }

  get url(): string {
    return this.#url;
  }

  get pid(): number {
    if (this.#program === undefined) throw new Error(`${this.name} does not run`);
    return this.#program.pid;
  }

  /** Signs in; the mailbox must be new at the mail server. */
  async signIn(localPart: string): Promise<void> {
    const address = `${localPart}@${DOMAIN}`;
    const { host, ports, ca, dir } = this.mail.at;
    const password = join(dir, `${localPart}.password`);
    await writeFile(password, localPart, { mode: 0o600 });
    const account = ["account", "add", address, "--password-file", password, "--name", localPart];
    const servers = ["--imap", `${host}:${ports.imap}`, "--smtp", `${host}:${ports.submission}`, "--ca", ca];
    await this.#command(...account, ...servers, "--secrets", "file");
  }

  /** With `account` where it has several. */
  async addContact(localPart: string, account?: string): Promise<void> {
    const whose = account === undefined ? [] : ["--account", `${account}@${DOMAIN}`];
    await this.#command("contact", "add", `${localPart}@${DOMAIN}`, ...whose);
  }

  /** Spawns it; gives ms until its ready line. */
  async start(): Promise<number> {
    const env = {
      ...process.env,
      MAILCALL_BROWSER: "/bin/true",
      MAILCALL_LOG: process.env["MAILCALL_LOG"] ?? "warn",
    };
    const began = performance.now();
    const program = Program.start(this.name, mailcalld, ["--data-dir", this.dir], `${this.dir}.log`, env);
    this.#program = program;
    const line = await program.firstLine(START_MS);
    const took = performance.now() - began;
    const { url, token } = JSON.parse(line) as { url: string; token: string };
    this.#url = url;
    this.#client = await Client.connect(url, token);
    return took;
  }

  /** Leaves it alone: no program listens any more. */
  disconnect(): void {
    this.#client?.close();
    this.#client = undefined;
  }

  /** With `SIGKILL`: as a crash. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.disconnect();
    const program = this.#program;
    this.#program = undefined;
    await program?.end(signal);
  }

  async #command(...words: string[]): Promise<void> {
    await run(mailcalld, ["--data-dir", this.dir, ...words]);
  }
}
