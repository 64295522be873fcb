import { strict as assert } from "node:assert";

import { Robot } from "../harness/robot.ts";
import { type Stage, stories } from "../harness/story.ts";

const { story } = stories("automation");

/** Alice and Bob are programs, contacts of each other; no browser is anywhere. */
async function twoRobots(stage: Stage, ringSeconds?: number) {
  const [aliceHerself, bobHimself] = await Promise.all([stage.person("Alice"), stage.person("Bob")]);
  const options = ringSeconds === undefined ? {} : { ringSeconds };
  const [aliceDevice, bobDevice] = await Promise.all([
    aliceHerself.device("server", { contacts: [bobHimself], ...options }),
    bobHimself.device("server", { contacts: [aliceHerself], ...options }),
  ]);
  const [alice, bob] = await Promise.all([Robot.at(aliceDevice), Robot.at(bobDevice)]);
  const [account] = alice.client.accounts;
  assert.ok(account);
  const dial = async (): Promise<string> => {
    const command = {
      type: "Call",
      account: account.account,
      address: bobHimself.address,
      video: true,
    } as const;
    const answer = await alice.client.command(command);
    assert.ok(answer.type === "Called");
    return answer.call;
  };
  return { alice, bob, dial, aliceDevice, bobDevice };
}

story("one program calls, the other accepts, with descriptions of their own", async (stage) => {
  const { alice, bob, dial } = await twoRobots(stage);
  const call = await dial();
  await bob.client.untilCall("Ringing", { call });
  await alice.client.untilCall("Ringing", { call });
  await bob.client.command({ type: "Accept", call, video: true });
  const answered = await alice.client.until("the answer arrives", () => {
    const seen = alice.client.seen.find(({ event }) => event.type === "UseAnswer")?.event;
    return seen?.type === "UseAnswer" ? seen : undefined;
  });
  assert.equal(answered.description, `answer-${answered.link}`);
  await Promise.all([alice.report(answered.link, "Open"), bob.report(answered.link, "Open")]);
  await Promise.all([
    alice.client.untilCall("Connected", { call }),
    bob.client.untilCall("Connected", { call }),
  ]);
  assert.deepEqual(alice.client.statesOf(call), [
    "Preparing",
    "Sending",
    "Sent",
    "Ringing",
    "Connecting",
    "Connected",
  ]);
});

story("nobody takes a program's call", async (stage) => {
  const { alice, bob, dial } = await twoRobots(stage, 3);
  const call = await dial();
  await alice.client.untilCall("Ringing", { call });
  const { state } = await alice.client.untilCall("Ended", { call });
  assert.deepEqual(state.reason, { type: "NoAnswer" });
  const his = await bob.client.untilCall("Ended", { call });
  assert.deepEqual(his.state.reason, { type: "Missed" });
});
