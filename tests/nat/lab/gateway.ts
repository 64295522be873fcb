import { Namespace, connect } from "../../harness/namespace.ts";

/**
 * How a gateway gives out its ports. `cone` keeps the port of the device for every destination, so that what a STUN
 * server saw is true for a peer too; `symmetric` takes a random port for each destination; `no UDP` is a cone that lets
 * no UDP out.
 */
export type Nat = "cone" | "symmetric" | "no UDP";

/** How long a gateway remembers who sent to whom: what Linux, and so many a home router, does by itself. */
const UDP_FORGOTTEN_AFTER_S = { unanswered: 30, answered: 120 };

/** A home router: one address for everybody behind it, and nobody comes in who was not written to. */
export class Gateway {
  readonly #namespace: Namespace;

  private constructor(
    namespace: Namespace,
    /** Its own on the public network. */
    readonly address: string,
  ) {
    this.#namespace = namespace;
  }

  /** `lan` is the number of the home network `10.lan.0.0/24`. */
  static async add(
    label: string,
    nat: Nat,
    network: { plug: [Namespace, string]; address: string; lan: number },
  ): Promise<Gateway> {
    const namespace = await Namespace.add(`${label}-gateway`);
    await connect([namespace, "wan"], network.plug);
    await namespace.ip("address", "add", `${network.address}/24`, "dev", "wan");
    await namespace.set("net.ipv4.ip_forward", 1);
    await namespace.run("nft", rules(nat));
    // These exist once something tracks connections.
    await namespace.set("net.netfilter.nf_conntrack_udp_timeout", UDP_FORGOTTEN_AFTER_S.unanswered);
    await namespace.set("net.netfilter.nf_conntrack_udp_timeout_stream", UDP_FORGOTTEN_AFTER_S.answered);
    return new Gateway(namespace, network.address);
  }

  /** Connects a device, which gets the address `10.lan.0.2` and no other way out. */
  async connect(device: Namespace, lan: number): Promise<void> {
    await connect([this.#namespace, "lan"], [device, "eth0"]);
    await this.#namespace.ip("address", "add", `10.${lan}.0.1/24`, "dev", "lan");
    await device.ip("address", "add", `10.${lan}.0.2/24`, "dev", "eth0");
    await device.ip("route", "add", "default", "via", `10.${lan}.0.1`);
  }

  /** How many packets devices behind it sent to `address` so far. */
  async packetsTo(address: string): Promise<number> {
    const listing = await this.#namespace.run("nft", "list set ip home sent_to");
    const count = new RegExp(`${address.replaceAll(".", "\\.")} counter packets (\\d+)`).exec(listing)?.[1];
    return Number(count ?? 0);
  }

  remove(): void {
    this.#namespace.remove();
  }
}

/** Dropping on INPUT matters: a packet the gateway takes for itself would occupy the port its device is about to use. */
function rules(nat: Nat): string {
  return `
    table ip home {
      set sent_to { type ipv4_addr; size 1024; flags dynamic; counter; }
      chain input {
        type filter hook input priority filter; policy accept;
        iifname "wan" ct state new,invalid drop;
      }
      chain forward {
        type filter hook forward priority filter; policy accept;
        iifname "wan" ct state new,invalid drop;${nat === "no UDP" ? "\n        meta l4proto udp drop;" : ""}
        oifname "wan" update @sent_to { ip daddr };
      }
      chain outgoing {
        type nat hook postrouting priority srcnat; policy accept;
        oifname "wan" masquerade${nat === "symmetric" ? " fully-random" : ""};
      }
    }`;
}
