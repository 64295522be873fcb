import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import { MailServer } from "../harness/mail.ts";
import type { FakeMedia } from "../harness/media.ts";
import { type Device, Person } from "../harness/person.ts";
import { ALICE, BOB, draw } from "./media.ts";
import type { Leftovers } from "./leftovers.ts";

/** Alice and Bob, each with a mailbox, a device that is signed in to it, and a picture. */
export interface Stage {
  readonly dir: string;
  readonly alice: Device;
  readonly bob: Device;
  readonly media: { readonly alice: FakeMedia; readonly bob: FakeMedia };
}

/** What `cargo xtask demo` has already spent on building counts, too. */
const began = performance.now() - Number(process.env["MAILCALL_DEMO_ELAPSED_MS"] ?? 0);

/** One line to the person who watches. */
export function say(text: string): void {
  process.stdout.write(`[${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s] ${text}\n`);
}

/** A mail server, and two devices that are contacts of each other; `running`: their backends are started. */
export async function setUp(dir: string, leftovers: Leftovers, running: boolean): Promise<Stage> {
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  say("starting a mail server for example.test: Dovecot and Postfix, on free ports of this machine only");
  const mail = await MailServer.up(join(dir, "mail"));
  leftovers.add("the mail server", () => mail.down());
  const [alice, bob] = [
    new Person("Alice", "alice@example.test", "alice-password", mail, dir),
    new Person("Bob", "bob@example.test", "bob-password", mail, dir),
  ];
  leftovers.add("the backends", () => Promise.all([alice.close(), bob.close()]));
  say("signing in alice@example.test and bob@example.test, each with a data directory of its own");
  const [alices, bobs, ...media] = await Promise.all([
    device(alice, bob),
    device(bob, alice),
    draw(join(dir, "media"), "alice", ALICE),
    draw(join(dir, "media"), "bob", BOB),
  ]);
  leftovers.stillPlaying();
  if (running) await Promise.all([alices.backend.start(), bobs.backend.start()]);
  return { dir, alice: alices, bob: bobs, media: { alice: media[0], bob: media[1] } };
}

/** A device whose owner knows one person. */
async function device(owner: Person, contact: Person): Promise<Device> {
  const device = await owner.device("laptop", { running: false });
  await device.backend.addContact(contact.address, contact.name);
  return device;
}
