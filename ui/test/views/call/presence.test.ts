import { expect, test } from "vitest";

import { comings, organiserOf } from "../../../src/views/call/presence";

const one = (name: string, hand = false) => ({ key: name, name, hand, organiser: false });

test("who came and who went is told by name, together", () => {
  expect(comings([one("Bob"), one("Carol")], [one("Carol"), one("Dora"), one("Erik")])).toEqual({
    joined: ["Dora", "Erik"],
    left: ["Bob"],
    hands: [],
  });
});

test("a hand is told of when it goes up, and not while it is up", () => {
  expect(comings([one("Bob")], [one("Bob", true)]).hands).toEqual(["Bob"]);
  expect(comings([one("Bob", true)], [one("Bob", true)]).hands).toEqual([]);
  expect(comings([one("Bob", true)], [one("Bob")]).hands).toEqual([]);
});

test("the organiser is one of those who are there, or nobody known", () => {
  const [bob, carol] = [one("Bob"), one("Carol")];
  expect(organiserOf([bob, { ...carol, organiser: true }])).toBe("Carol");
  expect(organiserOf([bob, carol])).toBeNull();
});

test("a new name of somebody is no coming", () => {
  expect(comings([{ ...one("Bob"), name: "" }], [one("Bob")])).toEqual({ joined: [], left: [], hands: [] });
});
