import { describe, expect, test } from "vitest";
import type { TurnServer } from "../../src/bindings/TurnServer";
import { decode } from "../../src/conference/description";
import { Page, join } from "./support/bench";
import { settle } from "./support/clock";
import { FakePeer, sdpOf } from "./support/fake-peer";

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
    expect(alice.reports.some(({ link }) => link === "second")).toBe(false);
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
    expect(bob.reports.some(({ link }) => link === "second")).toBe(false);
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

describe("before Bob accepts", () => {
  test("he hears a cancel and nothing else, and what else came counts when he accepts", async () => {
    const [alice, bob] = [new Page({ participant: "a" }), new Page({ participant: "b" })];
    await join(alice, bob);
    alice.session.setName("Alice");
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "decline", reason: "busy" } });
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
    expect(bob.signals()).toEqual([{ type: "cancel", reason: "hung_up" }]);
    expect([bob.session.conference("call"), bob.peer.transceivers, bob.local.calls]).toEqual([null, [], []]);

    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    expect(bob.session.conference("call")?.participants).toEqual([
      expect.objectContaining({ id: "a".repeat(32), name: "Alice", connection: "connected" }),
    ]);
    expect(bob.local.calls).toEqual(["start with camera"]);
  });

  test("a flood of early messages is not kept", async () => {
    const bob = new Page();
    await join(new Page(), bob);
    for (let i = 0; i < 1000; i += 1)
      bob.peer.channel.hear({ type: "state", name: `${i}`, muted: false, camera: false });
    await bob.handle({ type: "UseMedia", link: "link", video: false, hosts: false });
    expect(bob.session.conference("call")?.participants[0]?.name).toBe("999");
  });

  test("Alice hears his accept, and offers no media by herself", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    await bob.handle({ type: "SendOnLink", link: "link", signal: { type: "accept", video: true } });
    expect(alice.signals()).toEqual([{ type: "accept", video: true }]);
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    expect(alice.peer.transceivers).toEqual([]);
    expect(bob.peer.channel.types()).not.toContain("description");
  });
});

describe("media", () => {
  async function inACall(): Promise<{ alice: Page; bob: Page }> {
    const [alice, bob] = [new Page({ participant: "a" }), new Page({ participant: "b" })];
    await join(alice, bob);
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    return { alice, bob };
  }

  test("Bob opens the sections and Alice uses the same ones, in both directions", async () => {
    const { alice, bob } = await inACall();
    for (const { peer, faults } of [alice, bob]) {
      expect(peer.transceivers.map(({ receiver, direction }) => [receiver.track.kind, direction])).toEqual([
        ["audio", "sendrecv"],
        ["video", "sendrecv"],
      ]);
      expect(peer.signalingState).toBe("stable");
      expect(faults).toEqual([]);
    }
  });

  test("turning a camera on needs no negotiation", async () => {
    const { alice, bob } = await inACall();
    const said = bob.peer.channel.sent.length;
    bob.local.turnCamera(true);
    await settle();
    expect(bob.peer.transceivers[1]?.sender.track).toBe(bob.local.cameraTrack);
    expect(bob.peer.channel.sent.slice(said)).toEqual([
      expect.objectContaining({ type: "state", camera: true }),
    ]);
    expect(alice.session.conference("call")?.participants[0]?.camera).toBe(true);
    bob.local.turnCamera(false);
    expect(bob.peer.transceivers[1]?.sender.track).toBeNull();
  });

  test("no address travels inside an SDP past the examination", async () => {
    const { alice } = await inACall();
    const sdp = sdpOf(["candidate:1 1 udp 5 127.0.0.1 22 typ host"], 2);
    alice.peer.channel.hear({ type: "description", kind: "offer", sdp });
    await settle();
    expect(alice.peer.remoteDescriptions.at(-1)?.sdp).not.toContain("127.0.0.1");
  });

  test("when both offer at once, the one with the smaller id gives way", async () => {
    const { alice, bob } = await inACall();
    alice.peer.signalingState = "have-local-offer";
    bob.peer.signalingState = "have-local-offer";
    const offer = { type: "description", kind: "offer", sdp: sdpOf([], 2) };
    const offersTaken = ({ peer }: Page): number =>
      peer.remoteDescriptions.filter(({ type }) => type === "offer").length;
    const before = [offersTaken(alice), offersTaken(bob)];
    alice.peer.channel.hear(offer);
    bob.peer.channel.hear(offer);
    await settle();
    expect([offersTaken(alice), offersTaken(bob)]).toEqual([(before[0] ?? 0) + 1, before[1]]);
  });

  test("another certificate than the signed one ends the link", async () => {
    const { alice } = await inACall();
    const other = FakePeer.FINGERPRINT.replace(/^01/, "FF");
    alice.peer.channel.hear({ type: "description", kind: "offer", sdp: sdpOf([], 2, other) });
    await settle();
    expect(alice.states()).toEqual(["Open", "Lost"]);
    expect(alice.peer.isClosed).toBe(true);
    expect(String(alice.faults[0])).toContain("fingerprint_changed");
  });

  test("a second certificate beside the signed one does as well", async () => {
    const { alice } = await inACall();
    const sdp = `${sdpOf([], 2)}a=fingerprint:sha-1 00:11\r\n`;
    alice.peer.channel.hear({ type: "description", kind: "offer", sdp });
    await settle();
    expect(alice.states()).toEqual(["Open", "Lost"]);
  });

  test("an SDP of a thousand sections ends the link", async () => {
    const { alice } = await inACall();
    const sdp = sdpOf([], 2) + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n".repeat(10);
    alice.peer.channel.hear({ type: "description", kind: "offer", sdp });
    await settle();
    expect(alice.states()).toEqual(["Open", "Lost"]);
  });

  test("an SDP the browser refuses is reported, and the call goes on", async () => {
    const { alice } = await inACall();
    alice.peer.channel.hear({ type: "description", kind: "offer", sdp: `x${sdpOf([], 2)}` });
    await settle();
    expect([alice.states(), alice.faults.length]).toEqual([["Open"], 1]);
  });
});

