/** The page that the browser checks drive: a real session, with a backend that only keeps lists. */
import type { PageEvent } from "../../../src/bindings/PageEvent";
import { createSession, type Report, type Session } from "../../../src/conference";
import {
  LocalMedia,
  QualityMeter,
  browserDevices,
  browserPlatform,
  createLocalMedia,
} from "../../../src/media";

export interface TestPage {
  readonly session: Session;
  readonly local: LocalMedia;
  readonly reports: readonly Report[];
  readonly faults: readonly string[];
  /** Resolves with the first report that fits, also one made before. */
  report(type: Report["type"], link: string): Promise<Report>;
  /** Waits until an expression over the state holds; looks again after every change. */
  until(holds: () => boolean): Promise<void>;
  handle(event: PageEvent): void;
  /** The mean colour of the next remote picture, 0 to 255 each. */
  pixel(): Promise<number[]>;
  /** When the first remote picture was shown, ms since 1970; null until then. */
  firstFrame: number | null;
  quality(link: string): Promise<unknown>;
}

declare global {
  var page: TestPage;
}

const reports: Report[] = [];
const faults: string[] = [];
const watchers = new Set<() => void>();
const look = (): void => {
  for (const watcher of [...watchers]) watcher();
};

const local = createLocalMedia(browserDevices());
const real = browserPlatform();
const session = createSession(
  {
    // `?a` makes a participant whose id is all a, for the checks in which the order of the ids matters.
    platform:
      location.search === "" ? real : { ...real, randomId: () => location.search.slice(1).repeat(32) },
    local,
    report: (report) => {
      reports.push(report);
      look();
    },
    fault: (error) => faults.push(String(error)),
  },
  // Chromium's answer to a page without any network but loopback.
  { candidates: { allowLoopback: true } },
);
addEventListener("pagehide", () => session.close());

const video = document.createElement("video");
video.playsInline = true;
document.body.append(video);
session.subscribe(() => {
  const stream = session.conference("call")?.participants[0]?.stream ?? null;
  if (video.srcObject !== stream) {
    video.srcObject = stream;
    video.play().catch(() => undefined);
    video.requestVideoFrameCallback(() => {
      page.firstFrame ??= performance.timeOrigin + performance.now();
      look();
    });
  }
  look();
});
local.subscribe(look);

function until(holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const watcher = (): void => {
      if (!holds()) return;
      watchers.delete(watcher);
      resolve();
    };
    watchers.add(watcher);
    watcher();
  });
}

async function pixel(): Promise<number[]> {
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.drawImage(video, 0, 0, 1, 1);
  return Array.from(context.getImageData(0, 0, 1, 1).data.slice(0, 3));
}

const meters = new Map<string, QualityMeter>();

globalThis.page = {
  session,
  local,
  reports,
  faults,
  until,
  pixel,
  firstFrame: null,
  report: async (type, link) => {
    const fits = (report: Report): boolean => report.type === type && report.link === link;
    await until(() => reports.some(fits));
    return reports.find(fits) as Report;
  },
  handle: (event) => session.handle(event),
  quality: async (link) => {
    const meter = meters.get(link) ?? new QualityMeter();
    meters.set(link, meter);
    const report = await session.stats(link);
    return report === null ? null : meter.take(report);
  },
};
