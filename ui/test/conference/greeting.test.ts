import { expect, test } from "vitest";
import type { ControlChannel } from "../../src/conference/channel";
import { Greeting } from "../../src/conference/greeting";
import { MAX_UNPROVEN_SIZE } from "../../src/conference/limits";
import type { Hello } from "../../src/conference/message";

const HELLO: Hello = { type: "hello", key: "a2V5", sig: "c2ln", conference: null, running: false };
const ENDS = { own: "own", other: "other" };

test("Mallory says two hellos with different keys at once: the second is examined knowing the first", async () => {
  const known: (string | null)[] = [];
  const greeting = new Greeting({} as ControlChannel, {
    hello: () => Promise.resolve(null),
    greeted: ({ key }, _, before) => {
      known.push(before);
      return Promise.resolve(key);
    },
    known: () => undefined,
    frame: () => undefined,
    fault: (error) => expect.fail(String(error)),
  });
  await Promise.all([
    greeting.hear({ ...HELLO, key: "one" }, ENDS),
    greeting.hear({ ...HELLO, key: "two" }, ENDS),
  ]);
  expect([known, greeting.id]).toEqual([[null, "one"], "one"]);
});

test("Mallory sends frames before she says who she is: few are kept, and no more than fit", async () => {
  const heard: string[] = [];
  const greeting = new Greeting({} as ControlChannel, {
    hello: () => Promise.resolve(null),
    greeted: () => Promise.resolve("b".repeat(32)),
    known: () => undefined,
    frame: (text) => heard.push(text),
    fault: (error) => expect.fail(String(error)),
  });
  for (let n = 0; n < 64; n += 1) greeting.frame("x".repeat(MAX_UNPROVEN_SIZE / 4));
  await greeting.hear(HELLO, ENDS);
  expect(heard).toHaveLength(4);
  greeting.frame("then");
  expect(heard.at(-1)).toBe("then");
});
