import type { Page } from "playwright-core";

import type { MeasuredBrowser } from "./browser.ts";
import { HOME, freshPage } from "./lab.ts";

/** What one side of a link captures and sends: as our code chose it. */
export interface Shape {
  readonly video: MediaTrackConstraints;
  readonly audio: MediaTrackConstraints;
  /** For example `video/VP8`. */
  readonly codec: string;
  readonly picture: { maxBitrate: number; maxFramerate: number; scaleResolutionDownBy: number };
  readonly voice: { maxBitrate: number };
}

/** What the bare page offers to this process. */
interface Bare {
  open(shape: Shape): Promise<void>;
  offer(to: string): Promise<string>;
  answer(from: string, offer: string): Promise<string>;
  use(from: string, answer: string): Promise<void>;
  readonly peers: ReadonlyMap<string, RTCPeerConnection>;
}

declare global {
  var bare: Bare;
}

/** Pages in a full mesh of nothing but peer connections of this shape, each showing all others in tiles of this size. */
export async function bareMesh(
  browser: MeasuredBrowser,
  people: number,
  shape: Shape,
  tile: { width: number; height: number },
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let i = 0; i < people; i++) {
    const page = await freshPage(browser, `(${script.toString()})(${JSON.stringify(tile)})`);
    // tsx names every function through a helper that the page does not have.
    await page.addInitScript("globalThis.__name = (named) => named");
    await page.goto(HOME);
    await page.waitForFunction(() => globalThis.bare !== undefined);
    await page.evaluate((one) => globalThis.bare.open(one), shape);
    pages.push(page);
  }
  for (const [i, caller] of pages.entries()) {
    for (const [j, callee] of pages.entries()) {
      if (j <= i) continue;
      const offer = await caller.evaluate((to) => globalThis.bare.offer(to), `${j}`);
      const answer = await callee.evaluate(([from, sdp]) => globalThis.bare.answer(from, sdp), [
        `${i}`,
        offer,
      ] as const);
      await caller.evaluate(([from, sdp]) => globalThis.bare.use(from, sdp), [`${j}`, answer] as const);
    }
  }
  return pages;
}

/** Runs in the page. */
function script(tile: { width: number; height: number }): void {
  const peers = new Map<string, RTCPeerConnection>();
  let stream = new MediaStream();
  let wanted: Shape | undefined;

  const create = (to: string): RTCPeerConnection => {
    const peer = new RTCPeerConnection();
    peers.set(to, peer);
    const element = Object.assign(document.createElement("video"), tile);
    element.srcObject = new MediaStream();
    document.body.append(element);
    peer.addEventListener("track", ({ track }) => {
      (element.srcObject as MediaStream).addTrack(track);
      void element.play();
    });
    return peer;
  };
  const gathered = (peer: RTCPeerConnection): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (peer.iceGatheringState === "complete") resolve(peer.localDescription?.sdp ?? "");
      };
      peer.addEventListener("icegatheringstatechange", look);
      look();
    });
  const send = (peer: RTCPeerConnection): void => {
    for (const track of stream.getTracks()) {
      const transceiver =
        peer.getTransceivers().find(({ receiver, sender }) => {
          return sender.track === null && receiver.track.kind === track.kind;
        }) ?? peer.addTransceiver(track, { direction: "sendrecv" });
      void transceiver.sender.replaceTrack(track);
      transceiver.direction = "sendrecv";
      if (track.kind !== "video") continue;
      const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
      transceiver.setCodecPreferences(codecs.filter(({ mimeType }) => mimeType === wanted?.codec));
    }
  };
  const limit = async (peer: RTCPeerConnection): Promise<void> => {
    for (const sender of peer.getSenders()) {
      const parameters = sender.getParameters();
      const encoding = sender.track?.kind === "video" ? wanted?.picture : wanted?.voice;
      for (const one of parameters.encodings) Object.assign(one, encoding);
      await sender.setParameters(parameters);
    }
  };

  globalThis.bare = {
    peers,
    async open(shape) {
      wanted = shape;
      stream = await navigator.mediaDevices.getUserMedia({ video: shape.video, audio: shape.audio });
    },
    async offer(to) {
      const peer = create(to);
      send(peer);
      await peer.setLocalDescription();
      return gathered(peer);
    },
    async answer(from, offer) {
      const peer = create(from);
      await peer.setRemoteDescription({ type: "offer", sdp: offer });
      send(peer);
      await peer.setLocalDescription();
      await limit(peer);
      return gathered(peer);
    },
    async use(from, answer) {
      const peer = peers.get(from);
      if (peer === undefined) throw new Error("no such peer");
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
      await limit(peer);
    },
  };
}
