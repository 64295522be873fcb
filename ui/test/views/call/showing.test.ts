import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { showingOf } from "../../../src/views/call/stage/showing";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const small = { width: 160, height: 96 };
const large = { width: 1280, height: 720 };

function room() {
  const show = vi.fn();
  return { show, showing: showingOf({ show }) };
}

test("a window that is being resized is told of once", () => {
  const { show, showing } = room();
  const place = showing.add("bob", "camera");
  for (let width = 300; width <= 400; width++) place.resize({ width, height: 225 });
  vi.advanceTimersByTime(1000);
  expect(show.mock.calls).toEqual([["bob", "camera", { width: 400, height: 225 }]]);
});

test("what has a window of its own is asked for while the stage is out of sight, at the size of that window", () => {
  const { show, showing } = room();
  showing.add("bob", "camera").resize(large);
  showing.add("carol", "camera").resize(large);
  showing.add("bob", "camera", { ownWindow: true }).resize(small);
  vi.advanceTimersByTime(1000);
  show.mockClear();
  showing.setHidden(true);
  vi.advanceTimersByTime(1000);
  expect(show.mock.calls).toEqual([
    ["bob", "camera", small],
    ["carol", "camera", null],
  ]);
});

test("what did not change is not told again", () => {
  const { show, showing } = room();
  const place = showing.add("bob", "camera");
  place.resize(small);
  vi.advanceTimersByTime(1000);
  place.resize({ ...small });
  vi.advanceTimersByTime(1000);
  expect(show).toHaveBeenCalledTimes(1);
});

test("a picture that goes from the grid to the large place is never said to be gone", () => {
  const { show, showing } = room();
  const before = showing.add("bob", "camera");
  before.resize(small);
  vi.advanceTimersByTime(1000);
  before.remove();
  showing.add("bob", "camera").resize(large);
  vi.advanceTimersByTime(1000);
  expect(show.mock.calls).toEqual([
    ["bob", "camera", small],
    ["bob", "camera", large],
  ]);
});

test("a stage that is laid out anew takes no picture from anybody", () => {
  const { show, showing } = room();
  const before = showing.add("bob", "camera");
  before.resize(large);
  vi.advanceTimersByTime(1000);
  before.remove();
  vi.advanceTimersByTime(250);
  const after = showing.add("bob", "camera");
  vi.advanceTimersByTime(250);
  after.resize(small);
  vi.advanceTimersByTime(1000);
  expect(show.mock.calls).toEqual([
    ["bob", "camera", large],
    ["bob", "camera", small],
  ]);
});

test("a stage that was left says nothing against the one that took its place", () => {
  const show = vi.fn();
  const room = { show };
  const before = showingOf(room).add("bob", "camera");
  before.resize(large);
  vi.advanceTimersByTime(1000);
  before.remove();
  showingOf(room).add("bob", "camera").resize(small);
  vi.advanceTimersByTime(2000);
  expect(show.mock.calls).toEqual([
    ["bob", "camera", large],
    ["bob", "camera", small],
  ]);
});

test("a picture on another page of the grid is not shown", () => {
  const { show, showing } = room();
  const place = showing.add("bob", "camera");
  place.resize(small);
  vi.advanceTimersByTime(1000);
  place.remove();
  vi.advanceTimersByTime(1000);
  expect(show).toHaveBeenLastCalledWith("bob", "camera", null);
});

test("seen in two places, the larger one counts", () => {
  const { show, showing } = room();
  showing.add("bob", "camera").resize(large);
  showing.add("bob", "camera").resize(small);
  vi.advanceTimersByTime(1000);
  expect(show.mock.calls).toEqual([["bob", "camera", large]]);
});

test("camera and screen of one person are told apart", () => {
  const { show, showing } = room();
  showing.add("bob", "camera").resize(small);
  showing.add("bob", "screen").resize(large);
  vi.advanceTimersByTime(1000);
  expect(show).toHaveBeenCalledWith("bob", "camera", small);
  expect(show).toHaveBeenCalledWith("bob", "screen", large);
});

test("a window out of sight shows nothing, and back in sight the same as before", () => {
  const { show, showing } = room();
  showing.add("bob", "camera").resize(small);
  vi.advanceTimersByTime(1000);
  showing.setHidden(true);
  vi.advanceTimersByTime(1000);
  expect(show).toHaveBeenLastCalledWith("bob", "camera", null);
  showing.setHidden(false);
  vi.advanceTimersByTime(1000);
  expect(show).toHaveBeenLastCalledWith("bob", "camera", small);
});
