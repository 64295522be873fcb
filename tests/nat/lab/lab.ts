import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundlePage } from "../../../ui/test/conference/support/bundle.ts";
import { Gateway, type Nat } from "./gateway.ts";
import { Home } from "./home.ts";
import { Namespace, forget, nameOf, sweep } from "./namespace.ts";
import { IceServer } from "./server.ts";

/** The addresses of the two gateways on the public network. */
export const ALICES_ADDRESS = "203.0.113.21";
export const BOBS_ADDRESS = "203.0.113.22";

/**
 * Two homes on a public network of their own, on which there is nobody else but a STUN and TURN server:
 *
 *     alice 10.1.0.2 ── gateway 203.0.113.21 ──┐
 *                                              ├── coturn 203.0.113.10 and .11
 *     bob   10.2.0.2 ── gateway 203.0.113.22 ──┘
 *
 * No interface leads out of it.
 */
export class Lab {
  private constructor(
    readonly alice: Home,
    readonly bob: Home,
    /** Removes all of it, also when it is not all there. */
    readonly close: () => Promise<void>,
  ) {}

  /** Builds it, or leaves nothing. */
  static async open(alices: Nat, bobs: Nat): Promise<Lab> {
    sweep();
    const undo: (() => void | Promise<void>)[] = [];
    const close = async (): Promise<void> => {
      const failures: unknown[] = [];
      for (const step of undo.splice(0).reverse()) {
        try {
          await step();
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, "the lab did not close cleanly");
    };
    try {
      const network = await Namespace.add("public");
      undo.push(() => network.remove());
      const folder = temporaryFolder(undo);
      const page = join(folder, "page.js");
      await writeFile(page, await bundlePage());
      await network.ip("link", "add", "bridge", "type", "bridge");
      await network.ip("link", "set", "bridge", "up");
      const home = async (label: string, nat: Nat, address: string, lan: number): Promise<Home> => {
        const gateway = await Gateway.add(label, nat, { plug: [network, label], address, lan });
        undo.push(() => gateway.remove());
        await network.ip("link", "set", label, "master", "bridge");
        const home = await Home.add(label, gateway, lan, folder, page);
        undo.push(() => home.remove());
        return home;
      };
      const alice = await home("alice", alices, ALICES_ADDRESS, 1);
      const bob = await home("bob", bobs, BOBS_ADDRESS, 2);
      const server = await IceServer.start(network, "bridge", folder);
      undo.push(() => server.stop());
      return new Lab(alice, bob, close);
    } catch (error) {
      await close();
      throw error;
    }
  }
}

/** A folder for everything, also for what the browsers leave: their launchers ask the environment where to. */
function temporaryFolder(undo: (() => void)[]): string {
  const before = tmpdir();
  const folder = mkdtempSync(join(before, nameOf("")));
  const forgetIt = (): void => forget(folder);
  process.env["TMPDIR"] = folder;
  process.on("exit", forgetIt);
  undo.push(() => {
    process.env["TMPDIR"] = before;
    process.off("exit", forgetIt);
    forgetIt();
  });
  return folder;
}
