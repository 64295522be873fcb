import type { Page } from "playwright-core";

import type { Device, DeviceOptions } from "./person.ts";
import { accept, dial } from "./screen.ts";
import { sees } from "./senses.ts";
import type { Stage } from "./story.ts";

/** Alice and Bob with a laptop each, contacts of each other, with Mailcall open on the screen. */
export interface Pair {
  readonly alice: Device;
  readonly bob: Device;
  readonly alicePage: Page;
  readonly bobPage: Page;
}

/** They are contacts, but have never called: neither has the other's key. */
export async function aliceAndBob(stage: Stage, options: DeviceOptions = {}): Promise<Pair> {
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const [alice, bob] = await Promise.all([
    aliceHerself.device("laptop", { contacts: [bobHimself], ...options }),
    bobHimself.device("laptop", { contacts: [aliceHerself], ...options }),
  ]);
  const [alicePage, bobPage] = await Promise.all([alice.open(), bob.open()]);
  return { alice, bob, alicePage, bobPage };
}

/** Alice and Bob after a first call that Bob declined: each knows the other's key from then on. */
export async function acquainted(stage: Stage, options: DeviceOptions = {}): Promise<Pair> {
  const pair = await aliceAndBob(stage, options);
  const { alice, bob } = pair;
  const call = await aliceCallsBob(pair);
  const ringing = await bob.client.untilCall("Ringing");
  await alice.client.untilCall("Ringing", { call });
  await bob.client.command({ type: "Decline", call: ringing.call });
  await Promise.all([alice.client.untilCall("Ended", { call }), bob.client.untilCall("Ended", { call })]);
  return pair;
}

/** Alice types Bob's address and presses the button; the id of her call. */
export async function aliceCallsBob({
  alice,
  bob,
  alicePage,
}: Pick<Pair, "alice" | "bob" | "alicePage">): Promise<string> {
  const before = new Set(alice.client.calls.keys());
  await alicePage.evaluate(() => (location.hash = "#/"));
  await dial(alicePage, bob.owner.address);
  return alice.client.until("Alice's call begins", () =>
    [...alice.client.calls.keys()].find((id) => !before.has(id)),
  );
}

/** Bob takes Alice's call, and they see each other. */
export async function bobAccepts({ alice, bob, alicePage, bobPage }: Pair): Promise<void> {
  await accept(bobPage);
  await Promise.all([sees(alicePage, bob.owner.presence), sees(bobPage, alice.owner.presence)]);
}
