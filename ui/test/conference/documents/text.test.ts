import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromBase64url, toBase64url } from "../../../src/conference/base64url";
import { cutsPair, pieces, short } from "../../../src/conference/documents/text";
import { lineOf } from "../../../src/conference/overlay/fields";
import { wellFormed } from "../../../src/conference/plain";

const units = fc.array(fc.constantFrom("a", "é", "\uD83D", "\uDE00", "😀", "\n")).map((all) => all.join(""));

describe("texts", () => {
  test("lose halves of pairs and nothing else", () => {
    expect(wellFormed("a😀\uD83Db\uDE00")).toBe("a😀\uFFFDb\uFFFD");
    fc.assert(
      fc.property(units, (text) => {
        const clean = wellFormed(text);
        expect(clean).toHaveLength(text.length);
        expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(clean);
      }),
    );
  });

  test("are cut into pieces that make them up, never within a pair", () => {
    fc.assert(
      fc.property(units, fc.integer({ min: 1, max: 5 }), (text, length) => {
        const whole = wellFormed(text);
        const cut = [...pieces(whole, length)];
        expect(cut.join("")).toBe(whole);
        for (const piece of cut) expect(wellFormed(piece)).toBe(piece);
      }),
    );
  });

  test("have pairs only where both halves are", () => {
    expect([0, 1, 2, 3].map((at) => cutsPair("a😀", at))).toEqual([false, false, true, false]);
  });

  test.each([
    [" a\nb\u202Ec\u0000 ", "a b c"],
    ["Al\u200b\u00adice", "Alice"],
    ["\u061cBob\uD83D", "Bob\uFFFD"],
    ["👩\u200d💻 Zoë", "👩\u200d💻 Zoë"],
  ])("become one plain line, the same wherever it is shown (%j)", (given, shown) => {
    expect(short(given, 20)).toBe(shown);
    expect(lineOf(given, 20)).toBe(shown);
  });

  test("are cut to a number of characters, never within one", () => {
    expect(short("😀😀😀", 2)).toBe("😀😀");
  });
});

describe("base64url", () => {
  test("is of the digits of RFC 4648, and comes back as the same bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(fromBase64url(text)).toEqual(Uint8Array.from(bytes));
      }),
    );
  });

  test.each(["A", "ä", "AA==", "A A", "AB", "AAB", "A+", "AA\n", "AAAAA"])("is never %j", (text) => {
    expect(fromBase64url(text)).toBeNull();
  });

  test("of many bytes is read", () => {
    const bytes = new Uint8Array(1_000_000).fill(0x5a);
    expect(Buffer.from(bytes).equals(fromBase64url(toBase64url(bytes)) ?? new Uint8Array())).toBe(true);
  });
});
