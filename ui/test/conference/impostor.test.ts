import { expect, test, vi } from "vitest";
import { helloText } from "../../src/conference/message";
import { ring } from "./support/bench";
import { FakePeer } from "./support/fake-peer";
import { Party } from "./support/party";

/** What Bob's program could say on its link with Alice's: who he is, with a key that he has just made. */
async function anotherHello(): Promise<{ key: string; text: object }> {
  const keys = await ring.create();
  const said = { conference: null, running: false };
  const sig = await keys.sign(helloText(said, FakePeer.FINGERPRINT, FakePeer.FINGERPRINT));
  return { key: keys.publicKey, text: { type: "hello", key: keys.publicKey, sig, ...said } };
}

test("Alice has locked the conference: nobody gets in by saying another hello on Bob's link", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  const alice = party.guest("Alice");
  alice.page.session.room(alice.call)?.setLocked(true);
  await party.lives(1000);
  const [toBob] = party.ends("Alice", "Bob");
  const [toCarol] = party.ends("Alice", "Carol");
  const said = vi.spyOn(toCarol.channel, "send");
  const { key, text } = await anotherHello();
  toBob.channel.hear(text);
  await party.lives(2000);
  expect(JSON.stringify(said.mock.calls)).not.toContain(key);
});

test("Alice removes Bob, who said another hello before: their call ends", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  const alice = party.guest("Alice");
  const bob = party.others(alice).find(({ name }) => name === "Bob");
  const [toBob] = party.ends("Alice", "Bob");
  toBob.channel.hear((await anotherHello()).text);
  await party.lives(500);
  alice.page.session.room(alice.call)?.remove(bob?.id ?? "");
  await party.lives(10_000);
  expect(party.expelled("Alice")).toHaveLength(1);
});
