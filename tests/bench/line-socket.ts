import { readFile } from "node:fs/promises";
import { type TLSSocket, connect } from "node:tls";

import type { MailServer } from "../harness/mail.ts";
import { PATIENCE_MS, within } from "../harness/wait.ts";

/** A line with the moment it was read. */
export interface Line {
  readonly at: number;
  readonly text: string;
}

/** A TLS connection to the mail server that speaks in lines and notes when each came. */
export class LineSocket {
  #rest = "";
  readonly #lines: Line[] = [];
  #wake: (() => void) | undefined;
  #error: Error | undefined;

  private constructor(private readonly socket: TLSSocket) {
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    socket.on("data", (text: string) => this.#take(text));
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the mail server closed the connection")));
  }

  static async open(mail: MailServer, port: "imaps" | "submissions"): Promise<LineSocket> {
    const { host, ports, ca } = mail.at;
    const socket = connect({ host, port: ports[port], ca: await readFile(ca) });
    const secured = new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    await within(PATIENCE_MS, `a TLS connection to ${port}`, secured);
    return new LineSocket(socket);
  }

  write(text: string): void {
    this.socket.write(text);
  }

  close(): void {
    this.socket.destroy();
  }

  /** The next line that begins so; the ones before it are dropped. */
  async line(start: string | RegExp, ms = PATIENCE_MS): Promise<Line> {
    return within(ms, `a line ${String(start)}`, this.#find(start));
  }

  async #find(start: string | RegExp): Promise<Line> {
    for (;;) {
      for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
        if (typeof start === "string" ? line.text.startsWith(start) : start.test(line.text)) return line;
      }
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(text: string): void {
    const at = performance.now();
    const lines = (this.#rest + text).split("\r\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#lines.push({ at, text: line });
    this.#wake?.();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }
}
