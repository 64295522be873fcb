import { strict as assert } from "node:assert";

import { t } from "../../ui/src/texts/index.ts";
import { aliceCallsBob } from "../harness/scenes.ts";
import { accept } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { type Stage, stories } from "../harness/story.ts";

const { story } = stories("strangers");

/** Bob has never heard of Alice. */
async function aliceIsAStranger(stage: Stage) {
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const [alice, bob] = await Promise.all([aliceHerself.device("laptop"), bobHimself.device("laptop")]);
  const [alicePage, bobPage] = await Promise.all([alice.open(), bob.open()]);
  return { alice, bob, alicePage, bobPage };
}

story("a stranger's call is a request, and she is told nothing", async (stage) => {
  const { alice, bob, alicePage } = await aliceIsAStranger(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await bob.client.untilCall("Requested", { call });
  await alice.client.untilCall("Sent", { call });
  await bob.client.command({ type: "Decline", call });
  await bob.client.untilCall("Ended", { call });
  assert.deepEqual(await stage.mail.deliveriesTo(alice.owner.address), [], "no mail tells that Bob is there");
});

story("Bob lets the stranger ring, and takes the call", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await aliceIsAStranger(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await bobPage.getByRole("button", { name: t.requests.accept }).click();
  await alice.client.untilCall("Ringing", { call });
  await accept(bobPage);
  await Promise.all([sees(alicePage, bob.owner.presence), hears(bobPage, alice.owner.presence)]);
});
