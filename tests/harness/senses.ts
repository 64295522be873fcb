import type { Page } from "playwright-core";

import type { Presence } from "./media.ts";
import { PATIENCE_MS } from "./wait.ts";

/** How often a page is looked at, in ms: four browsers that look all the time leave a small machine no time for calls. */
const LOOKS = 200;
/** The same for listening, which must not miss a beep. */
const LISTENS = 100;

let calls = 0;

/**
 * Waits until some `<video>` of the page shows the colour that a person films, on frames that were decoded since it was
 * asked. Everybody films another colour, so it does not matter where on the page the picture is.
 */
export async function sees(page: Page, { colour }: Presence, ms = PATIENCE_MS): Promise<void> {
  calls += 1;
  await page.waitForFunction(
    ({ wanted, call }) => {
      const home = window as unknown as { framesSeen?: Map<number, WeakMap<Element, number>> };
      const all = (home.framesSeen ??= new Map<number, WeakMap<Element, number>>());
      const frames = all.get(call) ?? new WeakMap<Element, number>();
      all.set(call, frames);
      return [...document.querySelectorAll("video")].some((video) => {
        if (video.videoWidth === 0 || !(video.srcObject instanceof MediaStream)) return false;
        const { totalVideoFrames } = video.getVideoPlaybackQuality();
        const before = frames.get(video);
        if (before === undefined) frames.set(video, totalVideoFrames);
        if (before === undefined || totalVideoFrames <= before + 2) return false;
        const pen = new OffscreenCanvas(8, 8).getContext("2d", { willReadFrequently: true });
        if (pen === null) return false;
        pen.drawImage(video, 0, 0, 8, 8);
        // The middle: the bottom has the bar that moves.
        const [r = 0, g = 0, b = 0] = pen.getImageData(4, 3, 1, 1).data;
        return Math.hypot(r - wanted[0], g - wanted[1], b - wanted[2]) <= 60;
      });
    },
    { wanted: colour, call: calls },
    { timeout: ms, polling: LOOKS },
  );
}

/** Waits until some element of the page plays the tone that a person's microphone hears. */
export async function hears(page: Page, { tone }: Presence, ms = PATIENCE_MS): Promise<void> {
  await page.waitForFunction(
    (wanted) => {
      interface Ear {
        readonly context: AudioContext;
        readonly analysers: Map<string, AnalyserNode>;
      }
      const home = window as unknown as { testEar?: Ear };
      const ear = (home.testEar ??= { context: new AudioContext(), analysers: new Map() });
      for (const element of document.querySelectorAll<HTMLMediaElement>("audio, video")) {
        const stream = element.srcObject;
        if (!(stream instanceof MediaStream) || element.muted || element.paused) continue;
        for (const track of stream.getAudioTracks()) {
          if (ear.analysers.has(track.id)) continue;
          const analyser = new AnalyserNode(ear.context, { fftSize: 8192, smoothingTimeConstant: 0 });
          ear.context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
          ear.analysers.set(track.id, analyser);
        }
      }
      return [...ear.analysers.values()].some((analyser: AnalyserNode) => {
        const loudness = new Float32Array(analyser.frequencyBinCount);
        analyser.getFloatFrequencyData(loudness);
        let loudest = 0;
        loudness.forEach((decibel, bin) => {
          if (decibel > (loudness[loudest] ?? -Infinity)) loudest = bin;
        });
        const hertz = (loudest * ear.context.sampleRate) / 8192;
        return (loudness[loudest] ?? -Infinity) > -60 && Math.abs(hertz - wanted) < 25;
      });
    },
    tone,
    { timeout: ms, polling: LISTENS },
  );
}
