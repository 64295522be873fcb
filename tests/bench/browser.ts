import { type Browser, type BrowserServer, chromium } from "playwright-core";

import * as paths from "../harness/paths.ts";

export interface LaunchOptions {
  /** Instead of the Chromium of this machine. */
  readonly executable?: string;
  /** A file with what the microphone hears; else a beep every second. */
  readonly sound?: string;
  /** Frames that the camera films in a second. */
  readonly fps?: number;
}

/** A Chromium with a fake camera, and the process it is. */
export interface MeasuredBrowser {
  readonly browser: Browser;
  readonly server: BrowserServer;
}

export async function launch({ executable, sound, fps = 30 }: LaunchOptions = {}): Promise<MeasuredBrowser> {
  const server = await chromium.launchServer({
    executablePath: executable ?? paths.chromium,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      `--use-fake-device-for-media-stream=fps=${fps}`,
      ...(sound === undefined ? [] : [`--use-file-for-fake-audio-capture=${sound}`]),
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
    ],
  });
  try {
    return { browser: await chromium.connect(server.wsEndpoint()), server };
  } catch (error) {
    await server.close();
    throw error;
  }
}
