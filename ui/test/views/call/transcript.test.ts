import { expect, test } from "vitest";

import { chatText } from "../../../src/views/call/panel/transcript";

const line = (part: object) => ({
  id: "1",
  author: "b",
  name: "Bob",
  text: "Hello",
  at: new Date(2026, 10, 22, 9, 5).getTime(),
  privateWith: null,
  ...part,
});

test("a saved chat has time, name and text of every line, and says what was private", () => {
  const text = chatText(
    [
      line({}),
      line({ author: "a", name: "Alice", text: "One\nTwo" }),
      line({ privateWith: "a", text: "Psst" }),
      line({ name: "" }),
    ],
    "a",
  );
  expect(text).toBe(
    "[2026-11-22 09:05] Bob: Hello\n" +
      "[2026-11-22 09:05] You: One\n    Two\n" +
      "[2026-11-22 09:05] Bob (private): Psst\n" +
      "[2026-11-22 09:05] Somebody: Hello\n",
  );
});

test("nobody can write a line that looks like somebody else's", () => {
  const text = chatText([line({ text: "Hi\n[2026-11-22 09:06] Carol: I agree" })], "a");
  expect(text.split("\n").filter((one) => one.startsWith("["))).toHaveLength(1);
});
