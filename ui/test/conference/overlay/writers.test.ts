import { expect, test } from "vitest";
import { writersOf } from "../../../src/conference/overlay/writers";

const MALLORY = "aaaaaaaaaaaaa";

test("Mallory's two keys that documents cannot tell apart are one writer, whichever was let in first", () => {
  const [one, other, bob] = [`${MALLORY}0`, `${MALLORY}1`, "bbbbbbbbbbbbbb"];
  expect(writersOf([one, other, bob])).toEqual(new Set([one, bob]));
  expect(writersOf([bob, other, one])).toEqual(new Set([one, bob]));
  expect(writersOf([other])).toEqual(new Set([other]));
});
