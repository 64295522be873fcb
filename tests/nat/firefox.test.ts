import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";

import { call, configure, record } from "./lab/call.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import { settings } from "./lab/server.ts";

void describe("One of Alice and Bob, behind cone NATs, is at Firefox", { concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ alice: "cone", bob: "cone" });
  });
  after(() => lab?.close());

  for (const [hers, his] of [
    ["Chromium", "Firefox"],
    ["Firefox", "Chromium"],
  ] as const) {
    for (const secondsLate of [2, 90]) {
      const name = `Alice at ${hers} calls Bob at ${his}: his answer takes ${secondsLate} s, and the channel opens`;
      void test(name, async (story) => {
        const [alice, bob] = await Promise.all([lab.alice.person(hers), lab.bob.person(his)]);
        await Promise.all([alice, bob].map((person) => configure(person, settings())));
        const outcome = await call(alice, bob, { secondsLate });
        story.diagnostic(await record(`cone/cone, ${hers}/${his}, ${secondsLate} s`, outcome));
        assert.equal(outcome.state, "Open");
        await bob.linkIs("link", "Open");
      });
    }
  }
});
