import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Browser, type Page } from "playwright-core";
import type { DrivenPage } from "./firefox";

/** A colour as a camera gives it: luma and both chroma differences. */
export type Colour = readonly [y: number, u: number, v: number];

export const RED: Colour = [82, 90, 240];
export const BLUE: Colour = [41, 240, 110];

const FLAGS = [
  "--no-sandbox",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
  "--disable-quic",
  "--disable-background-networking",
];

/** Debian's Chromium, or what stands for it, with a fake microphone and a fake camera, which films one colour. */
export async function launchChromium(
  films: Colour | null = null,
  executablePath = "/usr/bin/chromium",
): Promise<Browser> {
  const flags = [...FLAGS];
  const folder = await mkdtemp(join(tmpdir(), "mailcall-film-"));
  if (films !== null) {
    const path = join(folder, "film.y4m");
    await writeFile(path, film(films, 640, 360));
    flags.push(`--use-file-for-fake-video-capture=${path}`);
  }
  const browser = await chromium.launch({ executablePath, args: flags });
  browser.on("disconnected", () => void rm(folder, { recursive: true, force: true }));
  return browser;
}

/** A page in a context of its own, so that nothing is shared with another person's page. */
export async function newPerson(browser: Browser, media: boolean): Promise<Page> {
  const context = await browser.newContext({ permissions: media ? ["camera", "microphone"] : [] });
  return context.newPage();
}

/** The same as a page of whichever browser. */
export function driven(page: Page): DrivenPage {
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
  };
}

function film([y, u, v]: Colour, width: number, height: number): Buffer {
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F30:1 Ip A1:1 C420jpeg\n`);
  const pixels = width * height;
  const frame = Buffer.concat([
    Buffer.from("FRAME\n"),
    Buffer.alloc(pixels, y),
    Buffer.alloc(pixels / 4, u),
    Buffer.alloc(pixels / 4, v),
  ]);
  return Buffer.concat([header, frame, frame]);
}
