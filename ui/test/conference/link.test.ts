import { describe, expect, test } from "vitest";
import type { TurnServer } from "../../src/bindings/TurnServer";
import { decode } from "../../src/conference/description";
import { Page, join, pass, takeCall } from "./support/bench";
import { settle } from "./support/clock";
import { Party } from "./support/party";

describe("when a description is sent", () => {
  const TURN = { url: "turn:turn.example.test", username: "alice", credential: "secret" };

  async function gathering({ turn = [] as TurnServer[] } = {}): Promise<Page> {
    const alice = new Page();
    alice.session.configure({ stun: ["stun:stun.example.test"], turn, relay_only: false });
    await alice.handle({ type: "MakeOffer", call: "call", link: "link" });
    return alice;
  }

  test("at once when gathering ended", async () => {
    const alice = await gathering();
    alice.peer.gather("host", "192.0.2.1", 5000);
    expect(alice.reports).toEqual([]);
    alice.peer.finishGathering();
    expect(decode(alice.description()).candidates).toHaveLength(1);
  });

  test("at once at the first relay candidate", async () => {
    const alice = await gathering();
    alice.peer.gather("srflx", "198.51.100.1", 6000);
    alice.peer.gather("relay", "203.0.113.1", 7000);
    expect(decode(alice.description()).candidates).toHaveLength(2);
  });

  test("150 ms after the first server-reflexive candidate", async () => {
    const alice = await gathering();
    alice.peer.gather("srflx", "198.51.100.1", 6000);
    alice.clock.advance(100);
    alice.peer.gather("srflx", "198.51.100.2", 6000);
    alice.clock.advance(49);
    expect(alice.reports).toEqual([]);
    alice.clock.advance(1);
    expect(decode(alice.description()).candidates).toHaveLength(2);
  });

  test("not before the relay candidate if there is a TURN server, for nothing else may lead through", async () => {
    const alice = await gathering({ turn: [TURN] });
    alice.peer.gather("srflx", "198.51.100.1", 6000);
    alice.clock.advance(400);
    expect(alice.reports).toEqual([]);
    alice.peer.gather("relay", "203.0.113.1", 7000);
    expect(decode(alice.description()).candidates).toHaveLength(2);
  });

  test("after 2 s also if the TURN server does not answer", async () => {
    const alice = await gathering({ turn: [TURN] });
    alice.peer.gather("srflx", "198.51.100.1", 6000);
    alice.clock.advance(2000);
    expect(decode(alice.description()).candidates).toHaveLength(1);
  });

  test("also if the browser takes more than 2 s to have one", async () => {
    const alice = new Page();
    alice.session.handle({ type: "MakeOffer", call: "call", link: "link" });
    const { peer, clock } = alice;
    const describes = peer.setLocalDescription.bind(peer);
    peer.setLocalDescription = () =>
      new Promise((resolve) => void clock.after(2100, () => resolve(describes())));
    await pass(2200, alice);
    expect(alice.reports).toEqual([]);
    peer.gather("host", "192.0.2.1", 5000);
    await pass(2000, alice);
    expect(decode(alice.description()).candidates).toHaveLength(1);
  });

  test("after 2 s whatever there is", async () => {
    const alice = await gathering();
    alice.peer.gather("host", "192.0.2.1", 5000);
    alice.clock.advance(1999);
    expect(alice.reports).toEqual([]);
    alice.clock.advance(1);
    expect(decode(alice.description()).candidates).toHaveLength(1);
  });

  test("once, and later candidates go over the channel", async () => {
    const alice = await gathering();
    alice.peer.finishGathering();
    alice.peer.gather("srflx", "198.51.100.1", 6000);
    alice.peer.channel.open();
    expect(alice.reports.filter(({ type }) => type === "Described")).toHaveLength(1);
    expect(alice.peer.channel.sent).toContainEqual(
      expect.objectContaining({
        type: "candidate",
        candidate: expect.stringContaining("198.51.100.1") as string,
      }),
    );
  });

  test("with all candidates in the second attempt of a call that got an answer and does not open", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const answer = await bob.answer(await alice.offer("first"), "first");
    await alice.handle({ type: "UseAnswer", link: "first", description: answer });
    alice.clock.advance(10_000);
    await alice.handle({ type: "MakeOffer", call: "call", link: "second" });
    alice.peer.gather("relay", "203.0.113.1", 7000);
    alice.clock.advance(9_999);
    expect(alice.linkReports.some(({ link }) => link === "second")).toBe(false);
    alice.peer.finishGathering();
    expect(alice.description("second")).not.toBe("");
  });
});

