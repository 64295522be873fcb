import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";

import { call, configure, record } from "./lab/call.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import { settings } from "./lab/server.ts";

void describe("Alice and Bob behind cone NATs, with STUN only", { concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ alice: "cone", bob: "cone" });
  });
  after(() => lab?.close());

  for (const secondsLate of [2, 30, 90]) {
    void test(`Bob's answer takes ${secondsLate} s, and the channel opens`, async (story) => {
      const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
      await Promise.all([alice, bob].map((person) => configure(person, settings())));
      const outcome = await call(alice, bob, { secondsLate });
      story.diagnostic(await record(`cone/cone, Chromium/Chromium, ${secondsLate} s`, outcome));
      assert.equal(outcome.state, "Open");
      await bob.linkIs("link", "Open");
    });
  }

  void test("the lab forgets: if Bob's page does not try again, an answer after 60 s finds nobody", async (story) => {
    const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
    await Promise.all([alice, bob].map((person) => configure(person, settings())));
    await bob.evaluate("void (RTCPeerConnection.prototype.addIceCandidate = () => Promise.resolve())");
    const outcome = await call(alice, bob, { secondsLate: 60 });
    story.diagnostic(await record("cone/cone, Chromium/Chromium, 60 s, without the cure", outcome));
    assert.equal(outcome.state, "Lost");
  });
});
