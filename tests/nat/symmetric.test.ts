import { strict as assert } from "node:assert";
import { after, before, describe, test } from "node:test";

import type { Person } from "../../ui/test/conference/support/person.ts";
import { call, configure, record, type Outcome } from "./lab/call.ts";
import { type Lab, openLab } from "./lab/lab.ts";
import { settings } from "./lab/server.ts";

/** A caller who gives up sooner would miss a callee whose next attempt is yet to come. */
const CALLER_WAITS_MS = 60_000;

void describe("Alice and Bob behind symmetric NATs, both at Chromium", { concurrency: true }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab({ alice: "symmetric", bob: "symmetric" });
  });
  after(() => lab?.close());

  async function attempt(
    turn: { alice: boolean; bob: boolean },
    secondsLate: number,
  ): Promise<{ alice: Person; bob: Person; outcome: Outcome }> {
    const [alice, bob] = await Promise.all([lab.alice.person("Chromium"), lab.bob.person("Chromium")]);
    await configure(alice, settings({ turn: turn.alice }));
    await configure(bob, settings({ turn: turn.bob }));
    return { alice, bob, outcome: await call(alice, bob, { secondsLate }) };
  }

  for (const [who, turn] of [
    ["both", { alice: true, bob: true }],
    ["only Bob, who is called,", { alice: false, bob: true }],
    ["only Alice, who calls,", { alice: true, bob: false }],
  ] as const) {
    for (const secondsLate of [2, 30, 90]) {
      void test(`${who} with TURN: the answer takes ${secondsLate} s, and the channel opens`, async (story) => {
        const { bob, outcome } = await attempt(turn, secondsLate);
        const name = `symmetric/symmetric, TURN: ${who.split(",")[0]}, Chromium/Chromium, ${secondsLate} s`;
        story.diagnostic(await record(name, outcome));
        assert.equal(outcome.state, "Open");
        assert.match(outcome.path ?? "", /relay/);
        await bob.linkIs("link", "Open");
      });
    }
  }

  void test("nobody with TURN: it never connects, and after a minute Alice's page says so", async (story) => {
    const { alice, bob, outcome } = await attempt({ alice: false, bob: false }, 2);
    story.diagnostic(await record("symmetric/symmetric, no TURN, Chromium/Chromium, 2 s", outcome));
    assert.equal(outcome.state, "Lost");
    assert.ok(outcome.ms >= CALLER_WAITS_MS, `gave up after ${outcome.ms} ms`);
    assert.deepEqual(await statesOf(alice), ["Failing", "Lost"]);
    assert.deepEqual(
      await statesOf(bob),
      ["Failing"],
      "Bob's side still waits for an answer that may be late",
    );
  });
});

async function statesOf(person: Person): Promise<string[]> {
  const reports = await person.reports();
  return reports.flatMap((report) => (report.type === "LinkState" ? [report.state] : []));
}