describe("an open link that breaks", () => {
  test("has its media when the call is taken in that very moment", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    bob.peer.becomes("disconnected", "disconnected");
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    bob.peer.becomes("connected", "connected");
    expect(bob.peer.transceivers).toHaveLength(2);
  });

  async function broken(): Promise<Page> {
    const [alice, bob] = [new Page({ participant: "b" }), new Page({ participant: "a" })];
    await join(alice, bob);
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    alice.peer.becomes("disconnected", "disconnected");
    return alice;
  }

  test("is failing, looks for another path, and is open again when it finds one", async () => {
    const alice = await broken();
    expect(alice.session.conference("call")?.participants[0]?.connection).toBe("reconnecting");
    expect(alice.peer.restarts).toBe(1);
    alice.peer.becomes("connected", "connected");
    alice.clock.advance(60_000);
    expect(alice.states()).toEqual(["Open", "Failing", "Open"]);
  });

  test("is lost after 10 s, also if it went on to fail", async () => {
    const alice = await broken();
    alice.clock.advance(5000);
    alice.peer.becomes("failed");
    alice.clock.advance(4999);
    expect(alice.states()).toEqual(["Open", "Failing"]);
    alice.clock.advance(1);
    expect(alice.states()).toEqual(["Open", "Failing", "Lost"]);
    expect(alice.clock.waiting).toBe(0);
  });

  test("is lost at once when its channel is closed, and stays so", async () => {
    const alice = await broken();
    alice.peer.channel.closed();
    alice.peer.becomes("connected", "connected");
    expect(alice.states()).toEqual(["Open", "Failing", "Lost"]);
  });

  test("one side restarts for both, at most once a second", async () => {
    const [alice, bob] = [new Page({ participant: "a" }), new Page({ participant: "b" })];
    await join(alice, bob);
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    for (let i = 0; i < 5; i += 1) for (const { session } of [alice, bob]) session.networkChanged();
    await settle();
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([0, 1]);
    bob.clock.advance(1000);
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([0, 2]);
    bob.clock.advance(10_000);
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([0, 2]);
  });

  test("a new network is used as soon as it is there", async () => {
    const [alice, bob] = [new Page({ participant: "b" }), new Page({ participant: "a" })];
    await join(alice, bob);
    alice.session.networkChanged();
    expect(alice.peer.restarts).toBe(0);
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false });
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    alice.session.networkChanged();
    await settle();
    expect(alice.peer.restarts).toBe(1);
    expect(alice.peer.channel.sent.at(-1)).toMatchObject({ type: "description", kind: "offer" });
  });
});

describe("the end of a link", () => {
  test("comes after its last words", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
    await alice.handle({ type: "CloseLink", link: "link" });
    expect([alice.peer.channel.readyState, alice.peer.isClosed]).toEqual(["closing", false]);
    alice.peer.channel.closed();
    expect(alice.peer.isClosed).toBe(true);
    expect(bob.signals()).toEqual([{ type: "cancel", reason: "hung_up" }]);
    expect([alice.states(), alice.clock.waiting]).toEqual([["Open"], 0]);
  });

  test("does not wait long for a peer that is gone", async () => {
    const alice = new Page();
    await join(alice, new Page());
    await alice.handle({ type: "CloseLink", link: "link" });
    alice.clock.advance(1000);
    expect(alice.peer.isClosed).toBe(true);
  });
});
