import { describe, expect, test } from "vitest";
import { LinkTracks, type Slot } from "../../src/conference/tracks";
import { FakePeer, FakeTransceiver, sdpOf } from "./support/fake-peer";
import { FakeSource } from "./support/fake-source";

interface Side {
  readonly peer: FakePeer;
  readonly local: FakeSource;
  readonly tracks: LinkTracks;
  /** What `track` events were taken for. */
  readonly heard: (Slot | null)[];
}

function side(): Side {
  const [peer, local] = [new FakePeer({}), new FakeSource()];
  const fault = (error: unknown): void => expect.fail(String(error));
  const tracks = new LinkTracks(
    peer as unknown as RTCPeerConnection,
    local,
    fault,
    () => ({}) as MediaStream,
  );
  const heard: (Slot | null)[] = [];
  peer.addEventListener("track", (event) => heard.push(tracks.slotOf((event as RTCTrackEvent).transceiver)));
  return { peer, local, tracks, heard };
}

/** Bob takes an offer with so many sections for sound and picture. */
async function offered(sections: number, sdp = sdpOf([], sections)): Promise<Side> {
  const bob = side();
  await bob.peer.setRemoteDescription({ type: "offer", sdp });
  bob.tracks.adopt();
  return bob;
}

const kinds = ({ peer }: Side): string[] => peer.transceivers.map(({ receiver }) => receiver.track.kind);
const directions = ({ peer }: Side): string[] => peer.transceivers.map(({ direction }) => direction);
const sent = ({ peer }: Side): unknown[] => peer.transceivers.map(({ sender }) => sender.track);

describe("the sections of a link", () => {
  test("are the same on the side that opens them and on the other", async () => {
    const alice = side();
    alice.tracks.add();
    const bob = await offered(4);
    for (const one of [alice, bob]) {
      expect(kinds(one)).toEqual(["audio", "video", "video", "audio"]);
      expect(directions(one)).toEqual(["sendrecv", "sendrecv", "sendrecv", "sendrecv"]);
    }
  });

  test("are known by what they carry before the offer is answered", async () => {
    const bob = await offered(4);
    expect(bob.heard).toEqual(["microphone", "camera", "screen", "screenSound"]);
  });

  test("carry what there is to send, each its own", async () => {
    const bob = await offered(4);
    const { local, tracks } = bob;
    local.microphoneTrack = { kind: "audio" } as MediaStreamTrack;
    local.turnCamera(true);
    local.share(true);
    tracks.send();
    const { microphoneTrack, cameraTrack, screenTrack, screenSoundTrack } = local;
    expect(sent(bob)).toEqual([microphoneTrack, cameraTrack, screenTrack, screenSoundTrack]);
    expect(tracks.senders.screen?.track).toBe(screenTrack);
    tracks.silence();
    expect(sent(bob)).toEqual([null, null, null, null]);
  });

  test("are fewer with somebody who has no screen to share", async () => {
    const bob = await offered(2);
    bob.local.turnCamera(true);
    bob.local.share(true);
    bob.tracks.send();
    expect(sent(bob)).toEqual([null, bob.local.cameraTrack]);
    expect(bob.tracks.senders.screen).toBeNull();
  });

  test("are told apart by their order among their kind, whatever the order of the kinds", async () => {
    const lines = sdpOf([], 1).replace(/m=audio.*/, "m=video 9 X 96\r\nm=audio 9 X 96\r\nm=audio 9 X 96");
    const bob = await offered(3, lines);
    expect(bob.heard).toEqual(["camera", "microphone", "screenSound"]);
  });

  test("beyond the four nothing is received", async () => {
    const bob = await offered(4, `${sdpOf([], 4)}m=video 9 X 96\r\n`);
    expect(directions(bob).at(-1)).toBe("inactive");
    expect(bob.tracks.slotOf(bob.peer.transceivers[4] as unknown as RTCRtpTransceiver)).toBeNull();
  });

  test("are adopted once: a second offer, for a new path, changes nothing", async () => {
    const bob = await offered(4);
    bob.local.turnCamera(true);
    bob.tracks.send();
    await bob.peer.setRemoteDescription({ type: "offer", sdp: sdpOf([], 4) });
    bob.tracks.adopt();
    expect([bob.peer.transceivers.length, sent(bob)[1]]).toEqual([4, bob.local.cameraTrack]);
  });

  test("of another link are none of ours", () => {
    const stranger = new FakeTransceiver("audio", "sendrecv") as unknown as RTCRtpTransceiver;
    expect(side().tracks.slotOf(stranger)).toBeNull();
  });
});
