import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { Program, run } from "../../harness/program.ts";

/** Every namespace of a lab begins with this, the id of the process that made it, and what it is in the lab. */
const PREFIX = "mailcall-nat-";

const made = new Set<string>();
let isGuarded = false;

/** A network namespace: a computer with interfaces, routes and a firewall of its own. */
export class Namespace {
  private constructor(readonly name: string) {}

  /** Makes one with nothing but a loopback interface. Needs root. */
  static async add(label: string): Promise<Namespace> {
    if (process.getuid?.() !== 0) throw new Error("The NAT lab makes network namespaces: run it as root.");
    guard();
    const namespace = new Namespace(`${PREFIX}${process.pid}-${label}`);
    made.add(namespace.name);
    await run("ip", ["netns", "add", namespace.name]);
    await namespace.ip("link", "set", "lo", "up");
    await namespace.set("net.ipv6.conf.all.disable_ipv6", 1);
    return namespace;
  }

  /** `ip …` on its interfaces and routes. */
  async ip(...args: string[]): Promise<void> {
    await run("ip", ["-n", this.name, ...args]);
  }

  async set(key: string, value: number): Promise<void> {
    await this.run("sysctl", "-q", "-w", `${key}=${value}`);
  }

  /** Runs a program in it to its end; gives what it printed. */
  run(...command: string[]): Promise<string> {
    return run("ip", ["netns", "exec", this.name, ...command]);
  }

  /** Starts a program in it. */
  start(name: string, command: readonly string[], log: string): Program {
    return Program.start(name, "ip", ["netns", "exec", this.name, ...command], log, process.env);
  }

  /** Ends everything that runs in it, and removes it with its interfaces. */
  remove(): void {
    remove(this.name);
  }
}

/** Lays a cable between two namespaces. */
export async function connect(a: [Namespace, string], b: [Namespace, string]): Promise<void> {
  const [[from, fromName], [to, toName]] = [a, b];
  const peer = ["peer", "name", toName, "netns", to.name];
  await run("ip", ["link", "add", fromName, "netns", from.name, "type", "veth", ...peer]);
  await from.ip("link", "set", fromName, "up");
  await to.ip("link", "set", toName, "up");
}

/** Removes what earlier labs left because they were killed. */
export function sweep(): void {
  for (const name of names()) {
    const owner = Number(name.slice(PREFIX.length).split("-")[0]);
    if (owner !== process.pid && !isAlive(owner)) remove(name);
  }
}

function remove(name: string): void {
  made.delete(name);
  if (!names().includes(name)) return;
  for (const pid of execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n")) {
    if (pid !== "") end(Number(pid));
  }
  // Another lab may have swept it away in this moment.
  spawnSync("ip", ["netns", "delete", name]);
}

function names(): string[] {
  try {
    return readdirSync(join("/run", "netns")).filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Whatever ends this process, but SIGKILL, ends its namespaces. */
function guard(): void {
  if (isGuarded) return;
  isGuarded = true;
  process.on("exit", () => {
    for (const name of [...made]) remove(name);
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(130));
  }
}
