/** The page that the browser checks drive: a real session, with a backend that only keeps lists. */
import type { PageEvent } from "../../../src/bindings/PageEvent";
import { createSession, type Report, type Session } from "../../../src/conference";
import { webCryptoRing, type KeyRing } from "../../../src/conference/overlay";
import {
  LocalMedia,
  MediaDirectors,
  QualityMeter,
  browserDevices,
  browserPlatform,
  createLocalMedia,
} from "../../../src/media";
import { browserKeys } from "../../../src/views/desk/kept-keys";

export type LinkReport = Extract<Report, { readonly link: string }>;

export interface TestPage {
  readonly session: Session;
  readonly local: LocalMedia;
  /** What it told its backend of links. */
  readonly reports: readonly LinkReport[];
  /** Calls from whose conference the organiser removed it. */
  readonly removed: readonly string[];
  /** Calls with somebody who was put out. */
  readonly expelled: readonly string[];
  /** By call, as it told its backend. */
  readonly conferences: ReadonlyMap<string, string>;
  /** What the others call its user. */
  name: string;
  readonly faults: readonly string[];
  /** Resolves with the first report that fits, also one made before. */
  report(type: LinkReport["type"], link: string): Promise<LinkReport>;
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

const reports: LinkReport[] = [];
const faults: string[] = [];
const removed: string[] = [];
const expelled: string[] = [];
/** What the backend knows of the conferences of calls. */
const conferences = new Map<string, string>();
const watchers = new Set<() => void>();
const look = (): void => {
  for (const watcher of [...watchers]) watcher();
};

const local = createLocalMedia(browserDevices());
const platform = browserPlatform();
const fault = (error: unknown): void => void faults.push(String(error));
const real = webCryptoRing();
/** `?a` makes participants whose ids begin with a, for the checks in which the order of the ids matters. */
const ring: KeyRing = {
  verifier: real.verifier,
  create: async () => {
    for (;;) {
      const keys = await real.create();
      if (keys.id.startsWith(location.search.slice(1))) return keys;
    }
  },
};
const directors = new MediaDirectors({ clock: platform.clock, local, fault });
const session = createSession(
  {
    platform,
    keyStore: browserKeys(),
    direct: (ports) => directors.direct(ports),
    local,
    identity: {
      personOf: () => null,
      own: () => ({ name: page.name, address: "", device: "" }),
      prove: () => Promise.resolve(null),
      check: () => Promise.resolve("unknown"),
    },
    report: (report) => {
      if (report.type === "Conference") conferences.set(report.call, report.conference.id);
      else if (report.type === "Expel") expelled.push(report.call);
      else if ("link" in report) reports.push(report);
      look();
    },
    removed: (call) => removed.push(call),
    fault,
  },
  // Chromium's answer to a page without any network but loopback.
  { candidates: { allowLoopback: true }, ring },
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
  removed,
  expelled,
  conferences,
  name: "",
  faults,
  until,
  pixel,
  firstFrame: null,
  report: async (type, link) => {
    const fits = (report: LinkReport): boolean => report.type === type && report.link === link;
    await until(() => reports.some(fits));
    return reports.find(fits) as LinkReport;
  },
  handle: (event) => session.handle(event),
  quality: async (link) => {
    const meter = meters.get(link) ?? new QualityMeter();
    meters.set(link, meter);
    const report = await session.stats(link);
    return report === null ? null : meter.take(report);
  },
};
