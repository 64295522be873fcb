/** The page that the media checks drive: Alice and Bob in one document, with real devices, encoders and links. */
import { fingerprintsOf } from "../../src/conference/description";
import { Negotiation } from "../../src/conference/negotiation";
import { LinkTracks, type Slot } from "../../src/conference/tracks";
import type { DirectedLink, Size } from "../../src/conference";
import {
  LocalMedia,
  MediaDirector,
  SharedUplink,
  browserDevices,
  browserPlatform,
  type Wants,
} from "../../src/media";

type Described = { readonly kind: "offer" | "answer"; readonly sdp: string };

/** One of the two: a link as `Link` makes it, without what is not media. */
class Side {
  readonly peer = new RTCPeerConnection();
  readonly local: LocalMedia;
  readonly tracks: LinkTracks;
  readonly said: Described[] = [];
  readonly heard = new Map<Slot | null, { receiver: RTCRtpReceiver; stream: string | undefined }>();
  readonly faults: string[] = [];
  readonly #negotiation: Negotiation;
  #work: Promise<void> = Promise.resolve();
  other: Side | null = null;
  isInCall = false;

  constructor(opens: boolean, createScreen: () => MediaStreamTrack[]) {
    this.peer.createDataChannel("control", { negotiated: true, id: 0 });
    const fault = (error: unknown): void => void this.faults.push(String(error));
    this.local = new LocalMedia({
      devices: browserDevices(),
      storage: localStorage,
      createStream: () => new MediaStream(),
      getTracks: async (constraints) => (await navigator.mediaDevices.getUserMedia(constraints)).getTracks(),
      getDisplayTracks: () => Promise.resolve(createScreen()),
    });
    this.tracks = new LinkTracks(this.peer, this.local, fault, () => new MediaStream());
    this.local.subscribe(() => this.tracks.send());
    this.#negotiation = new Negotiation(this.peer, {
      // Its paths never change.
      clock: { now: () => 0, after: () => () => undefined },
      agree: () => true,
      askedAgain: () => undefined,
      isAllowed: () => this.isInCall,
      isPolite: () => !opens,
      dtlsRole: opens ? "passive" : "active",
      fingerprint: () => fingerprintsOf(this.other?.peer.localDescription?.sdp ?? "")[0] ?? "",
      described: () => undefined,
      beforeAnswer: () => this.tracks.adopt(),
      negotiated: () => undefined,
      send: (kind, sdp) => {
        this.said.push({ kind, sdp });
        this.other?.hear({ kind, sdp });
      },
      fault,
    });
    this.peer.addEventListener("track", ({ transceiver, receiver, streams }) => {
      this.heard.set(this.tracks.slotOf(transceiver), { receiver, stream: streams[0]?.id });
    });
    this.peer.addEventListener("icecandidate", ({ candidate }) => {
      const { other } = this;
      if (candidate !== null) other?.run(() => other.peer.addIceCandidate(candidate));
    });
  }

  hear({ kind, sdp }: Described): void {
    this.run(() => this.#negotiation.take(kind, sdp));
  }

  run(work: () => Promise<void>): void {
    this.#work = this.#work.then(work).catch((error: unknown) => void this.faults.push(String(error)));
  }
}

/** A picture that changes, as a screen does. */
function drawnScreen(): MediaStreamTrack[] {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: 1920, height: 1080 });
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  let drawn = 0;
  setInterval(() => {
    drawn += 1;
    context.fillStyle = drawn % 2 === 0 ? "white" : "silver";
    context.fillRect(0, 0, 1920, 1080);
    context.fillStyle = "black";
    context.font = "40px sans-serif";
    for (let line = 0; line < 20; line += 1) context.fillText(`line ${line} of ${drawn}`, 40, 50 * line);
  }, 100);
  return canvas.captureStream(10).getTracks();
}

const alice = new Side(true, drawnScreen);
const bob = new Side(false, () => []);
alice.other = bob;
bob.other = alice;

/** The link of a call begins with nothing but its channel. */
async function connect(): Promise<void> {
  await alice.peer.setLocalDescription();
  await bob.peer.setRemoteDescription(alice.peer.localDescription as RTCSessionDescription);
  await bob.peer.setLocalDescription();
  await alice.peer.setRemoteDescription(bob.peer.localDescription as RTCSessionDescription);
}

/** What Bob says he shows of Alice. */
let wants: Wants | null = null;
const link: DirectedLink = {
  key: "link",
  participant: "Bob",
  get senders() {
    return alice.tracks.senders;
  },
  get voice() {
    return alice.tracks.voice;
  },
  get wants() {
    return wants;
  },
  stats: () => alice.peer.getStats(),
};
let director: MediaDirector | null = null;

/** What came to Bob by now, of what Alice sends. */
async function received(slot: Slot): Promise<Record<string, unknown>> {
  const report = await bob.heard.get(slot)?.receiver.getStats();
  const [stats] = [...(report?.values() ?? [])].filter(
    ({ type }: { type: string }) => type === "inbound-rtp",
  ) as Record<string, unknown>[];
  return stats ?? {};
}

const media = {
  alice,
  bob,
  received,
  /** Alice films, speaks, and decides what Bob gets. */
  async call(): Promise<void> {
    await alice.local.start({ video: true });
    await connect();
    // What nobody plays, or plays muted, is not decoded everywhere.
    for (const { peer } of [alice, bob]) {
      peer.addEventListener("track", ({ track }) => {
        const element = Object.assign(document.createElement("video"), { playsInline: true });
        element.srcObject = new MediaStream([track]);
        element.play().catch(() => undefined);
        document.body.append(element);
      });
    }
    alice.isInCall = true;
    bob.isInCall = true;
    alice.tracks.add();
    director = new MediaDirector({
      clock: browserPlatform().clock,
      local: alice.local,
      uplink: new SharedUplink().share(),
      links: () => [link],
      participants: () => 2,
      changed: () => undefined,
      fault: (error) => void alice.faults.push(String(error)),
    });
  },
  want(camera: Size | null, screen: Size | null = null): void {
    wants = { camera, screen };
    director?.replan();
  },
  quality: () => director?.quality(link.key) ?? null,
  speaker: () => director?.speaker ?? null,
  /** Waits until it holds of what comes to Bob; looks again every 50 ms. */
  async until(slot: Slot, holds: (stats: Record<string, unknown>) => boolean): Promise<void> {
    while (!holds(await received(slot))) await new Promise((resolve) => setTimeout(resolve, 50));
  },
  /** By how much a figure grows in so many milliseconds. */
  async growth(slot: Slot, field: string, ms: number): Promise<number> {
    const before = Number((await received(slot))[field] ?? 0);
    await new Promise((resolve) => setTimeout(resolve, ms));
    return Number((await received(slot))[field] ?? 0) - before;
  },
};

export type MediaPage = typeof media;
Object.assign(globalThis, { media, page: media });
