import type { Page } from "playwright-core";

/** How long each picture stood still, by the name on its tile, in ms. */
export type Stills = Readonly<Record<string, number>>;

interface Watched {
  frames: number;
  since: number;
  longest: number;
}

/** Notes from now on when the pictures of the others on a page move. */
export async function watchPictures(page: Page): Promise<void> {
  await page.evaluate(() => {
    const home = window as unknown as { pictures?: Map<string, Watched> };
    const isWatched = home.pictures !== undefined;
    home.pictures = new Map();
    if (isWatched) return;
    // Not under a name: tsx names every function through a helper that the page does not have.
    setInterval(() => {
      for (const tile of document.querySelectorAll("figure[data-participant]")) {
        const video = tile.querySelector<HTMLVideoElement>("video[data-remote]");
        if (video === null) continue;
        const name = tile.getAttribute("aria-label") ?? "";
        const [now, frames] = [performance.now(), video.getVideoPlaybackQuality().totalVideoFrames];
        const known = home.pictures?.get(name);
        if (known === undefined) home.pictures?.set(name, { frames, since: now, longest: 0 });
        else if (known.frames !== frames) {
          known.longest = Math.max(known.longest, now - known.since);
          [known.frames, known.since] = [frames, now];
        }
      }
    }, 50);
  });
}

/** The longest that each stood still since it is watched, also now. */
export async function stills(page: Page): Promise<Stills> {
  return page.evaluate(() => {
    const { pictures } = window as unknown as { pictures: Map<string, Watched> };
    const now = performance.now();
    const longest = [...pictures].map(([name, one]) => [name, Math.max(one.longest, now - one.since)]);
    return Object.fromEntries(longest) as Record<string, number>;
  });
}
