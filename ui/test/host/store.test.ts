import { describe, expect, test } from "vitest";

import type { CallView } from "../../src/bindings/CallView";
import type { Event } from "../../src/bindings/Event";
import { findCall, reduce, type State } from "../../src/host/store";
import { scene } from "../../src/host/scenes";

const NOW = Date.UTC(2026, 10, 22, 12);
const base = scene("main", NOW).snapshot;
const bobsCall = scene("call-ringing", NOW).snapshot.calls[0] as CallView;

function after(...events: Event[]): State {
  const state = events.reduce<State | null>(reduce, null);
  if (state === null) throw new Error("no snapshot among the events");
  return state;
}

const snapshot: Event = { type: "Snapshot", ...base };
const changed = (call: Partial<CallView>): Event => ({ type: "CallChanged", call: { ...bobsCall, ...call } });
const id = (n: number) => n.toString(16).padStart(32, "0");

describe("what a page knows", () => {
  test("nothing before the first snapshot, whatever happens", () => {
    expect(reduce(null, changed({}))).toBeNull();
  });

  test("a snapshot replaces everything", () => {
    const state = after(snapshot, changed({}), { ...snapshot, contacts: [] });
    expect(state.calls).toEqual([]);
    expect(state.contacts).toEqual([]);
  });

  test("a call that changes keeps its place", () => {
    const state = after(
      snapshot,
      changed({}),
      changed({ call: id(9), peer: "carol@example.test" }),
      changed({ state: { type: "Connected" } }),
    );
    expect(state.calls.map(({ state }) => state.type)).toEqual(["Connected", "Ringing"]);
  });

  test("a call that ended stays for its last words", () => {
    const state = after(snapshot, changed({ state: { type: "Ended", reason: { type: "NoAnswer" } } }));
    expect(findCall(state, bobsCall.call)?.state).toEqual({ type: "Ended", reason: { type: "NoAnswer" } });
  });

  test("only the newest ended calls stay, and all that go on", () => {
    const ends = Array.from({ length: 20 }, (_, n) =>
      changed({ call: id(n + 10), state: { type: "Ended", reason: { type: "Missed" } } }),
    );
    const state = after(snapshot, changed({}), ...ends);
    expect(state.calls.map(({ call }) => call)).toEqual([
      bobsCall.call,
      ...[12, 13, 14, 15, 16, 17, 18, 19].map((n) => id(n + 10)),
    ]);
  });

  test("after a reload, how a call ended is read from the history", () => {
    const entry = base.history[2];
    if (entry === undefined) throw new Error("the scene has a history");
    expect(findCall(after(snapshot), entry.call)).toMatchObject({
      peer: "erik@example.test",
      state: { type: "Ended", reason: { type: "NoDevice" } },
    });
  });

  test("a call nobody knows is not made up", () => {
    expect(findCall(after(snapshot), id(77))).toBeUndefined();
  });

  test("an account that goes takes its calls along", () => {
    const state = after(snapshot, changed({}), { type: "AccountRemoved", account: 1 });
    expect(state.accounts).toEqual([]);
    expect(state.calls).toEqual([]);
  });

  test("an account that changes is replaced, a new one is added", () => {
    const [alice] = base.accounts;
    if (alice === undefined) throw new Error("the scene has an account");
    const state = after(
      snapshot,
      { type: "AccountChanged", account: { ...alice, state: { type: "Connecting" } } },
      { type: "AccountChanged", account: { ...alice, account: 2 } },
    );
    expect(state.accounts.map(({ account, state }) => [account, state.type])).toEqual([
      [1, "Connecting"],
      [2, "Ready"],
    ]);
  });

  test("what concerns links only changes nothing to show", () => {
    const state = after(snapshot);
    expect(reduce(state, { type: "CloseLink", link: id(1) })).toBe(state);
  });

  test("an event of a later version is passed over", () => {
    const state = after(snapshot);
    expect(reduce(state, { type: "Fanfare" } as unknown as Event)).toBe(state);
  });
});
