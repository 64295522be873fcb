import { type Browser, chromium } from "playwright-core";

import { type FakeMedia, type Presence, fakeMedia } from "./media.ts";
import * as paths from "./paths.ts";

export interface BrowserOptions {
  /** False: the machine has neither camera nor microphone. */
  readonly camera?: boolean;
  /** What they film and hear, if it is not the person's plain colour and tone. */
  readonly media?: FakeMedia;
  /** The title of the tab that the user chooses when asked what to share: it is captured as a real one, with its sound. */
  readonly shows?: string;
  /** Instead of the Chromium of this machine. */
  readonly executable?: string | undefined;
  /** True: whoever opens it closes it when this process is told to end. */
  readonly handlesSignals?: boolean;
}

/** A Chromium whose camera and microphone are a person's. */
export async function openBrowser(
  name: string,
  presence: Presence,
  {
    camera = true,
    media: own,
    shows,
    executable = paths.chromium,
    handlesSignals = false,
  }: BrowserOptions = {},
): Promise<Browser> {
  const media = own ?? (await fakeMedia(name, presence));
  const devices = camera
    ? [
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${media.video}`,
        `--use-file-for-fake-audio-capture=${media.audio}`,
      ]
    : [];
  return chromium.launch({
    executablePath: executable,
    headless: true,
    handleSIGINT: !handlesSignals,
    handleSIGTERM: !handlesSignals,
    handleSIGHUP: !handlesSignals,
    chromiumSandbox: process.getuid?.() !== 0,
    // What is muted cannot be captured either.
    ignoreDefaultArgs: shows === undefined ? [] : ["--mute-audio"],
    args: [
      ...devices,
      shows === undefined
        ? "--use-fake-ui-for-media-stream"
        : `--auto-select-tab-capture-source-by-title=${shows}`,
      "--disable-quic",
      "--disable-background-networking",
      "--disable-background-timer-throttling",
      "--disable-renderer-backgrounding",
      "--disable-backgrounding-occluded-windows",
    ],
  });
}
