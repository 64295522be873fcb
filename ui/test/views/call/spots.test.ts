import { expect, test } from "vitest";

import { arrange, spotId } from "../../../src/views/call/stage/spots";
import { participant } from "./people";

// Only whether there is one matters here.
const SCREEN = {} as MediaStream;
const bob = participant("Bob");
const carol = participant("Carol");
const dora = participant("Dora", { screen: SCREEN });

const ids = (spots: readonly { id: string }[]) => spots.map(({ id }) => id);

test("of two people the other one is large, and the own picture is not among the tiles", () => {
  for (const mode of ["grid", "speaker"] as const) {
    const { main, others } = arrange({ participants: [bob], speaker: null }, { mode, pinned: null });
    expect(main?.id).toBe("camera bob");
    expect(others).toEqual([]);
  }
});

test("in the grid everybody is alike, oneself last", () => {
  const { main, others } = arrange(
    { participants: [bob, carol], speaker: "bob" },
    { mode: "grid", pinned: null },
  );
  expect(main).toBeNull();
  expect(ids(others)).toEqual(["camera bob", "camera carol", "own"]);
});

test("who spoke last is large in the speaker view, and the first one before anybody spoke", () => {
  const view = { participants: [bob, carol], speaker: "carol" };
  expect(arrange(view, { mode: "speaker", pinned: null }).main?.id).toBe("camera carol");
  expect(arrange({ ...view, speaker: null }, { mode: "speaker", pinned: null }).main?.id).toBe("camera bob");
});

test("a shared screen goes before who speaks, and its owner stays in the strip", () => {
  const view = { participants: [bob, dora], speaker: "bob" };
  const { main, others } = arrange(view, { mode: "speaker", pinned: null });
  expect(main?.id).toBe("screen dora");
  expect(ids(others)).toEqual(["camera bob", "camera dora", "own"]);
});

test("the screen of the only other one is large as well", () => {
  const { main, others } = arrange(
    { participants: [dora], speaker: null },
    { mode: "speaker", pinned: null },
  );
  expect(main?.id).toBe("screen dora");
  expect(ids(others)).toEqual(["camera dora", "own"]);
});

test("what the user keeps large goes before everything, in either view", () => {
  const view = { participants: [bob, carol, dora], speaker: "bob" };
  for (const mode of ["grid", "speaker"] as const) {
    const { main } = arrange(view, { mode, pinned: spotId("carol", "camera") });
    expect(main?.id).toBe("camera carol");
  }
});

test("when the one who was kept large leaves, the view is as if nobody was", () => {
  const view = { participants: [bob, carol], speaker: "bob" };
  expect(arrange(view, { mode: "grid", pinned: spotId("dora", "camera") }).main).toBeNull();
});
