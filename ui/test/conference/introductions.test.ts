import { describe, expect, test } from "vitest";
import { Introductions, MAX_EARLY } from "../../src/conference/introductions";
import type { Link } from "../../src/conference/link";
import type { Message } from "../../src/conference/message";
import { VirtualClock } from "./support/clock";

const [ALICE, BOB] = ["a".repeat(32), "b".repeat(32)];
const KEY = "1".repeat(32);
const OTHER_KEY = "2".repeat(32);

function candidate(n: number, key = KEY): Record<string, unknown> {
  return { v: 1, key, type: "candidate", candidate: `candidate:${n}`, mid: "0", ufrag: null };
}

function offer(key = KEY): Record<string, unknown> {
  return { v: 1, key, type: "description", kind: "offer", sdp: "v=0" };
}

/** What Bob's device makes of what is said of links to it, and what its links hear. */
class Device {
  readonly heard: string[] = [];
  isIn = true;
  readonly introductions = new Introductions({
    clock: new VirtualClock(),
    own: BOB,
    randomId: () => "0".repeat(32),
    make: (_, key) => {
      const hearByDetour = (message: Message): void =>
        void this.heard.push(
          `${key.charAt(0)} ${message.type === "candidate" ? message.candidate : message.type}`,
        );
      return { id: null, hearByDetour, drop: () => undefined, close: () => undefined } as unknown as Link;
    },
    isIn: () => this.isIn,
    isLinked: () => false,
  });

  hear(...bodies: readonly Record<string, unknown>[]): void {
    for (const body of bodies) this.introductions.hear(ALICE, body);
  }
}

describe("a candidate that overtook its offer", () => {
  test("is heard after it", () => {
    const bob = new Device();
    bob.hear(candidate(1), candidate(2), offer(), candidate(3));
    expect(bob.heard).toEqual(["1 description", "1 candidate:1", "1 candidate:2", "1 candidate:3"]);
  });

  test("of another link is not", () => {
    const bob = new Device();
    bob.hear(candidate(1, OTHER_KEY), offer());
    expect(bob.heard).toEqual(["1 description"]);
    bob.hear(candidate(1), candidate(2, OTHER_KEY), offer(OTHER_KEY));
    expect(bob.heard).toEqual(["1 description", "1 candidate:1", "2 description", "2 candidate:2"]);
  });

  test("is one of few that are kept", () => {
    const bob = new Device();
    for (let n = 0; n < 100; n += 1) bob.hear(candidate(n));
    bob.hear(offer());
    expect(bob.heard).toHaveLength(MAX_EARLY + 1);
  });

  test("is kept of few, and of nobody who is not in", () => {
    const bob = new Device();
    const others = Array.from({ length: MAX_EARLY + 1 }, (_, n) => n.toString(16).padStart(32, "0"));
    for (const id of others) bob.introductions.hear(id, candidate(1));
    for (const id of others) bob.introductions.hear(id, offer());
    expect(bob.heard.filter((text) => text.includes("candidate"))).toHaveLength(MAX_EARLY);
    bob.isIn = false;
    bob.hear(candidate(1));
    bob.isIn = true;
    bob.hear(offer());
    expect(bob.heard.filter((text) => text.includes("candidate"))).toHaveLength(MAX_EARLY);
  });

  test("is forgotten when its sender has gone", () => {
    const bob = new Device();
    bob.hear(candidate(1));
    bob.introductions.keepOnly(() => false);
    bob.hear(offer());
    expect(bob.heard).toEqual(["1 description"]);
  });
});