describe("the second attempt", () => {
  async function untilTheSecondOffer(): Promise<{ bob: Page; offer: string }> {
    const [alice, bob] = [new Page(), new Page()];
    await bob.answer(await alice.offer("first"), "first");
    bob.clock.advance(12_000);
    return { bob, offer: await alice.offer("second") };
  }

  test("is answered with all candidates, too", async () => {
    const { bob, offer } = await untilTheSecondOffer();
    await bob.handle({ type: "MakeAnswer", call: "call", link: "second", description: offer });
    bob.peer.gather("srflx", "198.51.100.2", 6000);
    bob.clock.advance(9_999);
    expect(bob.linkReports.some(({ link }) => link === "second")).toBe(false);
    bob.peer.gather("relay", "203.0.113.1", 7000);
    bob.peer.finishGathering();
    expect(decode(bob.description("second")).candidates).toHaveLength(2);
  });

  test("of another call is none", async () => {
    const { bob, offer } = await untilTheSecondOffer();
    await bob.handle({ type: "MakeAnswer", call: "another", link: "second", description: offer });
    bob.peer.gather("srflx", "198.51.100.2", 6000);
    bob.clock.advance(150);
    expect(decode(bob.description("second")).candidates).toHaveLength(1);
  });
});

describe("what is taken of a peer's candidates", () => {
  const relay: [string, string, number] = ["relay", "203.0.113.1", 7000];

  test("neither this machine nor a group is ever tried", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const offer = await alice.offer("link", ["host", "127.0.0.1", 22], ["host", "239.1.1.1", 1900], relay);
    await bob.answer(offer);
    const taken = bob.peer.remoteDescriptions[0]?.sdp.match(/candidate:.*/g) ?? [];
    expect(taken).toEqual([expect.stringContaining("203.0.113.1")]);
  });

  test("at most ten, those of the description and later ones together", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const offer = await alice.offer("link", ["host", "192.0.2.1", 5000], relay);
    await bob.answer(offer);
    const { ufrag } = decode(offer);
    for (let i = 0; i < 20; i += 1) {
      const candidate = `candidate:${i} 1 udp 5 192.0.2.9 ${6000 + i} typ host`;
      bob.peer.channel.hear({ type: "candidate", candidate, mid: "0", ufrag });
    }
    await settle();
    expect(bob.peer.added).toHaveLength(8);
  });

  test("at most ten, also if they claim to belong to other connections in turn", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const offer = await alice.offer();
    await bob.answer(offer);
    const { ufrag } = decode(offer);
    for (let i = 0; i < 60; i += 1) {
      const candidate = `candidate:${i} 1 udp 5 192.0.2.9 ${6000 + i} typ host`;
      bob.peer.channel.hear({
        type: "candidate",
        candidate,
        mid: "0",
        ufrag: i % 2 === 0 ? ufrag : `other${i}`,
      });
    }
    await settle();
    expect(bob.peer.added).toHaveLength(10);
  });

  test("at most ten, also if others that were made up come in between", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    await takeCall(alice, bob);
    const { ufrag } = decode(alice.description());
    const said = ["mine", "made", "mine"].flatMap((whose) =>
      Array.from({ length: 12 }, (_, i) => (whose === "mine" ? ufrag : `other${i}`)),
    );
    for (const [i, ufrag] of said.entries()) {
      const candidate = `candidate:${i} 1 udp 5 192.0.2.9 ${6000 + i} typ host`;
      bob.peer.channel.hear({ type: "candidate", candidate, mid: "0", ufrag });
    }
    await pass(100, alice, bob);
    const taken = bob.peer.added.map((one) => one.usernameFragment);
    expect(taken.filter((one) => one === ufrag)).toHaveLength(10);
    expect(taken).toHaveLength(20);
  });

  test("the relay's of a device that has ten addresses, for nothing else may lead through", async () => {
    const party = await Party.of("Alice", "Bob", "Carol");
    await party.lives(3000);
    const [bobs, carols] = party.ends("Bob", "Carol");
    for (let i = 0; i < 12; i += 1) bobs.gather("host", "192.0.2.1", 5000 + i);
    bobs.gather("srflx", "198.51.100.1", 6000);
    bobs.gather(...relay);
    await party.lives(100);
    const types = carols.added.map(({ candidate }) => candidate?.split(" ").at(-1));
    expect(types.slice(-3)).toEqual(["host", "srflx", "relay"]);
    expect(types).toHaveLength(12);
  });

  test("a loopback candidate over the channel is not tried", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    const candidate = "candidate:1 1 udp 5 127.0.0.1 22 typ host";
    bob.peer.channel.hear({ type: "candidate", candidate, mid: "0", ufrag: null });
    await settle();
    expect(bob.peer.added).toEqual([]);
  });
});

