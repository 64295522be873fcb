import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { MailServer } from "../harness/mail.ts";
import { root } from "../harness/paths.ts";
import { DOMAIN, MeasuredBackend } from "./backend.ts";
import type { Variant } from "./figures.ts";
import { say } from "./report.ts";
import { MeasuredWindow } from "./window.ts";

/** Her mailbox; none of those that the mail server brings along, so that the password is known. */
const ALICE = "alice-0";

/** Callee's limit: so many early answers for one contact in ten minutes. */
const EARLY_ANSWERS = 3;

/**
 * Dovecot that hibernates loses the announcement of a mail that comes 0.5 to 1 s after IDLE began: so long nothing
 * is sent to a mailbox that has just been busy.
 */
const HIBERNATES_MS = 1600;

export interface PairOptions {
  readonly variant?: Variant;
  readonly delayMs?: number;
  /** How many calls are to be answered early. */
  readonly earlyCalls: number;
  /** Puts mail into the mailboxes before anybody signs in. */
  readonly fill?: (mail: MailServer, localPart: string) => Promise<void>;
}

/**
 * Alice and Bob with a device each and a mail server of their own, in the steady state: contacts of each other with
 * each other's keys. Bob has several mailboxes, because he answers one contact early only three times in ten minutes.
 */
export class Pair {
  #windows: [MeasuredWindow, MeasuredWindow] | undefined;
  #early = 0;
  #calls = 0;

  private constructor(
    readonly mail: MailServer,
    readonly alice: MeasuredBackend,
    readonly bob: MeasuredBackend,
    readonly mailboxes: readonly string[],
    private readonly options: PairOptions,
  ) {}

  static async open(name: string, options: PairOptions): Promise<Pair> {
    const { variant = "stock", delayMs = 0, earlyCalls, fill } = options;
    const home = join(root, "target", "bench", name);
    await rm(home, { recursive: true, force: true });
    await mkdir(home, { recursive: true });
    const mail = await MailServer.up(join(home, "mail"), { variant, delayMs });
    const mailboxes = Array.from({ length: Math.ceil(earlyCalls / EARLY_ANSWERS) }, (_, i) => `bob-${i}`);
    const backend = (who: string): MeasuredBackend => new MeasuredBackend(who, join(home, who), mail);
    const pair = new Pair(mail, backend("alice"), backend("bob"), mailboxes, options);
    try {
      for (const localPart of [ALICE, ...mailboxes]) {
        await mail.addAccount(`${localPart}@${DOMAIN}`, localPart);
        await fill?.(mail, localPart);
      }
      await pair.#signIn();
    } catch (error) {
      await pair.close();
      throw error;
    }
    return pair;
  }

  get alicePage(): MeasuredWindow {
    return this.#pages[0];
  }

  get bobPage(): MeasuredWindow {
    return this.#pages[1];
  }

  /** Starts both, opens their pages, and lets them get to know each other. */
  async meet(): Promise<void> {
    const { alice, bob } = this;
    await Promise.all([alice.start(), bob.start()]);
    for (const { client } of [alice, bob]) {
      const settings = await client.until("the settings are known", () => client.settings);
      await client.command({ type: "SetSettings", settings: { ...settings, stun: [], turn: [] } });
    }
    this.#windows = await Promise.all([MeasuredWindow.open(alice), MeasuredWindow.open(bob)]);
    for (const mailbox of this.mailboxes) await this.unanswered(mailbox);
  }

  /** A mailbox of Bob that still answers early, for one call. */
  nextEarly(): string {
    return this.#mailbox(Math.floor(this.#early++ / EARLY_ANSWERS));
  }

  /** Any mailbox, in turn. */
  next(): string {
    return this.#mailbox(this.#calls++ % this.mailboxes.length);
  }

  /** Whether Bob's answers wait for him. */
  async hideUntilAnswer(hide: boolean): Promise<void> {
    const { client } = this.bob;
    const settings = await client.until("the settings are known", () => client.settings);
    if (settings.hide_until_answer === hide) return;
    await client.command({ type: "SetSettings", settings: { ...settings, hide_until_answer: hide } });
  }

  /** Until both mailboxes are in IDLE and will announce what comes. */
  async settle(): Promise<void> {
    await pause(this.options.variant === "hibernate" ? HIBERNATES_MS : 300);
  }

  /** Alice opens the contact, and calls a second later: the moment of the command, and the call. */
  async dial(mailbox: string): Promise<{ began: number; call: string }> {
    const { client } = this.alice;
    const account = client.accounts[0]?.account;
    if (account === undefined) throw new Error("Alice is not signed in");
    const address = `${mailbox}@${DOMAIN}`;
    await client.command({ type: "OpenContact", account, address });
    await pause(1100);
    const began = performance.now();
    const answer = await client.command({ type: "Call", account, address, video: true });
    if (answer.type !== "Called") throw new Error(`Call answered ${answer.type}`);
    return { began, call: answer.call };
  }

  /** Alice calls, and takes it back when it has rung: when each event was read, ms after the command. */
  async unanswered(mailbox: string): Promise<{ invite: number; ringing: number }> {
    await this.settle();
    const { began, call } = await this.dial(mailbox);
    await Promise.all([
      this.bob.client.untilCall("Ringing", { call }),
      this.alice.client.untilCall("Ringing", { call }),
    ]);
    await this.settle();
    await this.alice.client.command({ type: "HangUp", call });
    await this.ended(call);
    return {
      invite: ringingAt(this.bob, call) - began,
      ringing: ringingAt(this.alice, call) - began,
    };
  }

  async ended(call: string): Promise<void> {
    await Promise.all([this.alice, this.bob].map(({ client }) => client.untilCall("Ended", { call })));
  }

  /** How many mails to a mailbox of either were delivered so far, and their sizes. */
  async deliveries(): Promise<number[]> {
    const log = await readFile(this.mail.at.logs.dovecot, "utf8");
    const delivered = /lmtp\((?:alice-0|bob-\d+)\b.* rfc822_size=(\d+) saved mail/g;
    return [...log.matchAll(delivered)].map(([, size]) => Number(size));
  }

  async closePages(): Promise<void> {
    const windows = this.#windows ?? [];
    this.#windows = undefined;
    await Promise.all(windows.map((window) => window.close()));
  }

  async close(): Promise<void> {
    const ends = [this.closePages(), this.alice.stop(), this.bob.stop()];
    for (const end of await Promise.allSettled(ends)) if (end.status === "rejected") say(String(end.reason));
    await this.mail.down();
  }

  get #pages(): [MeasuredWindow, MeasuredWindow] {
    if (this.#windows === undefined) throw new Error("no page is open");
    return this.#windows;
  }

  #mailbox(index: number): string {
    const mailbox = this.mailboxes[index];
    if (mailbox === undefined) throw new Error("more early calls than were announced");
    return mailbox;
  }

  async #signIn(): Promise<void> {
    const { alice, bob, mailboxes } = this;
    await alice.signIn(ALICE);
    for (const mailbox of mailboxes) {
      await bob.signIn(mailbox);
      await alice.addContact(mailbox);
      await bob.addContact(ALICE, mailbox);
    }
  }
}

/** When a backend's event said that this call rings. */
export function ringingAt({ client }: MeasuredBackend, call: string): number {
  const seen = client.seen.find(
    ({ event }) =>
      event.type === "CallChanged" && event.call.call === call && event.call.state.type === "Ringing",
  );
  if (seen === undefined) throw new Error("it never rang");
  return seen.at;
}
