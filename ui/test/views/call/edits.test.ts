import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { apply, difference, differences, moved, rebased } from "../../../src/views/call/panel/edits";

const texts = fc.string({ unit: "binary", maxLength: 30 });

describe("what the user changed", () => {
  test("brings every text to every other", () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(40), (before, after, caret) => {
        const edit = difference(before, after, caret);
        expect(edit === null ? before : apply(before, edit)).toBe(after);
      }),
    );
  });

  test("never cuts a character in two", () => {
    fc.assert(
      fc.property(texts, texts, fc.nat(40), (before, after, caret) => {
        const edit = difference(before, after, caret);
        if (edit === null) return;
        for (const part of [edit.text, before.slice(edit.at, edit.at + edit.length)])
          expect(part).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  test("is one letter when one letter was typed", () => {
    expect(difference("Ane", "Anne", 3)).toEqual({ at: 2, length: 0, text: "n" });
    expect(difference("Ane", "Anne", 2)).toEqual({ at: 1, length: 0, text: "n" });
  });

  test("is where the caret is, among many alike", () => {
    expect(difference("----", "-----", 2)).toEqual({ at: 1, length: 0, text: "-" });
    expect(difference("----", "---", 1)).toEqual({ at: 1, length: 1, text: "" });
  });

  test("is the selection that was replaced", () => {
    expect(difference("Hello world", "Hello there", 11)).toEqual({ at: 6, length: 5, text: "there" });
  });

  test("is nothing when nothing changed", () => {
    expect(difference("same", "same")).toBeNull();
  });
});

describe("what the others changed", () => {
  const inserted = [{ at: 4, length: 0, text: "abc" }];

  test("moves a caret behind it, and leaves one before it", () => {
    expect(moved(2, inserted)).toBe(2);
    expect(moved(4, inserted)).toBe(4);
    expect(moved(6, inserted)).toBe(9);
  });

  test("puts a caret in what was replaced after what came instead", () => {
    expect(moved(5, [{ at: 3, length: 4, text: "xy" }])).toBe(5);
  });

  test("before and behind Bob at the same time leaves him in his line", () => {
    const before = "Crane: the har\nLights: Erik ask\nNext: Thursda\n";
    const after = "Crane: the harb\nLights: Erik ask\nNext: Thursday\n";
    const changes = differences(before, after);
    expect(changes).toHaveLength(2);
    const caret = moved(before.indexOf("\nNext"), changes);
    expect(after.slice(0, caret)).toMatch(/Erik ask$/);
  });

  test("brings every text to every other, in order and without overlap", () => {
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        let [text, by, end] = [before, 0, 0];
        for (const edit of differences(before, after)) {
          expect(edit.at).toBeGreaterThanOrEqual(end);
          end = edit.at + edit.length;
          text = apply(text, { ...edit, at: edit.at + by });
          by += edit.text.length - edit.length;
        }
        expect(text).toBe(after);
      }),
    );
  });

  test("is found in as few letters as there are, in a long text at once", () => {
    const line = "Whatever was said about the crane, the harbour office and the lights.\n";
    const before = line.repeat(1000);
    const edits = differences(before, `New.\n${before.replace("office", "bureau")}The end.\n`);
    const letters = edits.reduce((sum, { length, text }) => sum + length + text.length, 0);
    expect(letters).toBeLessThanOrEqual(5 + 9 + 2 * "office".length);
  });

  test("is one replacement where everything is different", () => {
    const [before, after] = ["a".repeat(5000), "b".repeat(5000)];
    expect(differences(before, after)).toEqual([{ at: 0, length: 5000, text: after }]);
  });

  test("does not displace what the user wrote meanwhile", () => {
    const before = "Buy milk. Call Bob.";
    const mine = difference(before, "Buy milk. Call Bob and Carol.", 28) ?? { at: 0, length: 0, text: "" };
    const theirs = { at: 4, length: 4, text: "milk and bread" };
    expect(apply(apply(before, theirs), rebased(mine, [theirs]))).toBe(
      "Buy milk and bread. Call Bob and Carol.",
    );
  });

  test("and the user's edit stay in the text, whatever they are", () => {
    const edits = (length: number) =>
      fc.tuple(fc.nat(length), fc.nat(length), texts).map(([at, count, text]) => ({
        at,
        length: Math.min(count, length - at),
        text,
      }));
    fc.assert(
      fc.property(
        texts.chain((before) => fc.tuple(fc.constant(before), edits(before.length), edits(before.length))),
        ([before, mine, theirs]) => {
          const other = apply(before, theirs);
          const edit = rebased(mine, [theirs]);
          expect(edit.at + edit.length).toBeLessThanOrEqual(other.length);
          expect(apply(other, edit)).toContain(mine.text);
        },
      ),
    );
  });
});
