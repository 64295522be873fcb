import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "../../../src/conference/documents/base64";
import { cutsPair, pieces, plain, wellFormed } from "../../../src/conference/documents/text";
import { toBase64url } from "../../../src/conference/base64url";

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

  test("become one plain line", () => {
    expect(plain(" a\nb\u202Ec\u0000 ", 10)).toBe("a b c");
    expect(plain("😀😀😀", 2)).toBe("😀😀");
  });
});

test("bytes become the same text as in descriptions, and come back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(toBase64url(bytes));
      expect(decodeBase64(text)).toEqual(Uint8Array.from(bytes));
    }),
  );
  expect(decodeBase64("A")).toBeNull();
  expect(decodeBase64("ä")).toBeNull();
});
