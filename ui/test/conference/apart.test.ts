import { expect, test } from "vitest";
import type { Connection } from "../../src/conference";
import { PATIENCE } from "../../src/conference/health";
import { Page, join, pass, takeCall } from "./support/bench";

/** Alice called Bob and invites Carol; nothing gets through between Bob and Carol. */
async function three(): Promise<{ alice: Page; bob: Page; carol: Page }> {
  const alice = new Page({ participant: "a", name: "Alice" });
  const bob = new Page({ participant: "b", name: "Bob" });
  const carol = new Page({ participant: "c", name: "Carol" });
  await join(alice, bob);
  await takeCall(alice, bob);
  const conference = alice.session.conference("call")?.id ?? null;
  alice.call = "another";
  await join(alice, carol, "second");
  await carol.handle({ type: "UseMedia", link: "second", video: true, hosts: false, conference });
  await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true, conference });
  await pass(2000, alice, bob, carol);
  return { alice, bob, carol };
}

function shown(page: Page, name: string): Connection | undefined {
  return page.session.conference("call")?.participants.find((one) => one.name === name)?.connection;
}

test("two between whom no way is found are apart, and the third is connected to both", async () => {
  const { alice, bob, carol } = await three();
  expect([shown(bob, "Carol"), shown(carol, "Bob")]).toEqual(["connecting", "connecting"]);
  await pass(PATIENCE.introducedOpens, alice, bob, carol);
  expect([shown(bob, "Carol"), shown(carol, "Bob")]).toEqual(["apart", "apart"]);
  expect([shown(alice, "Bob"), shown(alice, "Carol")]).toEqual(["connected", "connected"]);
});

test("they stay apart while another attempt is made, and what one writes the other reads", async () => {
  const { alice, bob, carol } = await three();
  await pass(PATIENCE.introducedOpens + 5000, alice, bob, carol);
  expect([shown(bob, "Carol"), shown(carol, "Bob")]).toEqual(["apart", "apart"]);
  bob.session.room("call")?.documents.say("Can you read this?");
  await pass(1000, alice, bob, carol);
  const lines = carol.session.room("call")?.documents.chat.map(({ text }) => text);
  expect(lines).toEqual(["Can you read this?"]);
});

test("a way that is found after all brings them together", async () => {
  const { alice, bob, carol } = await three();
  await pass(PATIENCE.introducedOpens + 5000, alice, bob, carol);
  bob.peer.channel.other = carol.peer.channel;
  carol.peer.channel.other = bob.peer.channel;
  for (const { peer } of [bob, carol]) {
    peer.becomes("connected", "connected");
    peer.channel.open();
  }
  await pass(1000, alice, bob, carol);
  expect([shown(bob, "Carol"), shown(carol, "Bob")]).toEqual(["connected", "connected"]);
});
