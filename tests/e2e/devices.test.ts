import { strict as assert } from "node:assert";

import type { Page } from "playwright-core";

import { aliceCallsBob } from "../harness/scenes.ts";
import { accept } from "../harness/screen.ts";
import { sees } from "../harness/senses.ts";
import { type Stage, stories } from "../harness/story.ts";

const { story } = stories("devices");

/** Bob has a laptop and a phone, both of them on. */
async function bobHasTwoDevices(stage: Stage) {
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const alice = await aliceHerself.device("laptop", { contacts: [bobHimself] });
  const laptop = await bobHimself.device("laptop", { contacts: [aliceHerself], running: false });
  const phone = await bobHimself.device("phone", { contacts: [aliceHerself], sibling: laptop });
  await laptop.backend.start();
  const alicePage = await alice.open();
  return { alice, laptop, phone, alicePage, dial: () => aliceCallsBob({ alice, bob: laptop, alicePage }) };
}

story("both of Bob's devices ring; the one he takes connects, the other stops", async (stage) => {
  const { alice, laptop, phone, alicePage, dial } = await bobHasTwoDevices(stage);
  const [, phonePage]: Page[] = await Promise.all([laptop.open(), phone.open()]);
  assert.ok(phonePage);
  const call = await dial();
  await Promise.all([
    laptop.client.untilCall("Ringing", { call }),
    phone.client.untilCall("Ringing", { call }),
  ]);
  await accept(phonePage);
  const { state } = await laptop.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "AnsweredElsewhere" });
  await Promise.all([
    sees(alicePage, phone.owner.presence),
    sees(phonePage, alice.owner.presence),
    alice.client.untilCall("Connected", { call }),
  ]);
});

story("Bob declines on the phone: the laptop stops ringing, too", async (stage) => {
  const { alice, laptop, phone, dial } = await bobHasTwoDevices(stage);
  const call = await dial();
  await Promise.all([
    laptop.client.untilCall("Ringing", { call }),
    phone.client.untilCall("Ringing", { call }),
  ]);
  await phone.client.command({ type: "Decline", call });
  const { state } = await laptop.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "AnsweredElsewhere" });
  const hers = await alice.client.untilCall("Ended", { call });
  assert.equal(hers.state.reason.type, "Declined");
});
