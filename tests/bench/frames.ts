import type { Page } from "playwright-core";

/** One remote picture: when each of its frames was decoded, in ms of its page. */
interface Picture {
  readonly at: number[];
}

declare global {
  /** Everybody there was a connection to. */
  var __benchPeers: RTCPeerConnection[];
  var __benchPictures: Picture[];
  /** From now on. */
  var __benchNote: () => void;
}

/** Of one page: how many remote pictures moved to the end, and the longest wait for a frame of any of them, in ms. */
export interface Smoothness {
  readonly pictures: number;
  readonly gap: number;
}

/** A picture without a frame for so long stands still, in ms. */
const STILL = 1500;

/** For so long one looks whether a picture moves, in ms. */
const LOOKS = 500;

/** Knows every remote picture of a page from its next load on. */
export async function knowPictures(page: Page): Promise<void> {
  // tsx names every function through a helper that the page does not have.
  await page.addInitScript("globalThis.__name = (named) => named");
  await page.addInitScript(watch);
}

function watch(): void {
  // Newer than the DOM library of TypeScript.
  type Processor = new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  const { MediaStreamTrackProcessor } = globalThis as unknown as { MediaStreamTrackProcessor: Processor };
  const note = async (track: MediaStreamTrack): Promise<void> => {
    const picture: Picture = { at: [] };
    globalThis.__benchPictures.push(picture);
    const reader = new MediaStreamTrackProcessor({ track }).readable.getReader();
    for (;;) {
      const { value } = await reader.read();
      if (value === undefined) return;
      value.close();
      picture.at.push(performance.now());
    }
  };
  const waiting = new Set<MediaStreamTrack>();
  let noting = false;
  globalThis.__benchPeers = [];
  globalThis.__benchPictures = [];
  globalThis.__benchNote = () => {
    noting = true;
    for (const track of waiting) if (track.readyState === "live") void note(track);
    waiting.clear();
  };
  const Peer = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      globalThis.__benchPeers.push(this);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "video") return;
        if (noting) void note(track);
        else waiting.add(track);
      });
    }
  };
}

/**
 * From now on every decoded frame of every remote picture is noted. This takes processor time, which would be missing
 * where something else is measured.
 */
export async function noteFrames(page: Page): Promise<void> {
  await page.evaluate(() => globalThis.__benchNote());
}

/** How many remote pictures move now. */
export async function moving(page: Page): Promise<number> {
  return page.evaluate(async (looks) => {
    const decoded = async (): Promise<Map<string, number>> => {
      const reports = await Promise.all(globalThis.__benchPeers.map((peer) => peer.getStats()));
      const pictures = reports.flatMap((report, i) =>
        [...(report.values() as Iterable<RTCInboundRtpStreamStats>)]
          .filter(({ type, kind }) => type === "inbound-rtp" && kind === "video")
          .map(({ id, framesDecoded }) => [`${i} ${id}`, framesDecoded ?? 0] as const),
      );
      return new Map(pictures);
    };
    const before = await decoded();
    await new Promise((resolve) => setTimeout(resolve, looks));
    return [...(await decoded())].filter(([id, frames]) => frames > (before.get(id) ?? 0)).length;
  }, LOOKS);
}

/** The page's own time. */
export async function timeOf(page: Page): Promise<number> {
  return page.evaluate(() => performance.now());
}

/**
 * From a moment of the page until now. A picture that stopped for good is not waited for, so whoever asks compares the
 * number of pictures with what it must be; one that began later, or is late now, is part of the gap.
 */
export async function smoothness(page: Page, since: number): Promise<Smoothness> {
  return page.evaluate(
    ([from, still]) => {
      const now = performance.now();
      let [pictures, gap] = [0, 0];
      for (const { at } of globalThis.__benchPictures) {
        if (now - (at.at(-1) ?? -still) >= still) continue;
        pictures += 1;
        // The last frame before the moment counts: the wait may have begun with it.
        const before = at.findLast((one) => one <= from) ?? from;
        const moments = [before, ...at.filter((one) => one > from), now];
        moments.forEach((one, i) => {
          const next = moments[i + 1];
          if (next !== undefined) gap = Math.max(gap, next - one);
        });
      }
      return { pictures, gap };
    },
    [since, STILL] as const,
  );
}
