import { describe, expect, test } from "vitest";

import type { ContactView } from "../../../src/bindings/ContactView";
import { callTitle, crowd, participantName } from "../../../src/views/names";
import { callTo, participant } from "./people";

const contacts: ContactView[] = [
  { account: 1, address: "carol@example.test", name: "Auntie Carol", fingerprint: "ab", changed_key: null },
];
const call = callTo("bob", { peer_name: "Bob Okafor" });

describe("somebody is called", () => {
  test("as the call says, if it is the other end of it", () => {
    const unknownYet = participant("", { address: "", calls: [call.call] });
    expect(participantName(unknownYet, call, contacts)).toBe("Bob Okafor");
    expect(participantName(participant("Bobby", { calls: [call.call] }), call, contacts)).toBe("Bob Okafor");
  });

  test("as in the contacts only if they proved the address", () => {
    const claims = participant("Carol", { proof: "introduced", introducedBy: "Bob" });
    const proves = participant("Carol", { introducedBy: "Bob" });
    expect(participantName(claims, call, contacts)).toBe("Carol");
    expect(participantName(proves, call, contacts)).toBe("Auntie Carol");
  });

  test("as they call themselves, else by their address, never by nothing", () => {
    const introduced = { introducedBy: "Bob" };
    expect(participantName(participant("Dora", introduced), call, contacts)).toBe("Dora");
    expect(
      participantName(participant(" ", { ...introduced, address: "x@example.test" }), call, contacts),
    ).toBe("x@example.test");
    expect(participantName(participant("", { ...introduced, address: "" }), call, contacts)).toBe("Somebody");
  });

  test("not as whom the call was with, by saying so", () => {
    const impostor = participant("Mallory", {
      address: "bob@example.test",
      proof: "introduced",
      introducedBy: "Carol",
    });
    expect(participantName(impostor, call, contacts)).toBe("Mallory");
  });

  test("nor by saying nothing, where nobody who is in let them in", () => {
    const founder = participant("Mallory", { address: "", proof: "introduced" });
    expect(participantName(founder, call, contacts)).toBe("Mallory");
  });
});

test("a few are all named, of many two and how many more", () => {
  expect(crowd(["Bob"])).toBe("Bob");
  expect(crowd(["Bob", "Carol"])).toBe("Bob and Carol");
  expect(crowd(["Bob", "Carol", "Dora"])).toBe("Bob, Carol and Dora");
  expect(crowd(["Bob", "Carol", "Dora", "Erik"])).toBe("Bob, Carol and 2 others");
});

test("a call is called by its topic, else by who is in, else by whom it is to reach", () => {
  const conference = {
    call: "bob",
    id: "harbour",
    topic: "",
    locked: false,
    own: { id: "", hand: null, organiser: false, screen: null, quality: "good" as const },
    participants: [participant("Bob", { calls: ["bob"] }), participant("Dora", { introducedBy: "Bob" })],
    speaker: null,
  };
  expect(callTitle(call, null, contacts)).toBe("Bob Okafor");
  expect(callTitle(call, conference, contacts)).toBe("Bob Okafor and Dora");
  expect(callTitle(call, { ...conference, topic: "Harbour budget" }, contacts)).toBe("Harbour budget");
});
