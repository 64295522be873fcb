import { expect, test } from "vitest";
import type { ControlChannel } from "../../src/conference/channel";
import { Greeting } from "../../src/conference/greeting";
import { MAX_UNPROVEN_SIZE } from "../../src/conference/limits";
import type { Hello } from "../../src/conference/message";

const HELLO: Hello = { type: "hello", key: "a2V5", sig: "c2ln", conference: null, running: false };
const ENDS = { own: "own", other: "other" };

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
