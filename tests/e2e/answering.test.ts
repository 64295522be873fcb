import { strict as assert } from "node:assert";

import { acquainted, aliceAndBob, aliceCallsBob, bobAccepts } from "../harness/scenes.ts";
import { accept, decline, hangUp, reads } from "../harness/screen.ts";
import { hears, sees } from "../harness/senses.ts";
import { stories } from "../harness/story.ts";

const { story } = stories("answering");

story("Bob accepts Alice's first call: they see and hear each other until she hangs up", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await aliceAndBob(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await bob.client.untilCall("Ringing", { call });
  await alice.client.untilCall("Ringing", { call });
  await accept(bobPage);
  await Promise.all([
    alice.client.untilCall("Connected", { call }),
    bob.client.untilCall("Connected", { call }),
  ]);
  await Promise.all([
    sees(alicePage, bob.owner.presence),
    hears(alicePage, bob.owner.presence),
    sees(bobPage, alice.owner.presence),
    hears(bobPage, alice.owner.presence),
  ]);
  await hangUp(alicePage);
  const [hers, his] = await Promise.all([
    alice.client.untilCall("Ended", { call }),
    bob.client.untilCall("Ended", { call }),
  ]);
  assert.deepEqual(hers.state.reason, { type: "HungUp", by_peer: false });
  assert.deepEqual(his.state.reason, { type: "HungUp", by_peer: true });
});

story("Alice sees ringing only after Bob's device said so", async (stage) => {
  const { alice, bob, alicePage } = await aliceAndBob(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await alice.client.untilCall("Ringing", { call });
  assert.deepEqual(alice.client.statesOf(call), ["Preparing", "Sending", "Sent", "Ringing"]);
  assert.deepEqual((await stage.mail.deliveriesTo(alice.owner.address)).length, 1);
});

story(
  "a verified call is answered early: two mails in all, nothing is seen before Bob accepts",
  async (stage) => {
    const pair = await acquainted(stage);
    const { alice, bob, alicePage, bobPage } = pair;
    const count = async (): Promise<number> =>
      (await stage.mail.deliveriesTo(alice.owner.address)).length +
      (await stage.mail.deliveriesTo(bob.owner.address)).length;
    const before = await count();
    const call = await aliceCallsBob(pair);
    await alice.client.untilCall("Ringing", { call });
    await alice.channelOpens();
    assert.equal(bob.client.calls.get(call)?.verified, true);
    await assert.rejects(sees(alicePage, bob.owner.presence, 700), "Bob is not seen before he accepts");
    await bobAccepts(pair);
    await hangUp(bobPage);
    await Promise.all([alice.client.untilCall("Ended", { call }), bob.client.untilCall("Ended", { call })]);
    assert.equal((await count()) - before, 2, "one invitation, one ringing with the answer");
  },
);

story("Bob hides his address until he answers: his answer comes with his accept", async (stage) => {
  const pair = await acquainted(stage);
  const { alice, bob } = pair;
  const settings = await bob.settings();
  await bob.client.command({ type: "SetSettings", settings: { ...settings, hide_until_answer: true } });
  const mails = (await stage.mail.deliveriesTo(alice.owner.address)).length;
  const call = await aliceCallsBob(pair);
  await alice.client.untilCall("Ringing", { call });
  await bobAccepts(pair);
  assert.equal(
    (await stage.mail.deliveriesTo(alice.owner.address)).length - mails,
    2,
    "ringing, then accept",
  );
});

story("Bob declines: Alice is told so", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await aliceAndBob(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await decline(bobPage);
  const { state } = await alice.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "Declined", reason: "declined" });
  await reads(alicePage, "declined");
});

story("Alice takes her call back: Bob's device stops ringing and he has missed it", async (stage) => {
  const { alice, bob, alicePage, bobPage } = await aliceAndBob(stage);
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await bob.client.untilCall("Ringing", { call });
  await alice.client.untilCall("Ringing", { call });
  await hangUp(alicePage);
  const { state } = await bob.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "Cancelled" });
  await bobPage.getByRole("button", { name: "Accept with video" }).waitFor({ state: "hidden" });
});

story("Bob does not answer: it stops ringing on both sides", async (stage) => {
  const { alice, bob, alicePage } = await aliceAndBob(stage, { ringSeconds: 4 });
  const call = await aliceCallsBob({ alice, bob, alicePage });
  await alice.client.untilCall("Ringing", { call });
  const [hers, his] = await Promise.all([
    alice.client.untilCall("Ended", { call }),
    bob.client.untilCall("Ended", { call }),
  ]);
  assert.deepEqual(hers.state.reason, { type: "NoAnswer" });
  assert.deepEqual(his.state.reason, { type: "Missed" });
});
