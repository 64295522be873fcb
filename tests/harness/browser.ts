import { type Browser, chromium } from "playwright-core";

import { type Presence, fakeMedia } from "./media.ts";
import * as paths from "./paths.ts";

export interface BrowserOptions {
  /** False: the machine has neither camera nor microphone. */
  readonly camera?: boolean;
}

/** A Chromium whose camera and microphone are a person's. */
export async function openBrowser(
  name: string,
  presence: Presence,
  { camera = true }: BrowserOptions = {},
): Promise<Browser> {
  const media = await fakeMedia(name, presence);
  const devices = camera
    ? [
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${media.video}`,
        `--use-file-for-fake-audio-capture=${media.audio}`,
      ]
    : [];
  return chromium.launch({
    executablePath: paths.chromium,
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      ...devices,
      "--use-fake-ui-for-media-stream",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
    ],
  });
}
