import { join } from "node:path";

import type { LinkSettings } from "../../../ui/src/conference/types.ts";
import type { Program } from "../../harness/program.ts";
import { until } from "../../harness/wait.ts";
import { Namespace } from "../../harness/namespace.ts";

const USERNAME = "lab";
const CREDENTIAL = "only-in-the-lab";

/** coturn on the public network. It has two addresses, so that a device can see whether its NAT is a cone. */
export class IceServer {
  static readonly ADDRESSES = ["203.0.113.10", "203.0.113.11"] as const;

  readonly #program: Program;

  private constructor(program: Program) {
    this.#program = program;
  }

  static async start(network: Namespace, device: string, folder: string): Promise<IceServer> {
    const [address, second] = IceServer.ADDRESSES;
    for (const one of IceServer.ADDRESSES) await network.ip("address", "add", `${one}/24`, "dev", device);
    // Without a default route coturn finds no address to relay from; nobody is at the end of this one.
    await network.ip("route", "add", "default", "via", "203.0.113.254");
    const program = network.start(
      "coturn",
      [
        ...["turnserver", "-n", "--no-cli", "--no-tls", "--no-dtls", "--log-file=stdout", "--simple-log"],
        ...[`--listening-ip=${address}`, `--listening-ip=${second}`, `--relay-ip=${address}`],
        ...["--lt-cred-mech", "--realm=example.test", `--user=${USERNAME}:${CREDENTIAL}`],
        ...[`--pidfile=${join(folder, "coturn.pid")}`, `--userdb=${join(folder, "coturn.db")}`],
      ],
      join(folder, "coturn.log"),
    );
    await until("coturn listens", async () => {
      const sockets = await network.run("cat", "/proc/net/udp");
      return sockets.includes(`${hex(address)}:0D96`) && sockets.includes(`${hex(second)}:0D96`)
        ? true
        : undefined;
    });
    return new IceServer(program);
  }

  async stop(): Promise<void> {
    await this.#program.end("SIGTERM");
  }
}

export interface Wishes {
  /** Over which a TURN server is spoken to; true is UDP. */
  readonly turn?: boolean | "tcp";
  readonly relayOnly?: boolean;
}

/** What somebody has in the settings. */
export function settings({ turn = false, relayOnly = false }: Wishes = {}): LinkSettings {
  const [address] = IceServer.ADDRESSES;
  const transport = turn === "tcp" ? "tcp" : "udp";
  return {
    stun: [`stun:${address}:3478`],
    turn:
      turn === false
        ? []
        : [
            {
              url: `turn:${address}:3478?transport=${transport}`,
              username: USERNAME,
              credential: CREDENTIAL,
            },
          ],
    relay_only: relayOnly,
  };
}

/** As `/proc/net/udp` writes an address. */
function hex(address: string): string {
  const bytes = address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"));
  return bytes.reverse().join("").toUpperCase();
}
