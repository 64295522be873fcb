import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type Socket, connect as dial } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { Namespace, connect, forget, nameOf, sweep } from "./namespace.ts";
import { chromium } from "./paths.ts";
import type { Program } from "./program.ts";
import { serve } from "./sockets.ts";
import { PATIENCE_MS } from "./wait.ts";

/** A computer on a network of its own, and what is needed to use it from this one. */
export class Computer {
  readonly #folder: string;
  readonly #hub: Namespace;
  readonly #programs: Program[] = [];
  readonly #interfaces: string[];
  readonly #addresses: string[];

  constructor(
    hub: Namespace,
    readonly namespace: Namespace,
    addresses: readonly string[],
    /** A program that is Chromium on it: whoever starts it need not know. */
    readonly chromium: string,
    folder: string,
  ) {
    this.#hub = hub;
    this.#folder = folder;
    this.#addresses = [...addresses];
    this.#interfaces = addresses.map((_, index) => `eth${index + 1}`);
  }

  /** One in each network. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** What goes before a command to run it there. */
  get enter(): readonly string[] {
    return ["ip", "netns", "exec", this.namespace.name];
  }

  /** Makes ports of this machine's loopback interface ports of that one's, too, and {@link connect} work. */
  async opens(...ports: readonly number[]): Promise<void> {
    const script = fileURLToPath(new URL("inside/doors.ts", import.meta.url));
    const command = [process.execPath, "--import", import.meta.resolve("tsx"), script, this.#folder];
    const log = join(this.#folder, "doors.log");
    await Promise.all(
      ports.map((port) => serve(join(this.#folder, String(port)), () => dial(port, "127.0.0.1"))),
    );
    const program = this.namespace.start("doors", [...command, ...ports.map(String)], log);
    this.#programs.push(program);
    await program.firstLine(4 * PATIENCE_MS);
  }

  /** A connection to a port of its loopback interface. */
  connect(port: number): Socket {
    const socket = dial(join(this.#folder, "in"));
    socket.write(`${port}\n`);
    return socket;
  }

  /** Lets in only whom it has sent to, as a home router does, from now on. */
  async guards(): Promise<void> {
    await this.namespace.run(
      "nft",
      `table ip door {
        chain in { type filter hook input priority -2; iif lo accept; ct state established,related accept; drop; }
        chain out { type filter hook output priority -2; ct state new accept; }
      }`,
    );
  }

  /** Has nothing to do with one of its networks any more: its interface there is gone, and the address with it. */
  async leaves(network: number): Promise<void> {
    await this.namespace.ip("link", "delete", this.#interfaces[network] ?? "");
    this.#interfaces.splice(network, 1);
    this.#addresses.splice(network, 1);
  }

  /** Has an interface in the first network from now on, in place of one that is gone, with another address. */
  async joins(address: string): Promise<void> {
    const [plug, name] = [`new${address.replaceAll(".", "")}`, "moved"];
    await connect([this.namespace, name], [this.#hub, plug]);
    await this.#hub.ip("link", "set", plug, "master", "net1");
    await this.namespace.ip("address", "add", `${address}/24`, "dev", name);
    this.#interfaces.unshift(name);
    this.#addresses.unshift(address);
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.splice(0).map((program) => program.end()));
  }
}

/**
 * Computers of their own, everyone with an interface in each of some networks that lead nowhere else:
 * `10.NETWORK.0.COMPUTER`. Needs root.
 */
export class Network {
  private constructor(
    readonly computers: readonly Computer[],
    /** Removes all of it, also when it is not all there. */
    readonly close: () => Promise<void>,
  ) {}

  static async open(people: number, networks: number): Promise<Network> {
    sweep();
    const undo: (() => void | Promise<void>)[] = [];
    const close = async (): Promise<void> => {
      for (const step of undo.splice(0).reverse()) await step();
    };
    try {
      const folder = mkdtempSync(join(tmpdir(), nameOf("")));
      undo.push(() => forget(folder));
      const hub = await Namespace.add("hub");
      undo.push(() => hub.remove());
      for (let net = 1; net <= networks; net++) {
        await hub.ip("link", "add", `net${net}`, "type", "bridge");
        await hub.ip("link", "set", `net${net}`, "up");
      }
      const computers: Computer[] = [];
      for (let number = 1; number <= people; number++) {
        const namespace = await Namespace.add(`computer${number}`);
        undo.push(() => namespace.remove());
        // No network is a way into another: what comes from an address comes over the interface that leads there.
        await namespace.set("net.ipv4.conf.all.rp_filter", 1);
        const addresses: string[] = [];
        for (let net = 1; net <= networks; net++) {
          const plug = `c${number}n${net}`;
          await connect([namespace, `eth${net}`], [hub, plug]);
          await hub.ip("link", "set", plug, "master", `net${net}`);
          const address = `10.${net}.0.${number}`;
          await namespace.ip("address", "add", `${address}/24`, "dev", `eth${net}`);
          addresses.push(address);
        }
        const own = mkdtempSync(join(folder, `${number}-`));
        const computer = new Computer(hub, namespace, addresses, await insideOf(namespace, own), own);
        undo.push(() => computer.end());
        computers.push(computer);
      }
      return new Network(computers, close);
    } catch (error) {
      await close();
      throw error;
    }
  }
}

/** What a story of networks lacks here, in a sentence; false if it can be told. */
export function whyNoNetworks(): string | false {
  if (process.getuid?.() !== 0) return "It makes network namespaces: run it as root.";
  const lacking = [["ip", "-V"] as const, ["nft", "-v"] as const].filter(
    ([program, version]) => spawnSync(program, [version]).status !== 0,
  );
  const names = lacking.map(([program]) => program).join(" and ");
  return lacking.length > 0 && `It needs ${names}: install iproute2 and nftables.`;
}

/** Packets from one computer to another, by the pair of their addresses. */
export class Path {
  readonly #from: Computer;
  readonly #to: Computer;

  private constructor(from: Computer, to: Computer) {
    this.#from = from;
    this.#to = to;
  }

  /** Counts them from now on. */
  static async watch(from: Computer, to: Computer): Promise<Path> {
    const counters = to.addresses.map((address, net) => `ip daddr ${address} counter name to${net}`);
    await from.namespace.run(
      "nft",
      `table ip path {
        ${to.addresses.map((_, net) => `counter to${net} {}`).join("\n")}
        chain cut { type filter hook output priority -1; }
        chain out { type filter hook output priority 0; ${counters.join("; ")}; }
        chain in { type filter hook input priority 0; }
      }`,
    );
    return new Path(from, to);
  }

  /** Counts from nought. */
  async forget(): Promise<void> {
    await this.#from.namespace.run("nft", "reset", "counters", "table", "ip", "path");
  }

  /** The number of the network over which most of them went, and how many that were. */
  async busiest(): Promise<{ network: number; packets: number }> {
    const told = await this.#from.namespace.run("nft", "-j", "list", "counters", "table", "ip", "path");
    const { nftables } = JSON.parse(told) as { nftables: { counter?: { name: string; packets: number } }[] };
    const [most] = nftables
      .flatMap(({ counter }) => (counter === undefined ? [] : [counter]))
      .sort((a, b) => b.packets - a.packets);
    if (most === undefined) throw new Error("nothing is counted");
    return { network: Number(most.name.slice(2)), packets: most.packets };
  }

  /** Lets nothing through any more between the two of them in one network, in neither direction. */
  async cut(network: number): Promise<void> {
    const [own, other] = [this.#from.addresses[network], this.#to.addresses[network]];
    await this.#from.namespace.run("nft", `add rule ip path cut ip saddr ${own} ip daddr ${other} drop`);
    await this.#from.namespace.run("nft", `add rule ip path in ip saddr ${other} ip daddr ${own} drop`);
  }

  /** Lets everything through again. */
  async heal(): Promise<void> {
    for (const chain of ["cut", "in"]) await this.#from.namespace.run("nft", `flush chain ip path ${chain}`);
  }
}

async function insideOf(namespace: Namespace, folder: string): Promise<string> {
  const file = join(folder, "chromium");
  await writeFile(file, `#!/bin/sh\nexec ip netns exec ${namespace.name} ${chromium} "$@"\n`, {
    mode: 0o755,
  });
  return file;
}
