import { describe, expect, test } from "vitest";

import type { CallView } from "../../../src/bindings/CallView";
import type { ConferenceView, ParticipantView } from "../../../src/conference";
import { headcount, oneMore } from "../../../src/views/headcount";
import { callTo, participant } from "./people";

const harbour = { id: "harbour", topic: "", people: [] };
const bobs = callTo("bob", { conference: harbour });

const view = (participants: readonly ParticipantView[]): ConferenceView => ({
  call: "bob",
  id: "harbour",
  topic: "",
  locked: false,
  own: { id: "alice", hand: null, organiser: true, screen: null, quality: "good" },
  participants,
  speaker: null,
});
const invited = (peer: string, part: Partial<CallView> = {}): CallView =>
  callTo(peer, { conference: harbour, state: { type: "Sent" }, ...part });

describe("who counts", () => {
  const bob = participant("Bob", { calls: ["bob"] });
  const carol = participant("Carol");

  test("Alice, Bob and Carol are three, and Dora, whom Alice asked, makes four", () => {
    const count = headcount(view([bob, carol]), bobs, [bobs, invited("dora")]);
    expect(count).toEqual({ inside: 3, expected: 4 });
  });

  test("Carol, who has just come in while her call connects, counts once", () => {
    const calls = [bobs, invited("carol", { state: { type: "Connecting" } })];
    expect(headcount(view([bob, carol]), bobs, calls)).toEqual({ inside: 3, expected: 3 });
  });

  test("Dora, who said no, does not count", () => {
    const calls = [bobs, invited("dora", { state: { type: "Ended", reason: { type: "NoAnswer" } } })];
    expect(headcount(view([bob]), bobs, calls)).toEqual({ inside: 2, expected: 2 });
  });

  test("Carol, who is waited for and calls, takes her own place; from a second device she takes another", () => {
    const lost = participant("Carol", { connection: "reconnecting" });
    expect(headcount(view([bob, lost]), bobs, [bobs], "carol@example.test").inside).toBe(2);
    expect(headcount(view([bob, carol]), bobs, [bobs], "carol@example.test").inside).toBe(3);
  });
});

test.each([
  [6, 6, "seen"],
  [7, 7, "last"],
  [5, 7, "last"],
  [8, 8, "costs"],
  [6, 8, "costs"],
  [7, 9, "coming"],
  [9, 9, "heard"],
  [9, 15, "heard"],
  [9, 16, "full"],
  [17, 17, "full"],
])("with %i in, and %i with those who were asked, one more means: %s", (inside, expected, meaning) => {
  expect(oneMore({ inside, expected })).toBe(meaning);
});
