import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { createInterface } from "node:readline";

import { xtask } from "./paths.ts";
import { run } from "./program.ts";
import { until } from "./wait.ts";

/** What `cargo xtask mail up` prints, as far as the stories use it. */
interface Description {
  readonly dir: string;
  readonly host: string;
  readonly ca: string;
  readonly ports: Readonly<Record<"imap" | "imaps" | "submission" | "submissions" | "smtp", number>>;
  readonly logs: Readonly<Record<"lmtp" | "dovecot" | "postfix", string>>;
}

/** One line of the delivery log. */
export interface Delivery {
  readonly unix_ms: number;
  readonly from: string;
  readonly to: string;
  readonly folder: string;
  readonly bytes: number;
}

export interface MailOptions {
  /**
   * `stock`: the server announces new mail after half a second. `hibernate`: at once, but a mail that comes in the
   * last half second before the connection hibernates (one second into IDLE) is not announced at all.
   */
  readonly variant?: "stock" | "hibernate";
  /** How long every mail rests inside the server. */
  readonly delayMs?: number;
}

/** A whole Dovecot and Postfix of the story's own. */
export class MailServer {
  private constructor(readonly at: Description) {}

  static async up(dir: string, { variant = "stock", delayMs = 0 }: MailOptions = {}): Promise<MailServer> {
    const shape = ["--variant", variant, "--delay-ms", String(delayMs)];
    const printed = await run(xtask, ["mail", "up", "--dir", dir, ...shape, "--owner", String(process.pid)]);
    return new MailServer(JSON.parse(printed) as Description);
  }

  async down(): Promise<void> {
    await this.#do("down");
  }

  /** Ends it as a crash would: connections are cut, ports are closed. */
  async stop(): Promise<void> {
    await this.#do("stop");
  }

  /** Starts it again on the same ports, with the same mailboxes. */
  async start(): Promise<void> {
    await this.#do("start");
  }

  async addAccount(address: string, password: string): Promise<void> {
    await this.#do("add", address, password);
  }

  /** What was delivered so far to an address. */
  async deliveriesTo(address: string): Promise<Delivery[]> {
    const lines = (await readFile(this.at.logs.lmtp, "utf8")).split("\n").filter((line) => line !== "");
    return lines.map((line) => JSON.parse(line) as Delivery).filter(({ to }) => to === address);
  }

  /** Waits until so many mails have been delivered to an address. */
  async delivered(address: string, count: number, ms?: number): Promise<Delivery[]> {
    const look = async (): Promise<Delivery[] | undefined> => {
      const all = await this.deliveriesTo(address);
      return all.length >= count ? all : undefined;
    };
    return until(`${count} mails are delivered`, look, ms);
  }

  /** Posts a mail as it is, past every client. */
  async post(from: string, to: string, mail: string): Promise<void> {
    const socket = connect(this.at.ports.smtp, this.at.host);
    try {
      const replies = createInterface({ input: socket })[Symbol.asyncIterator]();
      const expect = async (code: string): Promise<void> => {
        for (;;) {
          const next = await replies.next();
          if (next.done === true) throw new Error("the mail server closed the connection");
          const line = next.value;
          if (!line.startsWith(code)) throw new Error(`the mail server refused: ${line}`);
          if (line[3] !== "-") return;
        }
      };
      await expect("220");
      const body = mail.replaceAll(/\r?\n/g, "\r\n").replaceAll(/^\./gm, "..");
      const steps = [
        ["EHLO story.example.test", "250"],
        [`MAIL FROM:<${from}>`, "250"],
        [`RCPT TO:<${to}>`, "250"],
        ["DATA", "354"],
        [`${body}\r\n.`, "250"],
      ] as const;
      for (const [line, code] of steps) {
        socket.write(`${line}\r\n`);
        await expect(code);
      }
    } finally {
      socket.destroy();
    }
  }

  async #do(verb: string, ...words: string[]): Promise<void> {
    await run(xtask, ["mail", verb, ...words, "--dir", this.at.dir]);
  }
}
