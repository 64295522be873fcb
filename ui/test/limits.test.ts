import { expect, test } from "vitest";
import { countOf } from "../src/limits";

const one = (address: string, connection = "connected"): { address: string; connection: string } => ({
  address,
  connection,
});

test("whose page was reloaded is counted once, though the one of before is still waited for", () => {
  expect(countOf([one("bob@example.test"), one("bob@example.test", "reconnecting")])).toBe(1);
});

test("who is waited for and has not come back is counted", () => {
  expect(countOf([one("bob@example.test"), one("carol@example.test", "reconnecting")])).toBe(2);
});

test("a person's two devices are two", () => {
  expect(countOf([one("bob@example.test"), one("bob@example.test")])).toBe(2);
});

test("of whom nothing is known yet, everybody counts", () => {
  expect(countOf([one(""), one("", "reconnecting"), one("", "connecting")])).toBe(3);
});
