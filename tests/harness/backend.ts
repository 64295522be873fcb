import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { Client } from "./client.ts";
import type { MailServer } from "./mail.ts";
import type { Computer } from "./network.ts";
import { mailcalld } from "./paths.ts";
import { Program, run } from "./program.ts";

/** How long a backend may take to be ready on a busy machine, in ms. */
const START_MS = 20_000;

/** Words of its log that are never shown to anybody: kept small, because it tells nothing about people. */
const LOG_LEVEL = "debug";

export interface Mailbox {
  readonly address: string;
  readonly password: string;
  readonly name: string;
}

/** One `mailcalld` and its data directory: one device of somebody. */
export class Backend {
  #program: Program | undefined;
  #client: Client | undefined;
  #url = "";
  #token = "";

  constructor(
    private readonly name: string,
    private readonly dir: string,
    private readonly mail: MailServer,
    private readonly ringSeconds: number | undefined,
    /** Where it runs, if not on this machine's own network. */
    private readonly computer?: Computer,
  ) {}

  get dataDir(): string {
    return this.dir;
  }

  get log(): string {
    return `${this.dir}.log`;
  }

  /** What it has told a program at its socket. */
  get client(): Client {
    if (this.#client === undefined) throw new Error(`${this.name} does not run`);
    return this.#client;
  }

  get url(): string {
    return this.#url;
  }

  get token(): string {
    return this.#token;
  }

  /** Signs in from the command line; `key`: a file with the key another device of the account has exported. */
  async signIn({ address, password, name }: Mailbox, key?: string): Promise<void> {
    const file = `${this.dir}.password`;
    await writeFile(file, password, { mode: 0o600 });
    const { host, ports, ca } = this.mail.at;
    const servers = ["--imap", `${host}:${ports.imap}`, "--smtp", `${host}:${ports.submission}`, "--ca", ca];
    const rest = ["--name", name, "--secrets", "file", ...(key === undefined ? [] : ["--key", key])];
    await this.#command("account", "add", address, "--password-file", file, ...servers, ...rest);
  }

  async addContact(address: string, name?: string): Promise<void> {
    await this.#command("contact", "add", address, ...(name === undefined ? [] : ["--name", name]));
  }

  async exportKey(address: string): Promise<string> {
    const file = join(`${this.dir}.key`);
    await this.#command("account", "export-key", address, file);
    return file;
  }

  /** Starts it and waits until its mailbox is watched. */
  async start(): Promise<void> {
    const ring = this.ringSeconds === undefined ? [] : ["--ring-seconds", String(this.ringSeconds)];
    // It must not open windows of its own (the stories do), nor use the key store of whoever runs the stories.
    const quiet = { MAILCALL_BROWSER: "/bin/true", DBUS_SESSION_BUS_ADDRESS: "unix:path=/nonexistent" };
    const env = { ...process.env, ...quiet, MAILCALL_LOG: LOG_LEVEL };
    await appendFile(this.log, "--- start\n");
    const command = [...(this.computer?.enter ?? []), mailcalld, "--data-dir", this.dir, ...ring];
    const [file = "", ...args] = command;
    this.#program = Program.start(this.name, file, args, this.log, env);
    const line = JSON.parse(await this.#program.firstLine(START_MS)) as { url: string; token: string };
    this.#url = line.url;
    this.#token = line.token;
    const port = Number(new URL(line.url).port);
    const { computer } = this;
    this.#client = await Client.connect(line.url, line.token, {
      ...(computer === undefined ? {} : { dial: () => computer.connect(port) }),
    });
  }

  /** Ends it: politely, or with `SIGKILL` as a crash. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    this.#client?.close();
    await program?.end(signal);
  }

  /** A file that leads a browser to this backend, once. */
  async pageUrl(route: string): Promise<string> {
    const answer = await this.client.command({ type: "OpenPage", route });
    if (answer.type !== "PageFile") throw new Error(`OpenPage answered ${answer.type}`);
    return pathToFileURL(answer.path).href;
  }

  async #command(...words: string[]): Promise<void> {
    await run(mailcalld, ["--data-dir", this.dir, ...words]);
  }
}
