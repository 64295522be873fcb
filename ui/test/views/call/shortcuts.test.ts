import { expect, test } from "vitest";

import { tc } from "../../../src/texts/conference";
import { type Shortcut, shortcutOf, SHORTCUTS } from "../../../src/views/call/shortcuts";

const press = (key: string, part = {}) => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...part,
});

test("every shortcut has a key of its own, and a line in the list", () => {
  const keys = Object.values(SHORTCUTS);
  expect(new Set(keys).size).toBe(keys.length);
  for (const shortcut of Object.keys(SHORTCUTS) as Shortcut[]) expect(tc.keys[shortcut]).not.toBe("");
});

test.each([
  ["m", "mute"],
  ["M", "mute"],
  ["v", "camera"],
  ["h", "hand"],
  ["s", "share"],
  ["c", "chat"],
  ["p", "people"],
  ["g", "view"],
  ["f", "full"],
  ["?", "list"],
])("%s does what it is listed for", (key, shortcut) => {
  expect(shortcutOf(press(key), false)).toBe(shortcut);
});

test.each([
  ["Olha's Cyrillic", "ь", "KeyM", "mute"],
  ["Eleni's Greek", "Ψ", "KeyC", "chat"],
  ["Noa's Hebrew", "כ", "KeyF", "full"],
])("on %s keyboard %s is where %s is on a Latin one", (_, key, code, shortcut) => {
  expect(shortcutOf(press(key, { code }), false)).toBe(shortcut);
});

test("where Latin letters stand elsewhere, what the key types counts, not its place", () => {
  expect(shortcutOf(press("m", { code: "Semicolon" }), false)).toBe("mute");
  expect(shortcutOf(press("é", { code: "KeyM" }), false)).toBeNull();
  expect(shortcutOf(press(",", { code: "KeyM" }), false)).toBeNull();
});

test("nothing happens while the user types, holds a key, or means the browser", () => {
  expect(shortcutOf(press("m"), true)).toBeNull();
  expect(shortcutOf(press("m", { repeat: true }), false)).toBeNull();
  for (const modifier of ["ctrlKey", "metaKey", "altKey"])
    expect(shortcutOf(press("c", { [modifier]: true }), false)).toBeNull();
  expect(shortcutOf(press("x"), false)).toBeNull();
});
