import { chromium, type Browser, type Page } from "playwright-core";

const FLAGS = [
  "--no-sandbox",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--disable-quic",
  "--disable-background-networking",
];

/** Debian's Chromium with fake camera and microphone. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: FLAGS });
}

/** A page in a context of its own, so that nothing is shared with another person's page. */
export async function newPerson(browser: Browser, media: boolean): Promise<Page> {
  const context = await browser.newContext({ permissions: media ? ["camera", "microphone"] : [] });
  return context.newPage();
}
