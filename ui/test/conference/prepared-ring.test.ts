import { expect, test } from "vitest";
import type { KeyRing, Keys } from "../../src/conference/overlay";
import { PreparedRing } from "../../src/conference/prepared-ring";
import { FakeRing } from "./overlay/support/keys";
import { Random } from "./overlay/support/random";

function counted(): { ring: KeyRing; made: () => number } {
  const real = new FakeRing(new Random(1));
  let made = 0;
  const create = (): Promise<Keys> => {
    made += 1;
    return real.create();
  };
  return { ring: { create, verifier: real.verifier }, made: () => made };
}

test("keys that were prepared are used once, and others are made after them", async () => {
  const { ring, made } = counted();
  const prepared = new PreparedRing(ring);
  prepared.prepare();
  prepared.prepare();
  expect(made()).toBe(1);
  const first = await prepared.create();
  expect(made()).toBe(1);
  expect((await prepared.create()).id).not.toBe(first.id);
});

test("a preparation that failed is no loss", async () => {
  const { ring } = counted();
  let refusals = 1;
  const prepared = new PreparedRing({
    verifier: ring.verifier,
    create: () => (refusals-- > 0 ? Promise.reject(new Error("no randomness yet")) : ring.create()),
  });
  prepared.prepare();
  await Promise.resolve();
  await Promise.resolve();
  expect((await prepared.create()).id).toMatch(/^[0-9a-f]{32}$/);
});
