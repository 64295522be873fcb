/// <reference types="node" />
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bundlePage } from "../conference/support/bundle";
import { driven, launchChromium, newPerson } from "../conference/support/chromium";
import { Firefox, type DrivenPage } from "../conference/support/firefox";
import { servePage, type PageServer } from "../conference/support/server";

let server: PageServer;
let chromium: Browser;
let firefox: Firefox;

beforeAll(async () => {
  server = await servePage(await bundlePage(new URL("page.ts", import.meta.url)));
  [chromium, firefox] = await Promise.all([launchChromium(), Firefox.launch()]);
});

afterAll(async () => {
  await Promise.all([chromium.close(), firefox.close()]);
  await server.close();
});

const TILE = "{ width: 640, height: 360 }";
const CORNER = "{ width: 160, height: 90 }";
const SCREEN = "{ width: 1920, height: 1080 }";

describe.each(["Chromium", "Firefox"])("Alice calls Bob with %s", (browser) => {
  let page: DrivenPage;
  const evaluate = <T>(expression: string): Promise<T> =>
    page.evaluate<T>(`Promise.resolve(${expression}).then((value) => value ?? null)`);

  beforeEach(async () => {
    page = browser === "Firefox" ? firefox : driven(await newPerson(chromium, true));
    await page.goto(server.url);
    await evaluate(`new Promise((resolve) => {
      const look = () => (globalThis.media === undefined ? setTimeout(look, 5) : resolve());
      look();
    })`);
    await evaluate("media.call()");
  });

  async function noFaults(): Promise<void> {
    expect(await evaluate("[...media.alice.faults, ...media.bob.faults]")).toEqual([]);
  }

  test("her picture becomes small when Bob shows it small, and is no more when he does not look", async () => {
    await evaluate(`media.want(${TILE})`);
    await evaluate(`media.until("camera", ({ frameWidth }) => frameWidth >= 320)`);
    const before = Date.now();
    await evaluate(`media.want(${CORNER})`);
    await evaluate(`media.until("camera", ({ frameWidth }) => frameWidth <= 160)`);
    expect(Date.now() - before).toBeLessThan(5000);

    await evaluate(`media.want(null)`);
    await evaluate(`(async () => {
      while ((await media.growth("camera", "packetsReceived", 500)) > 0);
    })()`);
    expect(await evaluate(`media.growth("microphone", "packetsReceived", 1000)`)).toBeGreaterThan(3);

    await evaluate(`media.want(${TILE})`);
    await evaluate(`media.until("camera", ({ frameWidth }) => frameWidth >= 320)`);
    expect(await evaluate(`media.growth("camera", "framesDecoded", 1000)`)).toBeGreaterThan(5);
    await noFaults();
  });

  test("she shares a screen, sharp and beside her picture, and nothing is negotiated for it", async () => {
    await evaluate(`media.want(${CORNER}, ${SCREEN})`);
    await evaluate(`media.until("camera", ({ framesDecoded }) => framesDecoded > 0)`);
    const said = await evaluate("media.alice.said.length + media.bob.said.length");
    expect(await evaluate("media.alice.local.startScreen()")).toBe(true);
    // Firefox makes pictures smaller by itself for a rate.
    const width = browser === "Firefox" ? 1280 : 1920;
    await evaluate(`media.until("screen", ({ frameWidth, framesDecoded }) =>
      frameWidth === ${width} && framesDecoded > 5)`);
    expect(await evaluate(`media.growth("camera", "framesDecoded", 1000)`)).toBeGreaterThan(5);
    await evaluate("media.alice.local.stopScreen()");
    await evaluate(`(async () => {
      while ((await media.growth("screen", "packetsReceived", 500)) > 0);
    })()`);
    expect(await evaluate("media.alice.said.length + media.bob.said.length")).toBe(said);
    await noFaults();
  });

  test("her voice takes next to nothing while she is silent", async () => {
    await evaluate(`media.want(null)`);
    await evaluate(`media.until("microphone", ({ packetsReceived }) => packetsReceived > 50)`);
    expect(await evaluate(`media.growth("microphone", "packetsReceived", 1000)`)).toBeGreaterThan(12);
    await evaluate("media.alice.local.setMuted(true)");
    await evaluate(`(async () => {
      while ((await media.growth("microphone", "packetsReceived", 1000)) > 8);
    })()`);
    await noFaults();
  });

  test("a voice and its face come as one stream, a screen and its sound as another", async () => {
    await evaluate(`media.until("microphone", ({ packetsReceived }) => packetsReceived > 0)`);
    const streams = await evaluate<Record<string, string>>(
      "Object.fromEntries([...media.bob.heard].map(([slot, { stream }]) => [slot, stream]))",
    );
    const { microphone, camera, screen, screenSound } = streams;
    expect([microphone, screen, microphone === screen]).toEqual([camera, screenSound, false]);
    await noFaults();
  });

  test("what they negotiate is half of a message each", async () => {
    await evaluate(`media.until("microphone", ({ packetsReceived }) => packetsReceived > 0)`);
    const sizes = await evaluate<number[]>(
      "[...media.alice.said, ...media.bob.said].map((one) => JSON.stringify(one).length)",
    );
    expect(sizes).toHaveLength(2);
    for (const size of sizes) expect(size).toBeLessThan(8 * 1024);
  });

  test("the figures of sound and picture are there", async () => {
    await evaluate(`media.want(${TILE})`);
    await evaluate(`(async () => {
      while ((media.quality()?.audioSent ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    })()`);
    expect(await evaluate("media.quality()")).toMatchObject({ path: "direct" });
    await noFaults();
  });

  test("she sees who speaks", async () => {
    await evaluate(`media.until("microphone", ({ packetsReceived }) => packetsReceived > 0)`);
    expect(await evaluate("media.speaker()")).toBeNull();
    await evaluate("media.bob.local.start({ video: false })");
    await evaluate(`(async () => {
      while (media.speaker() !== "Bob") await new Promise((resolve) => setTimeout(resolve, 50));
    })()`);
    await noFaults();
  });

  test("she switches what is done to her sound, and is heard on", async () => {
    await evaluate(`media.until("microphone", ({ packetsReceived }) => packetsReceived > 0)`);
    const raw = "{ echoCancellation: false, noiseSuppression: false, autoGainControl: false }";
    await evaluate(`media.alice.local.setProcessing(${raw})`);
    await evaluate(`(async () => {
      const off = ({ echoCancellation, noiseSuppression }) => !echoCancellation && !noiseSuppression;
      while (!off(media.alice.local.microphoneTrack?.getSettings() ?? { echoCancellation: true }))
        await new Promise((resolve) => setTimeout(resolve, 50));
    })()`);
    await evaluate(`(async () => {
      while ((await media.growth("microphone", "totalAudioEnergy", 200)) <= 0);
    })()`);
    await noFaults();
  });
});
