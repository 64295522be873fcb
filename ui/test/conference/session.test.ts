import { describe, expect, test } from "vitest";
import type { Director } from "../../src/conference";
import { NOBODY_DIRECTS, Page, join, pass, takeCall } from "./support/bench";

async function inACall(link = "link"): Promise<{ alice: Page; bob: Page }> {
  const [alice, bob] = [
    new Page({ participant: "a", name: "Alice" }),
    new Page({ participant: "b", name: "Bob" }),
  ];
  await join(alice, bob, link);
  await takeCall(alice, bob, link);
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

  test("a TURN server without user name or password is left out: browsers would make no connection", async () => {
    const alice = new Page();
    const turn = { url: "turn:turn.example.test", username: "alice", credential: "secret" };
    const halves = [
      { ...turn, username: "" },
      { ...turn, credential: "" },
    ];
    alice.session.configure({ stun: [], turn: [...halves, turn], relay_only: true });
    await alice.offer();
    expect(alice.peer.configuration.iceServers).toEqual([
      { urls: "turn:turn.example.test", username: "alice", credential: "secret" },
    ]);
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
    await bob.handle({ type: "UseMedia", link: "one", video: true, hosts: false, conference: null });
    await bob.handle({ type: "UseAnswer", link: "two", description: "x" });
    await bob.handle({ type: "SendOnLink", link: "three", signal: { type: "cancel" } });
    await bob.handle({ type: "CloseLink", link: "four" });
    expect(bob.linkReports.map(({ link }) => link)).toEqual(["one", "two", "three"]);
    expect(bob.local.calls).toEqual([]);
  });
});

test("a call that has ended says its last word before its link is closed", async () => {
  const { alice, bob } = await inACall();
  alice.session.callEnded("call");
  await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
  await alice.handle({ type: "CloseLink", link: "link" });
  expect(bob.linkReports.at(-1)).toMatchObject({ type: "SignalFromLink", signal: { reason: "hung_up" } });
  expect(alice.states()).toEqual(["Open"]);
});

test("Alice hangs up while her backend is away: Bob hears it on the link, and nothing of her goes on", async () => {
  const { alice, bob } = await inACall();
  alice.session.hangUp("call");
  alice.session.callEnded("call");
  await alice.handle({ type: "CloseLink", link: "link" });
  expect(bob.signals()).toEqual([{ type: "cancel", reason: "hung_up" }]);
  await pass(1000, alice, bob);
  expect([alice.local.calls.at(-1), alice.peer.isClosed]).toEqual(["stop", true]);
});

test("who says goodbye to the conference before the word on the call is not put out by the other side", async () => {
  const { alice, bob } = await inACall();
  alice.session.callEnded("call");
  await pass(1000, alice, bob);
  await alice.handle({ type: "SendOnLink", link: "link", signal: { type: "cancel", reason: "hung_up" } });
  expect(bob.reports.filter(({ type }) => type === "Expel")).toEqual([]);
});