describe("an answer that travels slowly", () => {
  const candidates: [string, string, number][] = [
    ["host", "192.0.2.1", 5000],
    ["srflx", "198.51.100.1", 6000],
    ["relay", "203.0.113.1", 7000],
  ];

  test("each time Bob's side fails he tries Alice's outer addresses again, as new candidates", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await bob.answer(await alice.offer("link", ...candidates));
    bob.peer.becomes("failed");
    bob.peer.becomes("connecting", "checking");
    bob.peer.becomes("failed");
    const tried = bob.peer.added.map(({ candidate }) => candidate?.split(" ") ?? []);
    expect(tried.map((fields) => fields[4])).toEqual([
      "198.51.100.1",
      "203.0.113.1",
      "198.51.100.1",
      "203.0.113.1",
    ]);
    expect(new Set(tried.map((fields) => fields[0])).size).toBe(4);
    expect(bob.states()).toEqual(["Failing"]);
  });

  test("within one network there is only the inner address to try again", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await bob.answer(await alice.offer("link", ["host", "192.0.2.1", 5000]));
    bob.peer.becomes("failed");
    expect(bob.peer.added).toHaveLength(1);
  });

  test("Firefox gets them every 5 s before it fails for good, until the channel is open", async () => {
    const [alice, bob] = [new Page(), new Page({ iceDiesForGood: true })];
    await bob.answer(await alice.offer("link", ...candidates));
    bob.clock.advance(15_000);
    expect(bob.peer.added).toHaveLength(6);
    bob.peer.channel.open();
    bob.clock.advance(60_000);
    expect(bob.peer.added).toHaveLength(6);
  });

  test("Alice does not touch hers, and gives up 60 s after the answer, no sooner", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const answer = await bob.answer(await alice.offer("link", ...candidates));
    alice.clock.advance(100_000);
    await alice.handle({ type: "UseAnswer", link: "link", description: answer });
    alice.peer.becomes("failed");
    alice.clock.advance(59_999);
    expect([alice.states(), alice.peer.added]).toEqual([["Failing"], []]);
    alice.clock.advance(1);
    expect(alice.states()).toEqual(["Failing", "Lost"]);
    expect(alice.peer.isClosed).toBe(true);
  });

  test("Bob gives up in the end, and nothing of the link goes on", async () => {
    const [alice, bob] = [new Page(), new Page({ iceDiesForGood: true })];
    await bob.answer(await alice.offer("link", ...candidates));
    bob.clock.advance(180_000);
    expect(bob.states()).toEqual(["Lost"]);
    expect(bob.clock.waiting).toBe(0);
  });

  test("a failure that is not for want of a path is not waited for", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await bob.answer(await alice.offer());
    bob.peer.becomes("failed", "connected");
    expect(bob.states()).toEqual(["Lost"]);
  });
});
