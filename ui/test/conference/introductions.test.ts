import { beforeEach, describe, expect, test } from "vitest";
import { PATIENCE } from "../../src/conference/health";
import { Introductions, MAX_EARLY, TRY_AGAIN } from "../../src/conference/introductions";
import { MAX_INTRODUCED } from "../../src/conference/limits";
import { Link } from "../../src/conference/link";
import type { LinkPorts } from "../../src/conference/link-ports";
import type { Message } from "../../src/conference/message";
import { VirtualClock, settle } from "./support/clock";
import { FakePeer } from "./support/fake-peer";
import { FakeSource } from "./support/fake-source";

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
  readonly clock = new VirtualClock();
  readonly present = new Set<string>();
  /** Whose links it made, and whose of them were dropped. */
  readonly made: string[] = [];
  readonly dropped: string[] = [];
  readonly faults: unknown[] = [];
  /** How many links the browser will not make. */
  refusals = 0;
  isIn = true;
  readonly introductions = new Introductions({
    clock: this.clock,
    own: BOB,
    randomId: () => "0".repeat(32),
    make: (id, key) => {
      this.refusals -= 1;
      if (this.refusals >= 0) throw new DOMException("no more peer connections", "UnknownError");
      this.made.push(id);
      const hearByDetour = (message: Message): void =>
        void this.heard.push(
          `${key.charAt(0)} ${message.type === "candidate" ? message.candidate : message.type}`,
        );
      const drop = (): void => void this.dropped.push(id);
      return { id: null, hearByDetour, drop, close: () => undefined } as unknown as Link;
    },
    isIn: () => this.isIn,
    isPresent: (id) => this.present.has(id),
    isLinked: () => false,
    fault: (error) => this.faults.push(error),
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

describe("Mallory lets in hundreds of keys of her own, and each of them offers Bob a link", () => {
  const keys = Array.from({ length: 200 }, (_, n) => n.toString(16).padStart(32, "0"));

  test("he makes no more than some", () => {
    const bob = new Device();
    for (const id of keys) bob.introductions.hear(id, offer());
    expect(bob.made).toHaveLength(MAX_INTRODUCED);
  });

  test("who is present gets a link all the same, offered or begun, and no present one gives way", () => {
    const bob = new Device();
    for (const id of keys) bob.introductions.hear(id, offer());
    const friends = Array.from({ length: MAX_INTRODUCED }, (_, n) => n.toString(16).padStart(32, "f"));
    for (const id of friends) bob.present.add(id);
    for (const id of friends.slice(2)) bob.introductions.hear(id, offer());
    for (const id of friends.slice(0, 2)) bob.introductions.begin(id);
    expect(bob.made.slice(MAX_INTRODUCED).sort()).toEqual([...friends].sort());
    expect(bob.dropped).toHaveLength(MAX_INTRODUCED);
    bob.present.add(ALICE);
    bob.hear(offer());
    expect(bob.made).not.toContain(ALICE);
  });
});

test("Bob's browser makes no more peer connections just then: he is linked at the next attempt", () => {
  const bob = new Device();
  bob.refusals = 2;
  bob.hear(offer());
  bob.introductions.begin(ALICE);
  expect(bob.made).toEqual([]);
  expect(bob.faults).toHaveLength(2);
  bob.clock.advance(TRY_AGAIN);
  expect(bob.made).toEqual([ALICE]);
});

test("Bob's browser cannot make the link that takes the place of his own: he begins another", () => {
  const bob = new Device();
  bob.introductions.begin(ALICE);
  bob.refusals = 1;
  bob.hear(offer());
  expect([bob.made, bob.dropped]).toEqual([[ALICE], [ALICE]]);
  bob.clock.advance(TRY_AGAIN);
  expect(bob.made).toEqual([ALICE, ALICE]);
});

test("Alice's link to Bob is lost while he would begin one, then he gives up: he makes none", () => {
  const bob = new Device();
  bob.hear(offer());
  bob.introductions.begin(ALICE);
  bob.introductions.lost(ALICE, KEY);
  bob.introductions.end(ALICE);
  expect(bob.clock.waiting).toBe(0);
  bob.clock.advance(2 * TRY_AGAIN);
  expect(bob.made).toEqual([ALICE]);
});

describe("Bob's link with Alice is lost, and at her end it is not yet", () => {
  const plea = { v: 1, key: KEY, type: "restart" };
  let bob: Device;

  beforeEach(() => {
    bob = new Device();
    bob.hear(offer());
    bob.introductions.lost(ALICE, KEY);
  });

  test.each([
    ["offers to repair it", offer()],
    ["asks him to repair it", plea],
  ])(
    "when she %s, he offers her a new one, and takes nothing that is said of the old one for it",
    (_, said) => {
      bob.hear(said, said);
      expect(bob.made).toEqual([ALICE, ALICE]);
      expect(bob.introductions.get(ALICE)).toMatchObject({ key: "0".repeat(32), begins: true });
      expect(bob.heard).toEqual(["1 description"]);
    },
  );

  test("he would begin another soon: he does it when he hears from her, and once", () => {
    bob.introductions.begin(ALICE);
    bob.introductions.lost(ALICE, "0".repeat(32));
    bob.hear(plea);
    expect(bob.made).toEqual([ALICE, ALICE, ALICE]);
    expect(bob.clock.waiting).toBe(0);
  });

  test("a candidate of the old one leads to nothing", () => {
    bob.hear(candidate(1));
    expect(bob.made).toEqual([ALICE]);
  });

  test("an offer of the old one that comes after one of a new one does not take its place", () => {
    bob.hear(offer(OTHER_KEY), offer());
    expect(bob.introductions.get(ALICE)?.key).toBe(OTHER_KEY);
    expect(bob.dropped).toEqual([]);
  });

  test("who was put out, and let in again, may say anything anew", () => {
    bob.introductions.keepOnly(() => false);
    bob.hear(offer());
    expect(bob.introductions.get(ALICE)).toMatchObject({ key: KEY, begins: false });
  });
});

describe("Bob begins a link to Alice", () => {
  const clock = new VirtualClock();
  let peer: FakePeer;
  let states: string[];

  function begins(): Link {
    peer = new FakePeer({});
    states = [];
    const ports = {
      platform: {
        clock,
        createPeer: () => peer,
        createStream: () => ({ addTrack: () => undefined, getTracks: () => [] }),
        iceDiesForGood: false,
      },
      local: new FakeSource(),
      settings: { stun: [], turn: [] },
      patience: PATIENCE,
      candidates: { allowLoopback: false },
      participant: () => BOB,
      hello: () => Promise.resolve(null),
      detour: () => true,
      begins: () => undefined,
      changed: () => undefined,
      state: (state: string) => states.push(state),
      fault: (error: unknown) => expect.fail(String(error)),
    } as unknown as LinkPorts;
    return Link.toParticipant(ports, ALICE, { begins: true });
  }

  test("it opens, and nobody says on it who is there: it is lost after 20 s", async () => {
    begins();
    await settle();
    peer.becomes("connected", "connected");
    peer.channel.open();
    clock.advance(PATIENCE.introducedOpens - 1);
    expect(states).toEqual(["Open"]);
    clock.advance(1);
    expect(states).toEqual(["Open", "Lost"]);
    expect(peer.isClosed).toBe(true);
  });

  test("a candidate of hers overtakes her answer: it is tried once that is here", async () => {
    const link = begins();
    await settle();
    const hers = new FakePeer({});
    const path = "candidate:1 1 udp 1000 192.0.2.1 5000 typ host";
    link.hearByDetour({ type: "candidate", candidate: path, mid: "0", ufrag: null });
    await settle();
    expect(peer.added).toEqual([]);
    await hers.setRemoteDescription(peer.localDescription ?? expect.fail("no offer"));
    await hers.setLocalDescription();
    link.hearByDetour({ type: "description", kind: "answer", sdp: hers.localDescription?.sdp ?? "" });
    await settle();
    expect(peer.added.map(({ candidate: added }) => added)).toEqual([path]);
  });
});
