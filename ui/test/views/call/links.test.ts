import fc from "fast-check";
import { expect, test } from "vitest";

import { pieces } from "../../../src/views/call/panel/links";

const hrefs = (text: string) => pieces(text).flatMap(({ href }) => (href === null ? [] : [href]));

test.each([
  ["see https://example.test/a?b=c#d", "https://example.test/a?b=c#d"],
  ["(http://example.test)", "http://example.test/"],
  ["https://example.test/wiki/Pier_(harbour)", "https://example.test/wiki/Pier_(harbour)"],
  ["Look at https://example.test/page. It is short.", "https://example.test/page"],
])("the address in “%s” can be followed", (text, href) => {
  expect(hrefs(text)).toEqual([href]);
});

test.each([
  "javascript:alert(1)",
  "data:text/html,<script>alert(1)</script>",
  "file:///etc/passwd",
  "ftp://example.test",
  "mailcall://ring",
  "example.test",
  "https://",
  "https://bank.example.test@elsewhere.example.test/",
])("“%s” cannot be followed", (text) => {
  expect(pieces(text)).toEqual([{ text, href: null }]);
});

test("nothing of a message is lost, and only the web can be followed", () => {
  const words = fc.constantFrom(
    "https://example.test/x",
    "javascript:x",
    "a",
    " ",
    "\n",
    ".",
    ")",
    "http://é.test",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 12 }), (parts) => {
      const text = parts.join("");
      const found = pieces(text);
      expect(found.map((piece) => piece.text).join("")).toBe(text);
      for (const { href } of found) expect(href ?? "https://").toMatch(/^https?:\/\//);
    }),
  );
});
