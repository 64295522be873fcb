import { describe, expect, test } from "vitest";

import type { CallView } from "../../src/bindings/CallView";
import { CommandFailed } from "../../src/host";
import { scene, SCENES } from "../../src/host/scenes";
import { clock, duration, grouped, plural, when } from "../../src/texts/format";
import { accountWords, callWords, failureWords, historyWords } from "../../src/texts/words";

const calls = Object.keys(SCENES)
  .flatMap((name) =>
    scene(name, 0)
      .snapshot.calls.slice(0, 1)
      .map((call) => ({ name, call })),
  )
  .filter(({ name }) => /^(call|ring|ended)-?/.test(name));

test("whose password is gone from this device is not told that it was refused", () => {
  const lost = { type: "SignedOut", code: "secret_lost", detail: "" } as const;
  expect(accountWords(lost)).not.toMatch(/refused/);
  expect(accountWords({ ...lost, code: "wrong_password" })).toMatch(/refused/);
  expect(failureWords(new CommandFailed({ ...lost, certificate: null })).text).toMatch(/password again/);
});

describe("every state of a call", () => {
  test.each(calls)("$name has words of its own", ({ call }) => {
    const { title, text } = callWords(call);
    expect(title).not.toBe("");
    expect(`${title} ${text}`).not.toMatch(/undefined|\[object|SMTP|IMAP|ICE|\b[45]\d\d\b/);
  });

  test("no two of them are told alike", () => {
    const told = new Map<string, string>();
    for (const { call } of calls) {
      const key = JSON.stringify([call.state, call.direction]);
      const words = Object.values(callWords(call)).join("|");
      const other = told.get(words);
      expect(other === undefined || other === key, `${words}: ${key} and ${other}`).toBe(true);
      told.set(words, key);
    }
  });

  test("that a device rings is said only when one does", () => {
    const outgoing = calls.filter(({ call }) => call.direction === "Outgoing");
    const ringing = outgoing.filter(({ call }) => /^Ringing/.test(callWords(call).title));
    expect(ringing.map(({ call }) => call.state.type)).toEqual(["Ringing"]);
  });
});

const wordsIn = (scene: string) => callWords(calls.find(({ name }) => name === scene)?.call as CallView).text;

test("the sent call says whom it waits for, and of the ringing only that nothing is known", () => {
  expect(wordsIn("call-sent")).toBe(
    "Waiting for a device of Bob Okafor’s to answer. Whether it rings is not known yet.",
  );
});

test("a mail that Alice's own server took is not said to have arrived", () => {
  expect(wordsIn("ended-no-device")).toMatch(/^Your mail server took the invitation/);
  expect(wordsIn("ended-no-device")).toContain("If the mail arrives, it tells Bob Okafor that you called.");
});

test("a call that was taken back, perhaps before it was sent, promises no missed call", () => {
  expect(wordsIn("ended-cancelled")).toBe("If the invitation reached Bob Okafor, they see a missed call.");
});

test("a missed call is called missed, a declined one declined", () => {
  const { history } = scene("main", 0).snapshot;
  expect(history.map(historyWords)).toEqual([
    "Ended",
    "Missed",
    "No device answered",
    "Dealt with on another device",
    "Could not be delivered",
  ]);
});

test("times are short", () => {
  expect([7, 754, 3723].map(clock)).toEqual(["0:07", "12:34", "1:02:03"]);
  expect([7, 754, 3723].map((s) => duration("en", s))).toEqual(["7 sec", "12 min", "1 hr 2 min"]);
});

test("moments are as exact as they need to be", () => {
  const now = new Date(2026, 10, 22, 15, 0).getTime();
  const at = (...date: [number, number, number, number, number]) =>
    when("en-GB", new Date(...date).getTime(), now);
  expect(at(2026, 10, 22, 9, 5)).toBe("9:05");
  expect(at(2026, 10, 21, 23, 59)).toBe("yesterday, 23:59");
  expect(at(2026, 9, 3, 9, 5)).toBe("3 Oct");
  expect(at(2025, 9, 3, 9, 5)).toBe("3 Oct 2025");
});

test("a count has the form its language wants", () => {
  const forms = { one: "один", few: "несколько", many: "много", other: "иначе" };
  expect([1, 3, 5, 1.5].map((n) => plural("ru", n, forms))).toEqual(["один", "несколько", "много", "иначе"]);
});

test("a fingerprint is shown in groups", () => {
  expect(grouped("a1b2c3d4e5")).toBe("A1B2 C3D4 E5");
});
