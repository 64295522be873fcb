import { describe, expect, test } from "vitest";

import type { HistoryEntry } from "../../../src/bindings/HistoryEntry";
import { invitations, isPending, leaderOf, waysBack } from "../../../src/views/conferences";
import { callTo } from "./people";

const MINUTE = 60_000;
const harbour = { id: "harbour", topic: "Harbour budget", people: [] };
const other = { ...harbour, id: "other" };

const past = (peer: string, part: Partial<HistoryEntry> = {}): HistoryEntry => ({
  call: peer,
  account: 1,
  direction: "Outgoing",
  peer: `${peer}@example.test`,
  peer_name: "",
  video: true,
  began: 0,
  talked_s: 60,
  end: { type: "HungUp", by_peer: false },
  conference: harbour,
  ways: [],
  ...part,
});

describe("calls of one conference are one", () => {
  const bob = callTo("bob", { conference: harbour });
  const carol = callTo("carol", { conference: harbour });
  const history = [past("carol", { began: 2000, end: null }), past("bob", { began: 1000, end: null })];

  test("the oldest stands for all, in whichever order they are known", () => {
    for (const calls of [
      [bob, carol],
      [carol, bob],
    ])
      expect(leaderOf(carol, { calls, history })).toBe(bob);
  });

  test("somebody who is only invited stands for nobody", () => {
    const ringing = callTo("dora", { conference: harbour, state: { type: "Ringing", device_name: "" } });
    expect(leaderOf(ringing, { calls: [ringing, carol], history })).toBe(carol);
  });

  test("calls of other conferences and of none stand for themselves", () => {
    const erik = callTo("erik", { conference: other });
    const femi = callTo("femi");
    const calls = [bob, erik, femi];
    expect(calls.map((call) => leaderOf(call, { calls, history }))).toEqual(calls);
  });

  test("when the oldest is over, the next one stands for them", () => {
    const over = callTo("bob", {
      conference: harbour,
      state: { type: "Ended", reason: { type: "HungUp", by_peer: true } },
    });
    expect(leaderOf(over, { calls: [over, carol], history })).toBe(carol);
  });
});

describe("invitations", () => {
  test("are those that were made from here into this conference, the last one to each", () => {
    const declined = callTo("erik", {
      call: "first",
      conference: harbour,
      state: { type: "Ended", reason: { type: "Declined", reason: "busy" } },
    });
    const again = callTo("erik", { call: "second", conference: harbour, state: { type: "Sent" } });
    const calls = [
      callTo("bob", { conference: harbour }),
      declined,
      again,
      callTo("dora", { conference: other, state: { type: "Sent" } }),
      callTo("femi", { conference: harbour, direction: "Incoming" }),
    ];
    expect(invitations(calls, "harbour", "bob").map(({ call }) => call)).toEqual(["second"]);
  });

  test("are pending until somebody is in or they are over", () => {
    expect(isPending(callTo("bob", { state: { type: "Sent" } }))).toBe(true);
    expect(isPending(callTo("bob", { state: { type: "Connected" } }))).toBe(false);
    expect(isPending(callTo("bob", { state: { type: "Ended", reason: { type: "NoAnswer" } } }))).toBe(false);
  });
});

describe("the way back", () => {
  const now = 100 * MINUTE;
  const ways = (entries: HistoryEntry[], running = [] as ReturnType<typeof callTo>[]) =>
    waysBack(entries, running, now).map(({ entry, peer }) => (peer === entry.peer ? entry.call : peer));

  test("is the newest call to each one with whom the user was in a conference that was left lately", () => {
    const again = past("carol", { call: "carol again", began: 95 * MINUTE });
    const entries = [again, past("carol", { began: 90 * MINUTE }), past("bob", { began: 80 * MINUTE })];
    expect(ways(entries)).toEqual(["carol again", "bob"]);
  });

  test("does not lead to somebody who hung up while others stayed", () => {
    const hungUp = { type: "HungUp", by_peer: true } as const;
    const [carol, bob] = [
      past("carol", { began: 90 * MINUTE, end: hungUp }),
      past("bob", { began: 80 * MINUTE }),
    ];
    expect(ways([carol, bob])).toEqual(["bob"]);
    expect(ways([carol, { ...bob, end: hungUp }])).toEqual(["carol", "bob"]);
  });

  test("leads to each of several conferences", () => {
    const entries = [
      past("carol", { began: 90 * MINUTE }),
      past("bob", { began: 80 * MINUTE, conference: other }),
    ];
    expect(ways(entries)).toEqual(["carol", "bob"]);
  });

  test("is closed after an hour, while the user is in, and for who never was", () => {
    expect(ways([past("bob", { began: 10 * MINUTE })])).toEqual([]);
    expect(ways([past("bob", { began: 90 * MINUTE })], [callTo("dora", { conference: harbour })])).toEqual(
      [],
    );
    expect(ways([past("bob", { began: 90 * MINUTE, talked_s: null, end: { type: "NoAnswer" } })])).toEqual(
      [],
    );
    expect(ways([past("bob", { began: 90 * MINUTE, conference: null })])).toEqual([]);
  });

  test("is not there after a call of two in which one hung up, but is when the connection was lost", () => {
    const ofTwo = { ...harbour, people: ["Bob"] };
    const call = past("bob", { began: 90 * MINUTE, conference: ofTwo });
    expect(ways([call])).toEqual([]);
    expect(ways([{ ...call, end: { type: "HungUp", by_peer: true } }])).toEqual([]);
    expect(ways([{ ...call, end: { type: "LinkLost" } }])).toEqual(["bob"]);
    expect(ways([{ ...call, conference: { ...ofTwo, people: ["Bob", "Carol"] } }])).toEqual(["bob"]);
  });

  test("leads over everybody who was in when it was left, also over those whom somebody else had invited", () => {
    const bob = past("bob", {
      began: 90 * MINUTE,
      end: { type: "HungUp", by_peer: true },
      ways: ["carol@example.test"],
    });
    expect(ways([bob])).toEqual(["carol@example.test"]);
    expect(ways([{ ...bob, ways: ["carol@example.test", "bob@example.test"] }])).toEqual([
      "bob",
      "carol@example.test",
    ]);
  });
});
