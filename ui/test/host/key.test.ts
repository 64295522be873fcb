import { expect, test } from "vitest";

import { takeKey } from "../../src/host/key";

function browser(hash: string) {
  const kept = new Map<string, string>();
  const shown = { hash };
  return {
    shown,
    take: () =>
      takeKey(
        shown,
        { replaceState: (_state, _title, url) => void (shown.hash = String(url)) },
        { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) },
      ),
  };
}

test("Bob's page takes its key out of the address and keeps its route", () => {
  const bob = browser("#/ring/00ff?key=abc-_9");

  expect(bob.take()).toBe("abc-_9");
  expect(bob.shown.hash).toBe("#/ring/00ff");
});

test("Bob's page still has its key after a reload", () => {
  const bob = browser("#/?key=abc");
  bob.take();

  expect(bob.take()).toBe("abc");
});

test("a page that did not come through the door has none", () => {
  expect(browser("#/").take()).toBe("");
});
