import { describe, expect, test } from "vitest";
import { ATTEMPTS, Search } from "../../src/conference/search";
import type { RosterParticipant } from "../../src/conference/overlay";
import { VirtualClock } from "./support/clock";

/** Somebody at a device, under an id. */
function somebody(id: string, address: string, device = "laptop"): RosterParticipant {
  const entry = { name: id, address, device } as RosterParticipant["entry"];
  return {
    id,
    ids: [id],
    entry,
    proof: "",
    invitedBy: null,
    organiser: false,
    connection: "connected",
    hand: null,
  };
}

/** Bob, whose id is the smallest, looks for those who are absent; nobody else is there. */
class Bob {
  readonly clock = new VirtualClock();
  readonly wroteTo: string[] = [];
  readonly #search = new Search({
    clock: this.clock,
    own: "0",
    write: (id) => this.wroteTo.push(id),
    changed: () => undefined,
  });

  misses(...absent: RosterParticipant[]): void {
    const own = { id: "0", invitedBy: null, organiser: true, hand: null };
    this.#search.follow({ own, participants: [], absent });
  }

  changesNetwork(): void {
    this.#search.hurry();
  }
}

const carol = (id: string, device?: string): RosterParticipant => somebody(id, "carol@example.test", device);

describe("Bob looks for Carol", () => {
  test("whose device came in twice, the first time under another key: only as she was there last", () => {
    const bob = new Bob();
    bob.misses(carol("1"), carol("2"));
    bob.clock.advance(60_000);
    expect(new Set(bob.wroteTo)).toEqual(new Set(["2"]));
  });

  test("who is there with two devices: for both of them", () => {
    const bob = new Bob();
    bob.misses(carol("1", "laptop"), carol("2", "phone"));
    bob.clock.advance(60_000);
    expect(new Set(bob.wroteTo)).toEqual(new Set(["1", "2"]));
  });

  test("and changes his network over and over: he writes for it once a minute", () => {
    const bob = new Bob();
    bob.misses(carol("1"));
    bob.clock.advance(1000);
    for (let second = 0; second < 59; second += 1) {
      bob.changesNetwork();
      bob.clock.advance(1000);
    }
    const attempts = ATTEMPTS.filter((at) => at <= 60_000).length;
    expect(bob.wroteTo).toHaveLength(attempts + 1);
  });

  test("and has given up: another network does not make him write", () => {
    const bob = new Bob();
    bob.misses(carol("1"));
    bob.clock.advance(ATTEMPTS.reduce((one, other) => Math.max(one, other)) + 60_000);
    const before = bob.wroteTo.length;
    expect(before).toBe(ATTEMPTS.length);
    bob.changesNetwork();
    bob.clock.advance(60_000);
    expect(bob.wroteTo).toHaveLength(before);
  });
});

test("Bob looks for sixteen at most, whoever says to have been there", () => {
  const bob = new Bob();
  bob.misses(...Array.from({ length: 40 }, (_, n) => somebody(`a${n}`, `guest-${n}@example.test`)));
  bob.clock.advance(10 * 60_000);
  expect(new Set(bob.wroteTo).size).toBe(16);
});
