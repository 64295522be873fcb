import type { Page } from "playwright-core";

import type { ClientMessage } from "../../ui/src/bindings/ClientMessage.ts";
import type { Command } from "../../ui/src/bindings/Command.ts";
import type { ServerMessage } from "../../ui/src/bindings/ServerMessage.ts";
import { PATIENCE_MS, within } from "./wait.ts";

/** A window of Mailcall in a browser, and what it says to its backend. */
export class Window {
  /** Errors and warnings of its console. */
  readonly complaints: string[] = [];
  /** The commands it sent, in order. */
  readonly sent: Command[] = [];
  /** What it and its backend said to each other, for a reader of traces. */
  readonly talk: string[] = [];
  readonly #links: string[] = [];
  readonly #watchers = new Set<() => void>();

  /** What it may complain about, because the story breaks it. */
  forgiven: RegExp | undefined;

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.complaints.push(`uncaught: ${error.message}`));
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      if (this.forgiven?.test(message.text()) === true) return;
      this.complaints.push(`${message.type()}: ${message.text()} (${message.location().url})`);
    });
    page.on("websocket", (socket) => {
      socket.on("framesent", ({ payload }) => {
        const text = payload.toString();
        // The first text is the page's key.
        if (text.startsWith("{")) this.#sends(JSON.parse(text) as ClientMessage);
      });
      socket.on("framereceived", ({ payload }) =>
        this.#receives(JSON.parse(payload.toString()) as ServerMessage),
      );
    });
  }

  /** The link it was asked for last. */
  newestLink(): string | undefined {
    return this.#links.at(-1);
  }

  /** Waits until it has sent such a command. */
  async untilSent(what: string, is: (command: Command) => boolean, ms = PATIENCE_MS): Promise<void> {
    let watcher: (() => void) | undefined;
    const found = new Promise<void>((resolve) => {
      watcher = () => {
        if (this.sent.some(is)) resolve();
      };
      this.#watchers.add(watcher);
      watcher();
    });
    try {
      await within(ms, what, found);
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  #sends({ command }: ClientMessage): void {
    this.talk.push(`${new Date().toISOString()} > ${JSON.stringify(command)}`);
    this.sent.push(command);
    for (const watcher of this.#watchers) watcher();
  }

  #receives(message: ServerMessage): void {
    this.talk.push(`${new Date().toISOString()} < ${JSON.stringify(message)}`);
    if ("event" in message && (message.event.type === "MakeOffer" || message.event.type === "MakeAnswer")) {
      this.#links.push(message.event.link);
    }
  }
}
