import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Program, run } from "./program.ts";

/** Everything of a lab is called so, with the id of the process that made it, and what it is in the lab. */
const PREFIX = "mailcall-nat-";

/** A name for something of a lab of this process. */
export function nameOf(label: string): string {
  return `${PREFIX}${process.pid}-${label}`;
}

/** Where `ip netns` keeps the names. */
const NAMESPACES = "/run/netns";

const made = new Set<string>();
let isGuarded = false;

/** A network namespace: a computer with interfaces, routes and a firewall of its own. */
export class Namespace {
  private constructor(readonly name: string) {}

  /** Makes one with nothing but a loopback interface. Needs root. */
  static async add(label: string): Promise<Namespace> {
    if (process.getuid?.() !== 0) throw new Error("The NAT lab makes network namespaces: run it as root.");
    guard();
    const namespace = new Namespace(nameOf(label));
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
  for (const name of orphans(NAMESPACES)) remove(name);
  for (const name of orphans(tmpdir())) forget(join(tmpdir(), name));
}

/** Removes a folder of a lab. */
export function forget(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

function orphans(folder: string): string[] {
  return namesIn(folder).filter((name) => {
    const owner = Number(name.slice(PREFIX.length).split("-")[0]);
    return Number.isInteger(owner) && !isAlive(owner);
  });
}

function remove(name: string): void {
  made.delete(name);
  if (!namesIn(NAMESPACES).includes(name)) return;
  for (const pid of execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n")) {
    if (pid !== "") end(Number(pid));
  }
  // Another lab may have swept it away in this moment.
  spawnSync("ip", ["netns", "delete", name]);
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(PREFIX)) : [];
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
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
