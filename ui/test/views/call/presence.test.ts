import { expect, test } from "vitest";

import { comings } from "../../../src/views/call/presence";

const one = (name: string, hand = false) => ({ key: name, name, hand, organiser: false });

test("who came and who went is told by name, together", () => {
  expect(comings([one("Bob"), one("Carol")], [one("Carol"), one("Dora"), one("Erik")])).toEqual({
    joined: ["Dora", "Erik"],
    left: ["Bob"],
    hands: [],
    organiser: null,
  });
});

test("a hand is told of when it goes up, and not while it is up", () => {
  expect(comings([one("Bob")], [one("Bob", true)])?.hands).toEqual(["Bob"]);
  expect(comings([one("Bob", true)], [one("Bob", true)])).toBeNull();
  expect(comings([one("Bob", true)], [one("Bob")])).toBeNull();
});

test("who takes over as organiser is told of, and who is it from the beginning is not", () => {
  const [bob, carol] = [one("Bob"), one("Carol")];
  const organising = (who: typeof bob) => ({ ...who, organiser: true });
  expect(comings([organising(bob), carol], [organising(carol)])).toMatchObject({
    left: ["Bob"],
    organiser: "Carol",
  });
  expect(comings([bob, carol], [organising(bob), carol])).toBeNull();
  expect(comings([organising(bob), carol], [organising(bob), carol])).toBeNull();
});

test("a new name of somebody is no coming", () => {
  expect(comings([{ ...one("Bob"), name: "" }], [one("Bob")])).toBeNull();
});
