import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import type { Conference } from "../../ui/src/bindings/Conference.ts";
import { type Delivery, MailServer } from "../harness/mail.ts";
import { root } from "../harness/paths.ts";
import { PATIENCE_MS, until } from "../harness/wait.ts";
import { DOMAIN, MeasuredBackend } from "./backend.ts";
import { knowPictures, moving } from "./frames.ts";
import { say } from "./report.ts";
import { MeasuredWindow } from "./window.ts";

/** A callee's limit: so many early answers for one contact in ten minutes. */
const EARLY_ANSWERS = 3;

/** Four cameras, each for three others, are work enough for a small machine: they film as Chromium's fake one does by itself. */
const FPS = 20;

/** Four browsers on a small machine take their time. */
const BUSY_MS = 4 * PATIENCE_MS;

/** Somebody with a device, and a page of it. */
export class Seat {
  #window: MeasuredWindow | undefined;

  constructor(
    readonly name: string,
    readonly backend: MeasuredBackend,
    readonly mailboxes: readonly string[],
  ) {}

  get window(): MeasuredWindow {
    if (this.#window === undefined) throw new Error(`${this.name} has no page`);
    return this.#window;
  }

  async start(): Promise<void> {
    const { backend } = this;
    await backend.start();
    const { client } = backend;
    const settings = await client.until("the settings are known", () => client.settings);
    await client.command({ type: "SetSettings", settings: { ...settings, stun: [], turn: [] } });
    this.#window = await MeasuredWindow.open(backend, knowPictures, { fps: FPS });
  }

  /** Browser and backend end with -9. */
  async crash(): Promise<void> {
    const window = this.#window;
    this.#window = undefined;
    await Promise.all([window?.kill(), this.backend.stop("SIGKILL")]);
  }

  async stop(): Promise<void> {
    const window = this.#window;
    this.#window = undefined;
    await Promise.all([window?.close(), this.backend.stop()]);
  }

  /** Leaves whatever it is in, and closes the camera. */
  async leave(): Promise<void> {
    const { client } = this.backend;
    for (const { call, state } of client.calls.values()) {
      if (state.type === "Ended") continue;
      await client.command({ type: "HangUp", call });
      await client.untilCall("Ended", { call });
    }
    await this.window.show("/");
    await this.window.captures(false);
  }

  /** Waits until so many remote pictures move here. */
  async sees(pictures: number): Promise<void> {
    const look = async (): Promise<true | undefined> =>
      (await moving(this.window.page)) === pictures ? true : undefined;
    await until(`${this.name} sees ${pictures} pictures move`, look, BUSY_MS);
  }
}

/**
 * Alice and three guests with a device each and a mail server of their own. Alice and each guest are contacts and know
 * each other's key. Guests have several mailboxes, because nobody answers one contact early more than three times in
 * ten minutes.
 */
export class Table {
  private constructor(
    readonly mail: MailServer,
    readonly alice: Seat,
    readonly guests: readonly [bob: Seat, carol: Seat, dave: Seat],
  ) {}

  /** For so many rounds in which Alice calls every guest once. */
  static async open(name: string, rounds: number): Promise<Table> {
    const home = join(root, "target", "bench", name);
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    const mail = await MailServer.up(join(home, "mail"));
    const seat = (who: string, mailboxes: number): Seat => {
      const names = Array.from({ length: mailboxes }, (_, i) => `${who}-${i}`);
      return new Seat(who, new MeasuredBackend(who, join(home, who), mail), names);
    };
    const each = Math.ceil(rounds / EARLY_ANSWERS);
    const table = new Table(mail, seat("alice", 1), [
      seat("bob", each),
      seat("carol", each),
      seat("dave", each),
    ]);
    try {
      await table.#signIn();
      await Promise.all(table.all.map((one) => one.start()));
      await table.#acquaint();
    } catch (error) {
      await table.close();
      throw error;
    }
    return table;
  }

  get all(): readonly Seat[] {
    return [this.alice, ...this.guests];
  }

  /** Alice calls a guest, into her conference if it is named: when she did, and the call. */
  async call(guest: Seat, round: number, conference?: Conference): Promise<{ began: number; call: string }> {
    const { client } = this.alice.backend;
    const account = client.accounts[0]?.account;
    const mailbox = guest.mailboxes[Math.floor(round / EARLY_ANSWERS)];
    if (account === undefined || mailbox === undefined) throw new Error("nobody to call, or to call from");
    const address = `${mailbox}@${DOMAIN}`;
    await client.command({ type: "OpenContact", account, address });
    await pause(1100);
    const began = performance.now();
    const answer = await client.command({ type: "Call", account, address, video: true, conference });
    if (answer.type !== "Called") throw new Error(`Call answered ${answer.type}`);
    const { call } = answer;
    await guest.backend.client.untilCall("Ringing", { call, ms: BUSY_MS });
    return { began, call };
  }

  /** The conference of a call, as Alice's backend knows it. */
  async conferenceOf(call: string): Promise<Conference> {
    const { client } = this.alice.backend;
    const look = (): Conference | undefined => client.calls.get(call)?.conference ?? undefined;
    return client.until("the conference has a name", look, BUSY_MS);
  }

  /** What was delivered so far, to anybody. */
  async mails(): Promise<Delivery[]> {
    const log = await readFile(this.mail.at.logs.lmtp, "utf8");
    const lines = log.split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as Delivery);
  }

  /** The same once no more came for a while. */
  async mailsAtRest(): Promise<Delivery[]> {
    for (let before = -1; ;) {
      const now = await this.mails();
      if (now.length === before) return now;
      before = now.length;
      await pause(2000);
    }
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(this.all.map((one) => one.stop()));
    for (const end of ends) if (end.status === "rejected") say(String(end.reason));
    await this.mail.down();
  }

  async #signIn(): Promise<void> {
    for (const { backend, mailboxes } of this.all) {
      for (const mailbox of mailboxes) {
        await this.mail.addAccount(`${mailbox}@${DOMAIN}`, mailbox);
        await backend.signIn(mailbox);
      }
    }
    const [own] = this.alice.mailboxes;
    if (own === undefined) throw new Error("Alice has no mailbox");
    for (const { backend, mailboxes } of this.guests) {
      for (const mailbox of mailboxes) {
        await this.alice.backend.addContact(mailbox);
        await backend.addContact(own, mailboxes.length > 1 ? mailbox : undefined);
      }
    }
  }

  /** A call to each mailbox that nobody takes: each knows the other's key from then on. */
  async #acquaint(): Promise<void> {
    for (const guest of this.guests) {
      for (const [i] of guest.mailboxes.entries()) {
        const { call } = await this.call(guest, i * EARLY_ANSWERS);
        await this.alice.backend.client.untilCall("Ringing", { call });
        await this.alice.backend.client.command({ type: "HangUp", call });
        for (const { backend } of [this.alice, guest]) await backend.client.untilCall("Ended", { call });
      }
    }
  }
}
