import { describe, expect, test } from "vitest";
import { Page, join } from "./support/bench";
import { settle } from "./support/clock";

async function inACall(link = "link"): Promise<{ alice: Page; bob: Page }> {
  const [alice, bob] = [new Page({ participant: "a" }), new Page({ participant: "b" })];
  await join(alice, bob, link);
  await bob.handle({ type: "UseMedia", link, video: true, hosts: false });
  await alice.handle({ type: "UseMedia", link, video: true, hosts: true });
  return { alice, bob };
}

describe("what the backend asks", () => {
  test("the settings make the connection", async () => {
    const alice = new Page();
    const turn = { url: "turn:turn.example.test", username: "alice", credential: "secret" };
    alice.session.configure({ stun: ["stun:stun.example.test"], turn: [turn], relay_only: true });
    await alice.offer();
    expect(alice.peer.configuration).toEqual({
      iceServers: [
        { urls: "stun:stun.example.test" },
        { urls: "turn:turn.example.test", username: "alice", credential: "secret" },
      ],
      iceTransportPolicy: "relay",
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
    });
  });

  test("said twice is done once", async () => {
    const [alice, bob] = [new Page(), new Page()];
    const offer = await alice.offer();
    await alice.handle({ type: "MakeOffer", call: "call", link: "link" });
    const answer = await bob.answer(offer);
    await alice.handle({ type: "UseAnswer", link: "link", description: answer });
    await alice.handle({ type: "UseAnswer", link: "link", description: answer });
    expect([alice.peers.length, alice.peer.remoteDescriptions.length]).toEqual([1, 1]);
  });

  test.each([
    ["garbage", "garbage"],
    ["nothing", ""],
    ["an answer", null],
  ])("%s instead of an offer makes a lost link, and no connection", async (_, text) => {
    const bob = new Page();
    const description = text ?? (await new Page().answer(await new Page().offer()));
    await bob.handle({ type: "MakeAnswer", call: "call", link: "link", description });
    expect([bob.states(), bob.peers.length, bob.faults.length]).toEqual([["Lost"], 0, 1]);
  });

  test("garbage instead of an answer loses the link", async () => {
    const alice = new Page();
    await alice.offer();
    await alice.handle({ type: "UseAnswer", link: "link", description: "garbage" });
    expect([alice.states(), alice.peer.isClosed]).toEqual([["Lost"], true]);
  });

  test("a link that this page does not have is lost, however it is spoken of", async () => {
    const bob = new Page();
    await bob.handle({ type: "UseMedia", link: "one", video: true, hosts: false });
    await bob.handle({ type: "UseAnswer", link: "two", description: "x" });
    await bob.handle({ type: "SendOnLink", link: "three", signal: { type: "cancel" } });
    await bob.handle({ type: "CloseLink", link: "four" });
    expect(bob.reports.map(({ link }) => link)).toEqual(["one", "two", "three"]);
    expect(bob.local.calls).toEqual([]);
  });
});

test("a call that has ended says its last word before its link is closed", async () => {
  const { alice, bob } = await inACall();
  alice.session.callEnded("call");
  await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
  await alice.handle({ type: "CloseLink", link: "link" });
  expect(bob.reports.at(-1)).toMatchObject({ type: "SignalFromLink", signal: { reason: "hung_up" } });
  expect(alice.states()).toEqual(["Open"]);
});

