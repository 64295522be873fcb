import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Deferrer } from "../../src/views/deferred";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what is not undone is done, once", async () => {
  const act = vi.fn();
  const deferrer = new Deferrer(() => undefined);
  deferrer.defer("contact", act);
  expect(deferrer.has("contact")).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(act).toHaveBeenCalledTimes(1);
  expect(deferrer.has("contact")).toBe(false);
});

test("what is undone is never done", async () => {
  const act = vi.fn();
  const deferrer = new Deferrer(() => undefined);
  expect(deferrer.defer("contact", act).undo()).toBe(true);
  deferrer.flush();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(act).not.toHaveBeenCalled();
});

test("leaving the page does what is still waiting", () => {
  const act = vi.fn();
  const deferrer = new Deferrer(() => undefined);
  const { undo } = deferrer.defer("contact", act);
  deferrer.flush();
  expect(undo()).toBe(false);
  expect(act).toHaveBeenCalledTimes(1);
});
