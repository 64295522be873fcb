import { strict as assert } from "node:assert";

import { aliceCallsBob, bobAccepts } from "../harness/scenes.ts";
import { type Stage, stories } from "../harness/story.ts";

const { story } = stories("absence");

/** Alice is at her laptop; Bob's is off. */
async function bobIsAway(stage: Stage, ringSeconds: number) {
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const alice = await aliceHerself.device("laptop", { contacts: [bobHimself], ringSeconds });
  const bob = await bobHimself.device("laptop", { contacts: [aliceHerself], running: false });
  return { alice, bob, alicePage: await alice.open() };
}

story("Bob comes back in time: his laptop rings and he accepts", async (stage) => {
  const { alice, bob, alicePage } = await bobIsAway(stage, 60);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await alice.client.untilCall("Sent", { call });
  await stage.mail.delivered(bob.owner.address, 1);
  assert.equal(alice.client.statesOf(call).includes("Ringing"), false);
  await bob.backend.start();
  await bob.client.untilCall("Ringing", { call });
  const bobPage = await bob.open();
  await bobAccepts({ alice, bob, alicePage, bobPage });
});

story("Bob comes back too late: nothing rings, and he finds a missed call", async (stage) => {
  const { alice, bob, alicePage } = await bobIsAway(stage, 3);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  const { state } = await alice.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "NoDevice" });
  await bob.backend.start();
  const missed = await bob.client.until("Bob's history has the call", () =>
    bob.client.history.find((entry) => entry.call === call),
  );
  assert.deepEqual(missed.end, { type: "Missed" });
  assert.equal(bob.client.statesOf(call).includes("Ringing"), false);
});

story("Alice calls an address that does not exist: she reads the mail server's own words", async (stage) => {
  const aliceHerself = await stage.person("Alice");
  const alice = await aliceHerself.device("laptop");
  await alice.open();
  const [account] = alice.client.accounts;
  assert.ok(account);
  const dialled = (address: string) =>
    alice.client.command({ type: "Call", account: account.account, address, video: true });
  await dialled("nobody@example.test");
  const refused = await alice.client.untilCall("Ended");
  assert.equal(refused.state.reason.type, "Unreachable");
  assert.match(refused.state.reason.type === "Unreachable" ? refused.state.reason.words : "", /User unknown/);
  const answer = await dialled("somebody@nowhere.example.test");
  assert.equal(answer.type, "Called");
  const { state } = await alice.client.untilCall("Ended", {
    call: answer.type === "Called" ? answer.call : "",
  });
  assert.match(
    state.reason.type === "Unreachable" ? state.reason.words : "",
    /There is no such mailbox here/,
  );
});
