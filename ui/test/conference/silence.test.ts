import { expect, test } from "vitest";
import type { Cancel } from "../../src/conference";
import { Silence } from "../../src/conference/silence";
import { VirtualClock, settle } from "./support/clock";

/** Alice's end of a link with Bob. */
class Alice {
  readonly clock = new VirtualClock();
  silences = 0;
  /** How many bytes of sound come each second. */
  sound = 0;
  #arrived = 0;
  /** How far the page is behind its time, in ms. */
  #behind = 0;
  readonly silence = new Silence(
    {
      now: () => this.clock.now() + this.#behind,
      after: (ms: number, run: () => void): Cancel => this.clock.after(ms, run),
    },
    {
      silent: () => (this.silences += 1),
      heard: () => undefined,
      arrived: () => Promise.resolve(this.#arrived),
      fault: (error) => {
        throw error;
      },
    },
  );

  constructor() {
    this.silence.start();
  }

  async lives(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      this.#arrived += this.sound / 10;
      this.clock.advance(100);
      await settle();
    }
  }

  /** Nothing is done for so long; what comes meanwhile waits. */
  standsStill(ms: number): void {
    this.#behind += ms;
  }
}

test("nothing comes at all: she notices after two and a half seconds", async () => {
  const alice = new Alice();
  await alice.lives(2400);
  expect(alice.silences).toBe(0);
  await alice.lives(300);
  expect(alice.silences).toBe(1);
});

test("Bob's page is too busy for a word, but his sound comes: there is a way", async () => {
  const alice = new Alice();
  alice.sound = 4000;
  await alice.lives(10_000);
  expect(alice.silences).toBe(0);
  alice.sound = 0;
  await alice.lives(2100);
  expect(alice.silences).toBe(1);
});

test("nothing but sound comes for very long: something is wrong with the link", async () => {
  const alice = new Alice();
  alice.sound = 4000;
  await alice.lives(17_000);
  expect(alice.silences).toBe(1);
});

test("her own page stood still for three seconds: Bob has said nothing wrong", async () => {
  const alice = new Alice();
  await alice.lives(1400);
  alice.standsStill(3000);
  await alice.lives(200);
  alice.silence.hear();
  await alice.lives(2000);
  expect(alice.silences).toBe(0);
});

test("her network has changed: she notices after little more than a second", async () => {
  const alice = new Alice();
  await alice.lives(1000);
  alice.silence.hurry();
  await alice.lives(1400);
  expect(alice.silences).toBe(1);
});
