import { mkdtempSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { bundlePage } from "../../../ui/test/conference/support/bundle.ts";
import { Gateway, type Nat } from "./gateway.ts";
import { Home } from "./home.ts";
import { Namespace, forget, nameOf, sweep } from "../../harness/namespace.ts";
import { IceServer } from "./server.ts";

/** The home of each, and the way to remove all of it. */
export type Lab<N extends string = "alice" | "bob"> = Readonly<Record<N, Home>> & {
  /** Also when it is not all there. */
  close(): Promise<void>;
};

/**
 * Homes on a public network of their own, on which there is nobody else but a STUN and TURN server:
 *
 *     alice 10.1.0.2 ── gateway 203.0.113.21 ──┐
 *     bob   10.2.0.2 ── gateway 203.0.113.22 ──┼── coturn 203.0.113.10 and .11
 *     carol 10.3.0.2 ── gateway 203.0.113.23 ──┘
 *
 * No interface leads out of it. It is built, or nothing is left.
 */
export async function openLab<N extends string>(nats: Readonly<Record<N, Nat>>): Promise<Lab<N>> {
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
    const homes: Partial<Record<N, Home>> = {};
    for (const [index, label] of (Object.keys(nats) as N[]).entries()) {
      const [lan, address] = [1 + index, `203.0.113.${21 + index}`];
      const gateway = await Gateway.add(label, nats[label], { plug: [network, label], address, lan });
      undo.push(() => gateway.remove());
      await network.ip("link", "set", label, "master", "bridge");
      const home = await Home.add(label, gateway, lan, folder, page);
      undo.push(() => home.remove());
      homes[label] = home;
    }
    const server = await IceServer.start(network, "bridge", folder);
    undo.push(() => server.stop());
    return { ...(homes as Record<N, Home>), close };
  } catch (error) {
    await close();
    throw error;
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