describe("who is in the conference", () => {
  test("nobody before media is allowed; then the other side, by its own name", async () => {
    const [alice, bob] = [new Page({ name: "Alice" }), new Page({ name: "Bob" })];
    await join(alice, bob);
    expect(alice.session.conference("call")).toBeNull();
    await takeCall(alice, bob);
    expect(alice.session.conference("call")?.participants).toEqual([
      expect.objectContaining({ key: "call", link: "link", name: "Bob", connection: "connected" }),
    ]);
    expect(alice.session.conference("another")).toBeNull();
  });

  test("both sides are in the same one, and the caller is its organiser", async () => {
    const { alice, bob } = await inACall();
    const [hers, his] = [alice, bob].map(({ session }) => session.conference("call"));
    expect(hers?.id).toMatch(/^[0-9a-f]{32}$/);
    expect(his?.id).toBe(hers?.id);
    expect([hers?.own.organiser, his?.own.organiser]).toEqual([true, false]);
    expect(his?.participants[0]).toMatchObject({ id: hers?.own.id, organiser: true });
  });

  test("the backend hears which one, and that nobody else is in it", async () => {
    const { alice } = await inACall();
    expect(alice.reports.at(-1)).toEqual({
      type: "Conference",
      call: "call",
      conference: { id: alice.session.conference("call")?.id, topic: "", people: ["Bob"] },
      others: 0,
      ways: [],
      proven: [],
    });
  });

  test("a new name is shown, and listeners hear of it until they leave", async () => {
    const { alice, bob } = await inACall();
    let heard = 0;
    const leave = alice.session.subscribe(() => (heard += 1));
    bob.calls("Robert");
    await pass(100, alice, bob);
    expect(alice.session.conference("call")?.participants[0]?.name).toBe("Robert");
    expect(heard).toBeGreaterThan(0);
    leave();
    heard = 0;
    bob.calls("Bob");
    await pass(100, alice, bob);
    expect(heard).toBe(0);
  });

  test("what Bob's device finds of its connections Alice knows, and Bob himself", async () => {
    let measured = (): void => undefined;
    const poor: Director = { ...NOBODY_DIRECTS, grade: "poor" };
    const alice = new Page({ name: "Alice" });
    const bob = new Page({
      participant: "b",
      name: "Bob",
      direct: (_, ports) => {
        measured = () => ports.changed();
        return poor;
      },
    });
    await join(alice, bob);
    await takeCall(alice, bob);
    const known = (): unknown => alice.session.conference("call")?.participants[0]?.quality;
    expect(known()).toBe("unknown");
    measured();
    await pass(1000, alice, bob);
    expect(known()).toBe("poor");
    expect(bob.session.conference("call")?.own.quality).toBe("poor");
  });

  test("somebody whose link was lost keeps the place until a fresh link brings them back", async () => {
    const { alice, bob } = await inACall();
    const before = alice.session.conference("call");
    const shown = (): unknown => {
      const { id, participants } = alice.session.conference("call") ?? {};
      return [id, participants?.map((one) => [one.key, one.name, one.link, one.connection])];
    };
    alice.peer.channel.closed();
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(shown()).toEqual([before?.id, [["call", "Bob", "link", "reconnecting"]]]);
    await join(alice, bob, "second");
    await takeCall(alice, bob, "second");
    expect(shown()).toEqual([before?.id, [["call", "Bob", "second", "connected"]]]);
  });

  test("somebody whose page was reloaded is one person, and comes back into the same conference", async () => {
    const { alice, bob } = await inACall();
    const before = alice.session.conference("call");
    alice.peer.channel.closed();
    bob.session.close();
    await alice.handle({ type: "CloseLink", link: "link" });
    const reloaded = new Page({ participant: "b", name: "Bob" });
    await join(alice, reloaded, "second");
    await takeCall(alice, reloaded, "second");
    const after = alice.session.conference("call");
    expect(after?.id).toBe(before?.id);
    expect(after?.participants.map(({ key, link }) => [key, link])).toEqual([["call", "second"]]);
    expect(reloaded.session.conference("call")?.id).toBe(before?.id);
  });

  test("the caller's page was reloaded: the conference that runs on the other side goes on", async () => {
    const { alice, bob } = await inACall();
    const before = bob.session.conference("call");
    bob.peer.channel.closed();
    alice.session.close();
    await bob.handle({ type: "CloseLink", link: "link" });
    const reloaded = new Page({ participant: "a", name: "Alice" });
    await join(reloaded, bob, "second");
    await takeCall(reloaded, bob, "second");
    expect(reloaded.session.conference("call")?.id).toBe(before?.id);
    expect(bob.session.conference("call")?.participants.map(({ name }) => name)).toEqual(["Alice"]);
  });

  test("a second attempt beside one that does not open is not a second person", async () => {
    const [alice, bob] = [new Page(), new Page({ participant: "b" })];
    const answer = await bob.answer(await alice.offer("first"), "first");
    await alice.handle({ type: "UseAnswer", link: "first", description: answer });
    await alice.handle({ type: "UseMedia", link: "first", video: true, hosts: true, conference: null });
    expect(alice.session.conference("call")?.participants.map(({ connection }) => connection)).toEqual([
      "connecting",
    ]);
    await join(alice, bob, "second");
    await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true, conference: null });
    const shown = alice.session
      .conference("call")
      ?.participants.map(({ link, connection }) => [link, connection]);
    expect(shown).toEqual([["second", "connected"]]);
  });

  test("several devices ring and only the one that takes the call is in it", async () => {
    const [alice, laptop, phone] = [new Page(), new Page(), new Page()];
    await join(alice, laptop, "laptop");
    await join(alice, phone, "phone");
    await alice.handle({ type: "UseMedia", link: "phone", video: true, hosts: true, conference: null });
    expect(alice.session.conference("call")?.participants.map(({ link }) => link)).toEqual(["phone"]);
  });
});

describe("the camera", () => {
  test("is sent as planned as soon as both sides' sections are settled, also by who answers", async () => {
    const told: string[] = [];
    const bob = new Page();
    const alice: Page = new Page({
      direct: (page, ports) => ({
        ...NOBODY_DIRECTS,
        replan: () => {
          const senders = [...ports.links()].filter((link) => link.senders.camera !== null);
          if (senders.length > 0) told.push(page.peer.signalingState);
        },
      }),
    });
    await join(alice, bob);
    await takeCall(alice, bob);
    expect(told).toContain("stable");
  });

  test("is asked for once for a call, and let go when its link is closed", async () => {
    const { alice } = await inACall();
    await alice.handle({ type: "UseMedia", link: "link", video: true, hosts: true, conference: null });
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(alice.local.calls).toEqual(["start with camera", "stop"]);
  });

  test("stays on while a lost link is replaced", async () => {
    const { alice, bob } = await inACall();
    alice.peer.channel.closed();
    await alice.handle({ type: "CloseLink", link: "link" });
    await join(alice, bob, "second");
    await alice.handle({ type: "UseMedia", link: "second", video: true, hosts: true, conference: null });
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
    await alice.handle({ type: "UseMedia", link: "other", video: true, hosts: true, conference: null });
    await alice.handle({ type: "CloseLink", link: "link" });
    expect(alice.local.calls).not.toContain("stop");
    alice.session.callEnded("other");
    expect(alice.local.calls.at(-1)).toBe("stop");
  });

  test.each([true, false])(
    "is Alice's own matter when another call leads into her conference, video: %s",
    async (video) => {
      const { alice } = await inACall();
      const conference = alice.session.conference("call")?.id ?? null;
      await alice.handle({ type: "MakeOffer", call: "other", link: "other" });
      await alice.handle({ type: "UseMedia", link: "other", video, hosts: true, conference });
      expect(alice.local.calls).toEqual(["start with camera"]);
    },
  );

  test("is not taken from a call by another one that has none", async () => {
    const { alice } = await inACall();
    alice.local.turnCamera(true);
    await alice.handle({ type: "MakeOffer", call: "other", link: "other" });
    await alice.handle({ type: "UseMedia", link: "other", video: false, hosts: true, conference: null });
    expect(alice.local.calls.at(-1)).toBe("start with camera");
  });

  test("is let go, and every link closed, when the page goes away", async () => {
    const { alice } = await inACall();
    alice.session.close();
    expect([alice.peer.isClosed, alice.local.calls.at(-1), alice.clock.waiting]).toEqual([true, "stop", 0]);
    expect(alice.states()).toEqual(["Open"]);
  });
});
