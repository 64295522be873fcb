import { type ChildProcess, execFile, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

import { within } from "./wait.ts";

const execute = promisify(execFile);

/** Runs a program to its end; gives what it printed, or fails with what it complained about. */
export async function run(file: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute(file, [...args], { maxBuffer: 16 << 20 });
  return stdout;
}

/** A program that runs beside the story. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<string>;
  readonly #lines: string[] = [];
  #wake: (() => void) | undefined;

  private constructor(
    readonly name: string,
    child: ChildProcess,
  ) {
    this.#child = child;
    this.#ended = new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit status ${code}`));
    });
    if (child.stdout === null) throw new Error(`${name} has no standard output`);
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#lines.push(line);
      this.#wake?.();
    });
  }

  /** Starts it; its standard error is appended to `log`. */
  static start(
    name: string,
    file: string,
    args: readonly string[],
    log: string,
    env: NodeJS.ProcessEnv,
  ): Program {
    const out = openSync(log, "a");
    try {
      return new Program(name, spawn(file, [...args], { stdio: ["ignore", "pipe", out], env }));
    } finally {
      closeSync(out);
    }
  }

  get pid(): number {
    const { pid } = this.#child;
    if (pid === undefined) throw new Error(`${this.name} did not start`);
    return pid;
  }

  /** Its first line on standard output; fails when it ends before. */
  async firstLine(ms: number): Promise<string> {
    const line = new Promise<string>((resolve) => {
      const look = (): void => {
        const [first] = this.#lines;
        if (first !== undefined) resolve(first);
      };
      this.#wake = look;
      look();
    });
    const ended = this.#ended.then((how) => {
      throw new Error(`${this.name} ended (${how}) before it said anything`);
    });
    ended.catch(() => undefined);
    return within(ms, `${this.name} is ready`, Promise.race([line, ended]));
  }

  /** Waits until it ends by itself; gives how. */
  async ended(ms: number): Promise<string> {
    return within(ms, `${this.name} ends`, this.#ended);
  }

  /** Sends a signal and waits for the end; insists after 5 s. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<string> {
    this.#child.kill(signal);
    try {
      return await within(5_000, `${this.name} ends after ${signal}`, this.#ended);
    } catch (error) {
      this.#child.kill("SIGKILL");
      await this.#ended;
      throw error;
    }
  }
}
