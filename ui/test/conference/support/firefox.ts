import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";

/** What the checks need of a page, in whichever browser. */
export interface DrivenPage {
  goto(url: string): Promise<void>;
  /** The value of a JavaScript expression; a promise is awaited. The value must survive JSON. */
  evaluate<T>(expression: string): Promise<T>;
}

/** Ubuntu has it under the plain name only. */
export function firefox(): string {
  const folders = (process.env["PATH"] ?? "").split(":");
  return (
    ["firefox-esr", "firefox"].find((name) => folders.some((one) => existsSync(join(one, name)))) ??
    "firefox-esr"
  );
}

/** Debian's Firefox, driven through WebDriver BiDi, which playwright-core cannot do with an unpatched Firefox. */
export class Firefox implements DrivenPage {
  readonly #process: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #waiting = new Map<
    number,
    { resolve: (value: unknown) => void; reject: (error: Error) => void }
  >();
  #lastId = 0;
  #context = "";

  private constructor(process: ChildProcess, socket: WebSocket, profile: string) {
    this.#process = process;
    this.#socket = socket;
    this.#profile = profile;
    socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString("utf8")) as BidiMessage));
    socket.on("close", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error("Firefox closed its control socket"));
    });
  }

  /** `reach` says where from here the control port of `executable` is; on the loopback interface if it is not given. */
  static async launch(
    preferences: Record<string, boolean | number | string> = {},
    executable = firefox(),
    reach?: (port: number) => Promise<string>,
  ): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), "mailcall-firefox-"));
    const all = {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.autoplay.default": 0,
      ...preferences,
    };
    const lines = Object.entries(all).map(
      ([key, value]) => `user_pref(${JSON.stringify(key)}, ${JSON.stringify(value)});`,
    );
    await writeFile(join(profile, "user.js"), lines.join("\n"));
    const process = spawn(
      executable,
      ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
      { stdio: ["ignore", "ignore", "pipe"] },
    );
    const url = await new Promise<string>((resolve, reject) => {
      let heard = "";
      process.stderr.on("data", (chunk: Buffer) => {
        heard += chunk.toString("utf8");
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(heard)?.[1];
        if (found !== undefined) resolve(found);
      });
      process.once("error", reject);
      process.once("exit", (code) => reject(new Error(`Firefox ended with ${code}: ${heard.slice(-500)}`)));
    });
    const { host, port } = new URL(url);
    const reached = reach === undefined ? url : await reach(Number(port));
    // Firefox listens to nobody who calls it by another name.
    const socket = new WebSocket(`${reached}/session`, { headers: { host } });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const firefox = new Firefox(process, socket, profile);
    await firefox.#ask("session.new", { capabilities: {} });
    const tree = (await firefox.#ask("browsingContext.getTree", {})) as { contexts: { context: string }[] };
    firefox.#context = tree.contexts[0]?.context ?? "";
    return firefox;
  }

  async goto(url: string): Promise<void> {
    await this.#ask("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
  }

  async evaluate<T>(expression: string): Promise<T> {
    const outcome = (await this.#ask("script.evaluate", {
      expression: `(async () => JSON.stringify([await (${expression})]))()`,
      target: { context: this.#context },
      awaitPromise: true,
    })) as { type: string; result?: { value: string }; exceptionDetails?: { text: string } };
    if (outcome.type !== "success") throw new Error(outcome.exceptionDetails?.text ?? "evaluation failed");
    return (JSON.parse(outcome.result?.value ?? "[]") as [T])[0];
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#socket.close();
    this.#process.kill("SIGTERM");
    await ended;
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  #ask(method: string, params: unknown): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take(message: BidiMessage): void {
    const waiter = this.#waiting.get(message.id ?? -1);
    if (waiter === undefined) return;
    this.#waiting.delete(message.id ?? -1);
    if (message.type === "success") waiter.resolve(message.result);
    else waiter.reject(new Error(`${message.error}: ${message.message}`));
  }
}

interface BidiMessage {
  id?: number;
  type: string;
  result?: unknown;
  error?: string;
  message?: string;
}
