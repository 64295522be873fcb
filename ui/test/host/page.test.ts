import { expect, test } from "vitest";

import { pageId } from "../../src/host/page";

/** The session storage of one tab. */
function tab(copyOf?: Map<string, string>) {
  const map = new Map(copyOf);
  return {
    map,
    getItem: (key: string) => map.get(key) ?? null,
    setItem: (key: string, value: string) => void map.set(key, value),
  };
}

/** The locks of one browser; the end of a document frees its own. */
function browser() {
  const held = new Set<string>();
  const request = (name: string, _: unknown, granted: () => unknown): Promise<unknown> => {
    if (held.has(name)) return Promise.reject(new DOMException("held", "TimeoutError"));
    held.add(name);
    return Promise.resolve(granted());
  };
  return { locks: { request } as unknown as LockManager, documentEnds: () => held.clear() };
}

test("a reload keeps the page", async () => {
  const { locks, documentEnds } = browser();
  const storage = tab();
  const before = await pageId(storage, locks);
  documentEnds();
  expect(await pageId(storage, locks)).toBe(before);
});

test("a new tab is a new page", async () => {
  const { locks } = browser();
  expect(await pageId(tab(), locks)).not.toBe(await pageId(tab(), locks));
});

test("a duplicated tab is another page, and stays the same other one", async () => {
  const { locks } = browser();
  const original = tab();
  const first = await pageId(original, locks);
  const copy = tab(original.map);
  const second = await pageId(copy, locks);
  expect(second).not.toBe(first);
  expect(copy.map.get("mailcall.page")).toBe(second);
});

test("an id is what the backend takes for one", async () => {
  expect(await pageId(tab(), browser().locks)).toMatch(/^[0-9a-f]{32}$/);
});

test("a kept id that is none is replaced", async () => {
  const storage = tab(new Map([["mailcall.page", "<script>"]]));
  expect(await pageId(storage, browser().locks)).toMatch(/^[0-9a-f]{32}$/);
});
