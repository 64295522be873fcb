import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";

import { decode } from "../../ui/src/conference/description.ts";
import { call, configure, record } from "./lab/call.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import { settings } from "./lab/server.ts";

void describe("one of Alice and Bob, behind cone NATs, wants only relays", () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ alice: "cone", bob: "cone" });
  });
  after(() => lab?.close());

  for (const [who, wish] of [
    ["Alice, who calls,", { alice: true, bob: false }],
    ["Bob, who is called,", { alice: false, bob: true }],
  ] as const) {
    void test(`${who} shows no address and sends nothing to the other's network`, async (story) => {
      const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
      await configure(alice, settings({ turn: wish.alice, relayOnly: wish.alice }));
      await configure(bob, settings({ turn: wish.bob, relayOnly: wish.bob }));
      const outcome = await call(alice, bob, { secondsLate: 0 });
      const name = `cone/cone, relay only: ${who.split(",")[0]}, Chromium/Chromium, 0 s`;
      story.diagnostic(await record(name, outcome));
      assert.equal(outcome.state, "Open");
      await bob.linkIs("link", "Open");
      const hidden = decode(wish.alice ? outcome.offer : outcome.answer);
      const open = decode(wish.alice ? outcome.answer : outcome.offer);
      assert.deepEqual(
        hidden.candidates.map(({ type }) => type),
        ["relay"],
      );
      assert.ok(open.candidates.some(({ type }) => type === "srflx"));
      assert.equal(await lab.alice.gateway.packetsTo(lab.bob.gateway.address), 0);
      assert.equal(await lab.bob.gateway.packetsTo(lab.alice.gateway.address), 0);
    });
  }

  void test("nobody wants it any more: the same counters see a direct call", async () => {
    const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
    await Promise.all([alice, bob].map((person) => configure(person, settings({ turn: true }))));
    assert.equal((await call(alice, bob, { secondsLate: 0 })).state, "Open");
    assert.ok((await lab.alice.gateway.packetsTo(lab.bob.gateway.address)) > 0);
    assert.ok((await lab.bob.gateway.packetsTo(lab.alice.gateway.address)) > 0);
  });
});