describe("who is in the conference", () => {
  test("nobody before media is allowed; then the other side, by its own name", async () => {
    const { alice, bob } = await inACall();
    bob.session.setName("Bob");
    await settle();
    expect(alice.session.conference("call")).toEqual({
      call: "call",
      participants: [
        {
          link: "link",
          id: "b".repeat(32),
          name: "Bob",
          stream: null,
          muted: false,
          camera: false,
          connection: "connected",
        },
      ],
    });
    expect(alice.session.conference("another")).toBeNull();
  });

  test("listeners hear of a change, and nothing after they left", async () => {
    const { alice, bob } = await inACall();
    let heard = 0;
    const leave = alice.session.subscribe(() => (heard += 1));
    bob.session.setName("Bob");
    await settle();
    expect(heard).toBe(1);
    leave();
    bob.session.setName("Robert");
    await settle();
    expect(heard).toBe(1);
  });

  test("somebody whose link was lost keeps the place until a fresh link brings them back", async () => {
    const { alice, bob } = await inACall();
    bob.session.setName("Bob");
    await settle();
    const bobAs = (link: string, connection: string): unknown => [
      expect.objectContaining({ link, connection, name: "Bob", id: "b".repeat(32) }),
    ];
    alice.peer.channel.closed();
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(alice.session.conference("call")?.participants).toEqual(bobAs("link", "reconnecting"));
    await join(alice, bob, "second");
    await bob.handle({ type: "UseMedia", link: "second", video: true, hosts: false });
    await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true });
    expect(alice.session.conference("call")?.participants).toEqual(bobAs("second", "connected"));
  });

  test("a second attempt beside one that does not open is not a second person", async () => {
    const [alice, bob] = [new Page(), new Page({ participant: "b" })];
    const answer = await bob.answer(await alice.offer("first"), "first");
    await alice.handle({ type: "UseAnswer", link: "first", description: answer });
    await alice.handle({ type: "UseMedia", link: "first", video: true, hosts: true });
    expect(alice.session.conference("call")?.participants.map(({ connection }) => connection)).toEqual([
      "connecting",
    ]);
    await join(alice, bob, "second");
    await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true });
    const shown = alice.session
      .conference("call")
      ?.participants.map(({ link, connection }) => [link, connection]);
    expect(shown).toEqual([["second", "connected"]]);
  });

  test("several devices ring and only the one that takes the call is in it", async () => {
    const [alice, laptop, phone] = [new Page(), new Page(), new Page()];
    await join(alice, laptop, "laptop");
    await join(alice, phone, "phone");
    await alice.handle({ type: "UseMedia", link: "phone", video: true, hosts: true });
    expect(alice.session.conference("call")?.participants.map(({ link }) => link)).toEqual(["phone"]);
  });
});

describe("the camera", () => {
  test("is asked for once for a call, and let go when its link is closed", async () => {
    const { alice } = await inACall();
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true });
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(alice.local.calls).toEqual(["start with camera", "stop"]);
  });

  test("stays on while a lost link is replaced", async () => {
    const { alice, bob } = await inACall();
    alice.peer.channel.closed();
    await alice.handle({ type: "CloseLink", link: "link" });
    await join(alice, bob, "second");
    await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true });
    expect(alice.local.calls).toEqual(["start with camera"]);
    alice.session.callEnded("call");
    expect(alice.local.calls).toEqual(["start with camera", "stop"]);
    expect(alice.session.conference("call")).toBeNull();
  });

  test("is let go after a minute if no link replaces a lost one", async () => {
    const { alice } = await inACall();
    alice.peer.channel.closed();
    await alice.handle({ type: "CloseLink", link: "link" });
    alice.clock.advance(59_999);
    expect(alice.local.calls).toEqual(["start with camera"]);
    alice.clock.advance(1);
    expect(alice.local.calls).toEqual(["start with camera", "stop"]);
  });

  test("stays on while another call goes on", async () => {
    const { alice } = await inACall();
    await alice.handle({ type: "MakeOffer", call: "other", link: "other" });
    await alice.handle({ type: "UseMedia", link: "other", video: true, hosts: true });
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(alice.local.calls).not.toContain("stop");
    alice.session.callEnded("other");
    expect(alice.local.calls.at(-1)).toBe("stop");
  });

  test("is let go, and every link closed, when the page goes away", async () => {
    const { alice } = await inACall();
    alice.session.close();
    expect([alice.peer.isClosed, alice.local.calls.at(-1), alice.clock.waiting]).toEqual([true, "stop", 0]);
    expect(alice.states()).toEqual(["Open"]);
  });
});
