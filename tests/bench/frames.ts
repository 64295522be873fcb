import type { Page } from "playwright-core";

/** One remote picture: when each of its frames was decoded, in ms of its page. */
interface Picture {
  readonly at: number[];
}

declare global {
  var __benchPictures: Picture[];
}

/** Of one page: how many remote pictures moved to the end, and the longest wait for a frame of any of them, in ms. */
export interface Smoothness {
  readonly pictures: number;
  readonly gap: number;
}

/** A picture without a frame for so long stands still, in ms. */
const STILL = 1500;

/** Notes every decoded frame of every remote picture of a page from its next load on. */
export async function noteFrames(page: Page): Promise<void> {
  // tsx names every function through a helper that the page does not have.
  await page.addInitScript("globalThis.__name = (named) => named");
  await page.addInitScript(watch);
}

function watch(): void {
  // Newer than the DOM library of TypeScript.
  type Processor = new (init: { track: MediaStreamTrack }) => { readable: ReadableStream<VideoFrame> };
  const { MediaStreamTrackProcessor } = globalThis as unknown as { MediaStreamTrackProcessor: Processor };
  globalThis.__benchPictures = [];
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
  const Peer = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Peer {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener("track", ({ track }) => {
        if (track.kind === "video") void note(track);
      });
    }
  };
}

/** How many remote pictures move now. */
export async function moving(page: Page): Promise<number> {
  return page.evaluate(
    (still) =>
      globalThis.__benchPictures.filter(({ at }) => performance.now() - (at.at(-1) ?? -still) < still).length,
    STILL,
  );
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

/** Forgets the pictures that stand still. */
export async function forgetStill(page: Page): Promise<void> {
  await page.evaluate((still) => {
    globalThis.__benchPictures = globalThis.__benchPictures.filter(
      ({ at }) => performance.now() - (at.at(-1) ?? -still) < still,
    );
  }, STILL);
}
