import { strict as assert } from "node:assert";

import { acquainted, aliceCallsBob, bobAccepts } from "../harness/scenes.ts";
import { stories } from "../harness/story.ts";

const DELAY_MS = 3000;
const { story } = stories("slow-mail", { delayMs: DELAY_MS });

story("every mail takes three seconds, and the call is up within one of Bob's Accept", async (stage) => {
  const pair = await acquainted(stage);
  const { alice } = pair;
  const call = await aliceCallsBob(pair);
  await alice.client.untilCall("Ringing", { call });
  await alice.channelOpens();
  const accepted = performance.now();
  await bobAccepts(pair);
  const took = performance.now() - accepted;
  assert.ok(took < DELAY_MS, `no mail is in the way, but it took ${Math.round(took)} ms`);
});
