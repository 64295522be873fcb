import { describe, expect, test } from "vitest";
import { MESSAGES } from "../../src/conference/limits";
import { Page, join, pass, takeCall } from "./support/bench";
import { settle } from "./support/clock";
import { FakePeer, sdpOf } from "./support/fake-peer";

describe("before Bob accepts", () => {
  test("he hears a cancel and nothing else, and what else came counts when he accepts", async () => {
    const [alice, bob] = [new Page({ name: "Alice" }), new Page()];
    await join(alice, bob);
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "decline", reason: "busy" } });
    await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true, conference: null });
    expect(bob.signals()).toEqual([{ type: "cancel", reason: "hung_up" }]);
    expect([bob.session.conference("call"), bob.peer.transceivers, bob.local.calls]).toEqual([null, [], []]);

    await takeCall(alice, bob);
    expect(bob.session.conference("call")?.participants).toEqual([
      expect.objectContaining({ name: "Alice", connection: "connected" }),
    ]);
    expect(bob.local.calls).toEqual(["start with camera"]);
  });

  test("a flood of early messages is not kept", async () => {
    const bob = new Page();
    await join(new Page(), bob);
    for (let width = 1; width <= 1000; width += 1)
      bob.peer.channel.hear({ type: "want", camera: { width, height: 1 }, screen: null });
    for (let i = 0; i < 1000; i += 1) bob.peer.channel.receive("c.{}");
    await bob.handle({ type: "UseMedia", link: "link", video: false, hosts: false, conference: null });
    expect(bob.faults).toEqual([]);
  });

  test("Alice hears his accept, and offers no media by herself", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    await bob.handle({ type: "SendOnLink", link: "link", signal: { type: "accept", video: true } });
    expect(alice.signals()).toEqual([{ type: "accept", video: true }]);
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true, conference: null });
    expect(alice.peer.transceivers).toEqual([]);
    expect(bob.peer.channel.types()).not.toContain("description");
  });
});

describe("media", () => {
  async function inACall(): Promise<{ alice: Page; bob: Page }> {
    const [alice, bob] = [new Page({ participant: "a" }), new Page({ participant: "b" })];
    await join(alice, bob);
    await takeCall(alice, bob);
    return { alice, bob };
  }

  test("Bob opens the sections and Alice uses the same ones, in both directions", async () => {
    const { alice, bob } = await inACall();
    for (const { peer, faults } of [alice, bob]) {
      expect(peer.transceivers.map(({ receiver, direction }) => [receiver.track.kind, direction])).toEqual([
        ["audio", "sendrecv"],
        ["video", "sendrecv"],
        ["video", "sendrecv"],
        ["audio", "sendrecv"],
      ]);
      expect(peer.signalingState).toBe("stable");
      expect(faults).toEqual([]);
    }
  });

  test("of a flood of messages Alice takes some at once, and then so many a second", async () => {
    const { alice, bob } = await inACall();
    const taken: number[] = [];
    for (const pause of [10_000, 10_000, 1000]) {
      await pass(pause, alice, bob);
      const before = alice.signals().length;
      for (let n = 0; n < 1000; n += 1) alice.peer.channel.hear({ type: "signal", signal: { n } });
      taken.push(alice.signals().length - before);
    }
    expect(taken).toEqual([MESSAGES.burst, MESSAGES.burst, MESSAGES.perSecond]);
  });

  test("turning a camera on needs no negotiation", async () => {
    const { alice, bob } = await inACall();
    await pass(1000, alice, bob);
    const said = bob.peer.channel.sent.length;
    bob.local.turnCamera(true);
    await pass(100, alice, bob);
    expect(bob.peer.transceivers[1]?.sender.track).toBe(bob.local.cameraTrack);
    expect(bob.peer.channel.sent.slice(said)).toEqual([]);
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

  test("when both offer at once, Bob gives way, who opened the media", async () => {
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
    expect([offersTaken(alice), offersTaken(bob)]).toEqual([before[0], (before[1] ?? 0) + 1]);
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
    await bob.handle({ type: "UseMedia", link: "link", video: true, hosts: false, conference: null });
    bob.peer.becomes("connected", "connected");
    expect(bob.peer.transceivers).toHaveLength(4);
  });

  async function broken(): Promise<{ alice: Page; bob: Page }> {
    const [alice, bob] = [new Page({ participant: "b" }), new Page({ participant: "a" })];
    await join(alice, bob);
    await takeCall(alice, bob);
    await pass(1000, alice, bob);
    alice.peer.becomes("disconnected", "disconnected");
    return { alice, bob };
  }

  test("is failing, looks for another path, and is open again when it finds one", async () => {
    const { alice, bob } = await broken();
    expect(alice.session.conference("call")?.participants[0]?.connection).toBe("reconnecting");
    await pass(2000, alice, bob);
    expect(alice.peer.restarts).toBe(1);
    alice.peer.becomes("connected", "connected");
    await pass(60_000, alice, bob);
    expect(alice.states()).toEqual(["Open", "Failing", "Open"]);
  });

  test("is lost after 10 s, also if it went on to fail", async () => {
    const { alice } = await broken();
    alice.clock.advance(5000);
    alice.peer.becomes("failed");
    alice.clock.advance(4999);
    expect(alice.states()).toEqual(["Open", "Failing"]);
    alice.clock.advance(1);
    expect(alice.states()).toEqual(["Open", "Failing", "Lost"]);
  });

  test("is failing when nothing is heard on it, and open again when something is", async () => {
    const { alice, bob } = await broken();
    alice.peer.becomes("connected", "connected");
    bob.peer.channel.other = null;
    await pass(4000, alice, bob);
    expect(alice.states()).toEqual(["Open", "Failing", "Open", "Failing"]);
    bob.peer.channel.other = alice.peer.channel;
    await pass(2000, alice, bob);
    expect(alice.states().at(-1)).toBe("Open");
  });

  test("is lost at once when its channel is closed, and stays so", async () => {
    const { alice } = await broken();
    alice.peer.channel.closed();
    alice.peer.becomes("connected", "connected");
    expect(alice.states()).toEqual(["Open", "Failing", "Lost"]);
  });

  test("one side restarts for both, at most once a second", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    await takeCall(alice, bob);
    for (let i = 0; i < 5; i += 1) for (const { session } of [alice, bob]) session.networkChanged();
    await settle();
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([1, 0]);
    await pass(1000, alice, bob);
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([2, 0]);
    await pass(10_000, alice, bob);
    expect([alice.peer.restarts, bob.peer.restarts]).toEqual([2, 0]);
  });

  test("a new network is used as soon as it is there", async () => {
    const [alice, bob] = [new Page(), new Page()];
    await join(alice, bob);
    alice.session.networkChanged();
    expect(alice.peer.restarts).toBe(0);
    await takeCall(alice, bob);
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
