import type { MailServer } from "../harness/mail.ts";
import { LineSocket } from "./line-socket.ts";

/** How large a raw mail is, in bytes: about what an encrypted invitation was expected to be. */
const SIZE = 6 * 1024;

/**
 * The floor that no call can be faster than: mail by itself, from a submitter of our own to an IMAP client of our
 * own, both with their connections open, over the same TLS ports that everybody uses.
 */
export class RawMail {
  #count = 0;

  private constructor(
    private readonly smtp: LineSocket,
    private readonly imap: LineSocket,
    private readonly from: string,
    private readonly to: string,
  ) {}

  /** Between two accounts that nobody else uses. */
  static async open(mail: MailServer): Promise<RawMail> {
    const [from, to, password] = ["raw-from@example.test", "raw-to@example.test", "raw"];
    await mail.addAccount(from, password);
    await mail.addAccount(to, password);
    const [smtp, imap] = await Promise.all([
      LineSocket.open(mail, "submissions"),
      LineSocket.open(mail, "imaps"),
    ]);
    await smtp.line("220 ");
    smtp.write("EHLO bench.example.test\r\n");
    await smtp.line("250 ");
    smtp.write(`AUTH PLAIN ${Buffer.from(`\0${from}\0${password}`).toString("base64")}\r\n`);
    await smtp.line("235 ");
    imap.write(`1 LOGIN ${to} ${password}\r\n2 SELECT INBOX\r\n3 IDLE\r\n`);
    await imap.line("1 OK");
    await imap.line("2 OK");
    await imap.line("+ ");
    return new RawMail(smtp, imap, from, to);
  }

  /** One mail: ms from the submitter's 250 after DATA to the other client's EXISTS. */
  async deliver(): Promise<number> {
    const { smtp, imap, from, to } = this;
    const number = ++this.#count;
    for (const [words, code] of [
      [`MAIL FROM:<${from}>`, "250 "],
      [`RCPT TO:<${to}>`, "250 "],
      ["DATA", "354 "],
    ] as const) {
      smtp.write(`${words}\r\n`);
      await smtp.line(code);
    }
    const exists = imap.line(`* ${number} EXISTS`);
    // Whoever fails first ends the measurement; the other failure is the same story.
    exists.catch(() => undefined);
    smtp.write(`${this.#mail(number)}\r\n.\r\n`);
    const accepted = await smtp.line("250 ");
    return (await exists).at - accepted.at;
  }

  close(): void {
    this.smtp.close();
    this.imap.close();
  }

  #mail(number: number): string {
    const head = `From: <${this.from}>\r\nTo: <${this.to}>\r\nSubject: raw ${number}\r\nMessage-ID: <raw.${number}@example.test>\r\n\r\n`;
    const line = `${"x".repeat(76)}\r\n`;
    return head + line.repeat(Math.ceil((SIZE - head.length) / line.length)).slice(0, SIZE - head.length - 2);
  }
}
