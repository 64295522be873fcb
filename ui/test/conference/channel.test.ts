import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ControlChannel, MAX_BUFFERED, MAX_WAITING } from "../../src/conference/channel";
import { MAX_MESSAGE, readMessage, writeMessage, type Message } from "../../src/conference/message";
import { FakePeer } from "./support/fake-peer";

const messages: Message[] = [
  { type: "hello", key: "a2V5", sig: "c2ln", conference: "0123456789abcdef".repeat(2), running: true },
  { type: "want", camera: { width: 320, height: 180 }, screen: null },
  { type: "signal", signal: { type: "accept", video: true } },
  { type: "private", line: { text: "psst" } },
  { type: "candidate", candidate: "candidate:1 1 udp 1 192.0.2.1 1 typ host", mid: "0", ufrag: null },
  { type: "restart", ufrag: "AbCd" },
  { type: "probe" },
  { type: "spare", sdp: "v=0" },
  { type: "description", kind: "offer", sdp: "v=0\r\n" },
];

function channel(): { peer: FakePeer; channel: ControlChannel; heard: Message[] } {
  const peer = new FakePeer({});
  const heard: Message[] = [];
  const events = {
    open: () => undefined,
    closed: () => undefined,
    message: (message: Message) => heard.push(message),
    frame: () => undefined,
  };
  return { peer, channel: new ControlChannel(peer as unknown as RTCPeerConnection, events), heard };
}

describe("messages", () => {
  test.each(messages)("$type arrives as it was sent", (message) => {
    expect(readMessage(writeMessage(message))).toEqual(message);
  });

  test("fields of a later version are ignored", () => {
    const text = JSON.stringify({ v: 1, ...messages[0], mood: "good" });
    expect(readMessage(text)).toEqual(messages[0]);
  });

  test.each([
    ["another version", JSON.stringify({ ...messages[0], v: 2 })],
    ["no version", JSON.stringify(messages[0])],
    ["an unknown type", JSON.stringify({ v: 1, type: "dance" })],
    ["a conference that is none", JSON.stringify({ v: 1, ...messages[0], conference: "Bob's" })],
    ["a size that is none", JSON.stringify({ v: 1, ...messages[1], camera: { width: -1, height: 1e9 } })],
    ["a signal that is a list", JSON.stringify({ v: 1, type: "signal", signal: [1] })],
    ["a signal that is nothing", JSON.stringify({ v: 1, type: "signal", signal: null })],
    [
      "a description that takes back",
      JSON.stringify({ v: 1, type: "description", kind: "rollback", sdp: "" }),
    ],
    ["bytes", new ArrayBuffer(4)],
    ["a number", "7"],
    ["half a message", '{"v":1,"type":'],
    ["a very deep message", "[".repeat(16_000)],
    [
      "a message that is too long",
      JSON.stringify({ v: 1, type: "signal", signal: { text: "x".repeat(MAX_MESSAGE) } }),
    ],
  ])("%s is ignored", (_, data) => {
    expect(readMessage(data)).toBeNull();
  });

  test("garbage never throws", () => {
    const likely = fc.record(
      { v: fc.constant(1), type: fc.constantFrom(...messages.map(({ type }) => type)) },
      { requiredKeys: [] },
    );
    const merged = fc.tuple(likely, fc.object()).map(([a, b]) => JSON.stringify({ ...b, ...a }));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), merged), (data) => void readMessage(data)),
      { numRuns: 1000 },
    );
  });
});

describe("the channel", () => {
  test("what is said before it opens is said when it opens, in order", () => {
    const { peer, channel: control } = channel();
    for (const message of messages) control.send(message);
    expect(peer.channel.sent).toEqual([]);
    peer.channel.open();
    expect(peer.channel.types()).toEqual(messages.map(({ type }) => type));
  });

  test("so much waits, and no more", () => {
    const { channel: control } = channel();
    for (let i = 0; i < MAX_WAITING; i += 1) control.send({ type: "signal", signal: {} });
    expect(() => control.send({ type: "signal", signal: {} })).toThrow("too_many_waiting");
  });

  test("a message over 16 KiB is not sent, counted in bytes", () => {
    const { peer, channel: control } = channel();
    peer.channel.open();
    expect(() => control.send({ type: "signal", signal: { text: "é".repeat(9000) } })).toThrow(
      "message_too_large",
    );
    expect(peer.channel.sent).toEqual([]);
  });

  test("a peer that reads nothing gets no more", () => {
    const { peer, channel: control } = channel();
    peer.channel.open();
    peer.channel.bufferedAmount = MAX_BUFFERED + 1;
    expect(() => control.send({ type: "signal", signal: {} })).toThrow("peer_does_not_read");
  });

  test("garbage from the peer is not heard", () => {
    const { peer, heard } = channel();
    peer.channel.receive("garbage");
    peer.channel.receive(new Uint8Array(3));
    peer.channel.hear({ type: "signal", signal: { type: "cancel" } });
    expect(heard).toEqual([{ type: "signal", signal: { type: "cancel" } }]);
  });
});
