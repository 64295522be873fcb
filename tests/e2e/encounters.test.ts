import { strict as assert } from "node:assert";

import { t } from "../../ui/src/texts/index.ts";
import { acquainted, aliceAndBob, aliceCallsBob } from "../harness/scenes.ts";
import { accept, dial } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { stories } from "../harness/story.ts";

const { story } = stories("encounters");

story("Alice and Bob call each other at the same moment: one call goes on, and they meet", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await acquainted(stage);
  await alicePage.evaluate(() => (location.hash = "#/"));
  await bobPage.evaluate(() => (location.hash = "#/"));
  await Promise.all([dial(alicePage, bob.owner.address), dial(bobPage, alice.owner.address)]);
  const [hers, his] = await Promise.all([
    alice.client.untilCall("Connected"),
    bob.client.untilCall("Connected"),
  ]);
  assert.equal(hers.call, his.call);
  await Promise.all([sees(alicePage, bob.owner.presence), sees(bobPage, alice.owner.presence)]);
});

story(
  "Carol calls Bob while he talks with Alice: he hangs up with Alice and takes Carol's call",
  async (stage) => {
    const pair = await aliceAndBob(stage);
    const { alice, bob, alicePage, bobPage } = pair;
    const carolHerself = await stage.person("Carol");
    const carol = await carolHerself.device("laptop");
    const [account] = bob.client.accounts;
    assert.ok(account);
    await bob.client.command({
      type: "PutContact",
      account: account.account,
      address: carolHerself.address,
      name: "",
    });
    const first = await aliceCallsBob(pair);
    await accept(bobPage);
    await sees(bobPage, alice.owner.presence);
    const carolPage = await carol.open();
    await dial(carolPage, bob.owner.address);
    const waiting = await bob.client.untilCall("Ringing");
    assert.equal(waiting.waiting, true);
    await bobPage.getByRole("button", { name: t.ongoing.switchTo }).click();
    await alice.client.untilCall("Ended", { call: first });
    await Promise.all([sees(carolPage, bob.owner.presence), sees(bobPage, carol.owner.presence)]);
    await assert.rejects(sees(alicePage, bob.owner.presence, 500), "Alice no longer sees Bob");
  },
);

story("Jürgen's address is not ASCII: Alice calls it, and they hear each other", async (stage) => {
  const [aliceHerself, juergen] = await Promise.all([stage.person("Alice"), stage.person("Bob", "jürgen")]);
  const [alice, bob] = await Promise.all([
    aliceHerself.device("laptop", { contacts: [juergen] }),
    juergen.device("laptop", { contacts: [aliceHerself] }),
  ]);
  const [alicePage, bobPage] = await Promise.all([alice.open(), bob.open()]);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await alice.client.untilCall("Ringing", { call });
  await accept(bobPage, "audio");
  await Promise.all([hears(alicePage, juergen.presence), hears(bobPage, aliceHerself.presence)]);
});
