import { expect, test } from "vitest";
import { makeRenewal, Signed } from "../../src/conference/overlay";
import { ring } from "./support/bench";
import { Party, type Guest } from "./support/party";

/** Somebody's program can do with its key what ours would not. */
function keysOf({ page, call, keys }: Guest): {
  readonly conference: string;
  readonly keys: Awaited<ReturnType<typeof ring.create>>;
} {
  const conference = page.session.conference(call)?.id ?? "";
  const kept = keys.kept.get(conference);
  if (kept === undefined) throw new Error(`${page.name} kept no key`);
  return { conference, keys: kept.keys };
}

/** Says to Alice, over his open link with her, what Bob signed. */
function tellsAlice(party: Party, item: object): void {
  const [atAlice] = party.ends("Alice", "Bob");
  const groups = [{ replica: "statements", origin: null, items: [item] }];
  atAlice.channel.receive(`c.${JSON.stringify({ t: "items", groups })}`);
}

async function leavesButStays(party: Party): Promise<void> {
  const { conference, keys } = keysOf(party.guest("Bob"));
  tellsAlice(party, (await Signed.make(keys, conference, { t: "leave", stands: [] })).wire);
}

test("Bob says goodbye to the others, and keeps the call's link to listen on: his call ends", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  await leavesButStays(party);
  await party.lives(1000);
  expect(party.others(party.guest("Alice")).map(({ name }) => name)).toEqual(["Carol"]);
  await party.lives(9000);
  expect(party.expelled("Alice")).toEqual(["call-1"]);
  expect(party.expelled("Carol")).toEqual([]);
});

test("Bob hands his seat to a key that is nowhere, and keeps the call's link to listen on: his call ends", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  const { conference, keys } = keysOf(party.guest("Bob"));
  const { wire } = await makeRenewal(keys, await ring.create(), conference);
  tellsAlice(party, wire);
  await party.lives(10_000);
  expect(party.expelled("Alice")).toEqual(["call-1"]);
});

test("Bob's goodbye comes with the end of his call, as always: nobody puts him out", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  await party.leaves("Bob");
  party.page("Alice").session.callEnded("call-1");
  await party.lives(10_000);
  expect(party.expelled("Alice")).toEqual([]);
});

test("Bob has said goodbye and is linked anew by mail under the same key: that call ends, too", async () => {
  const party = await Party.of("Alice", "Bob", "Carol");
  await leavesButStays(party);
  await party.lives(9000);
  await party.mails("Alice", { ...party.guest("Bob"), call: "call-9" }, "link-9");
  await party.lives(9000);
  expect(party.expelled("Alice")).toEqual(["call-1", "call-9"]);
});
