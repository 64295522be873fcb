import type { Slot } from "../conference/tracks";
import type { Size, Wants } from "../conference/types";
import { MAX_WITH_VIDEO } from "../limits";
import type { Thrift } from "./types";

export type { Wants };

export interface PlanInput<Link> {
  /** In the conference, oneself included. */
  readonly participants: number;
  readonly thrift: Thrift;
  /** What this device can send in bits per second, all links together; null: not known. */
  readonly uplink: number | null;
  /** The size in which the camera films; null: it is off. */
  readonly camera: Size | null;
  /** The size of the screen that is shared; null: none is. */
  readonly screen: Size | null;
  /** Whether it is shared with sound. */
  readonly screenSound: boolean;
  readonly links: ReadonlyMap<Link, Wants>;
}

/** How one thing is sent on one link. */
export interface Encoding {
  readonly active: boolean;
  /** Bits per second. */
  readonly maxBitrate: number;
  readonly priority: RTCPriorityType;
  /** Pictures only. */
  readonly scaleResolutionDownBy?: number;
  /** Pictures only. */
  readonly maxFramerate?: number;
}

export type LinkPlan = Readonly<Record<Slot, Encoding>>;

/** Wanted until the other side has said something: enough to recognise somebody, and small. */
export const FIRST_WANTS: Wants = {
  camera: { width: 320, height: 180 },
  screen: { width: 640, height: 360 },
};

/**
 * Shares the uplink out. Voices come first, whatever is left for pictures. Then each camera has enough to recognise
 * somebody, then screens have what they need to be read, then cameras what their tile can show. A picture nobody looks
 * at is not sent, nor one for which too little is left.
 *
 * `before`, the plan that is in force, keeps a picture from growing and shrinking every second.
 */
export function plan<Link>(
  input: PlanInput<Link>,
  before: ReadonlyMap<Link, LinkPlan> = new Map(),
): Map<Link, LinkPlan> {
  const { links } = input;
  const budget = (input.uplink ?? assumedUplink(links.size)) * USABLE;
  const isTight = budget < links.size * TIGHT;
  const voice = isTight ? VOICE.tight : VOICE.usual;
  const sound = isTight ? SCREEN_SOUND.tight : SCREEN_SOUND.usual;
  const hears = ({ screen }: Wants): boolean => input.screenSound && screen !== null;
  const hearers = [...links.values()].filter(hears).length;
  let left = budget - links.size * (voice + HEADERS) - hearers * (sound + HEADERS);

  const cameras = new Map<Link, Wish>();
  const screens = new Map<Link, Wish>();
  for (const [link, wants] of links) {
    const camera = cameraWish(input, wants.camera);
    if (camera !== null) cameras.set(link, camera);
    const shared = screenWish(input, wants.screen);
    if (shared !== null) screens.set(link, shared);
  }
  const floor = Math.min(CAMERA_FLOOR, Math.max(0, left) / Math.max(1, cameras.size));
  const forScreens = share(left - cameras.size * floor, screens);
  for (const rate of forScreens.values()) left -= rate;
  const forCameras = share(left, cameras);

  const plans = new Map<Link, LinkPlan>();
  for (const [link, wants] of links) {
    plans.set(link, {
      microphone: { active: true, maxBitrate: voice, priority: "high" },
      camera: filmed(cameras.get(link), forCameras.get(link) ?? 0, before.get(link)?.camera),
      screen: shown(screens.get(link), forScreens.get(link) ?? 0),
      screenSound: { active: hears(wants), maxBitrate: sound, priority: "medium" },
    });
  }
  return plans;
}

/** What this device asks of others, of what it would show: nothing that is then too much, or that they must not send. */
export function affordable(
  wants: Wants,
  { thrift, participants }: Pick<PlanInput<never>, "thrift" | "participants">,
): Wants {
  if (thrift === "audio" || participants > MAX_WITH_VIDEO) return { ...wants, camera: null };
  return thrift === "saver" ? { ...wants, camera: wants.camera && atMost(wants.camera, SAVER) } : wants;
}

/** Of an estimate; the rest is for what the overlay and files say, and for the error of the estimate. */
const USABLE = 0.9;
/** Assumed of an uplink before it was measured. One link alone finds its own limit. */
export const assumedUplink = (links: number): number => (links <= 1 ? 10_000_000 : 2_000_000);
/** What 50 packets a second have around them, in bits per second: IP, UDP, SRTP and extensions, 60 bytes each. */
const HEADERS = 24_000;
/** Opus, with room for its error correction. */
const VOICE = { usual: 32_000, tight: 20_000 };
const SCREEN_SOUND = { usual: 64_000, tight: 24_000 };
/** Below so much for each link voices are made smaller. */
const TIGHT = 120_000;
/** Enough to recognise somebody. */
const CAMERA_FLOOR = 60_000;
/** With less than this a picture is worth nothing. */
const CAMERA_MIN = 30_000;
const SCREEN_MIN = 60_000;
/** The largest picture of the data saver. */
const SAVER: Size = { width: 320, height: 180 };
const STEPS = [1, 4 / 3, 1.5, 2, 3, 4, 6, 8, 12, 16];
/** By how much a tile may be larger than what is sent for it. */
const STRETCH = 1.1;
/** An encoder makes a good picture of this part of the usual rate. */
const FRUGAL = 0.7;
/** What must be there beyond the need before a picture grows. */
const GROWS_WITH = 1.25;

interface Wish {
  /** What is captured. */
  readonly source: Size;
  /** By how much it is made smaller at least. */
  readonly scale: number;
  readonly rate: number;
  readonly maxFramerate: number;
}

function cameraWish({ camera, thrift, participants }: PlanInput<unknown>, wanted: Size | null): Wish | null {
  const { camera: size } = affordable({ camera: wanted, screen: null }, { thrift, participants });
  if (camera === null || size === null) return null;
  // A tile is filled: the picture must cover it.
  const scale = stepFor(Math.min(camera.width / size.width, camera.height / size.height));
  const maxFramerate = thrift === "saver" ? 15 : 30;
  return { source: camera, scale, rate: cameraRate(camera, scale, maxFramerate), maxFramerate };
}

function screenWish({ screen, thrift }: PlanInput<unknown>, wanted: Size | null): Wish | null {
  if (screen === null || wanted === null) return null;
  // A screen is shown as a whole: it fits into its place.
  const scale = stepFor(Math.max(screen.width / wanted.width, screen.height / wanted.height));
  const maxFramerate = thrift === "none" ? 10 : 5;
  const rate = screenRate(screen, scale) * (thrift === "none" ? 1 : 0.6);
  return { source: screen, scale, rate, maxFramerate };
}

/** VP8 at 360p and 30 frames needs 500 kbit/s; four times the pixels need three times as much. */
function cameraRate({ width, height }: Size, scale: number, frames: number): number {
  const pixels = (width * height) / scale ** 2;
  return 500_000 * (pixels / 230_400) ** 0.8 * (frames / 30) ** 0.7;
}

/** Text at 1080p and 10 frames can be read at once with 1.5 Mbit/s. */
function screenRate({ width, height }: Size, scale: number): number {
  return 1_500_000 * ((width * height) / scale ** 2 / 2_073_600) ** 0.75;
}

/** The largest step that still gives as many pixels as are shown. */
function stepFor(ratio: number): number {
  return STEPS.findLast((step) => step <= ratio * STRETCH) ?? 1;
}

/** Everybody the same, but nobody more than the wish: what one does not need, the others have. */
function share<Link>(budget: number, wishes: ReadonlyMap<Link, Wish>): Map<Link, number> {
  const shares = new Map<Link, number>();
  const modest = [...wishes].sort(([, a], [, b]) => a.rate - b.rate);
  let left = Math.max(0, budget);
  modest.forEach(([link, { rate }], i) => {
    const granted = Math.min(rate, left / (modest.length - i));
    left -= granted;
    shares.set(link, granted);
  });
  return shares;
}

const NOTHING: Encoding = { active: false, maxBitrate: CAMERA_MIN, priority: "low" };

function filmed(wish: Wish | undefined, granted: number, before: Encoding | undefined): Encoding {
  // What was too little must become a little more than enough.
  const least = before?.active === false ? CAMERA_MIN * GROWS_WITH : CAMERA_MIN;
  if (wish === undefined || granted < least) return NOTHING;
  const { source, maxFramerate: smooth } = wish;
  const last = before?.active === true ? (before.scaleResolutionDownBy ?? 1) : 0;
  const fits = (step: number, frames: number): boolean =>
    cameraRate(source, step, frames) * FRUGAL * (step < last ? GROWS_WITH : 1) <= granted;
  const steps = STEPS.filter((step) => step >= wish.scale);
  // Below about 180 lines fewer frames are better than fewer pixels: it is still somebody who can be recognised.
  const large = steps.filter(
    (step) => step === wish.scale || Math.min(source.width, source.height) / step >= 180,
  );
  const moving = large.find((step) => fits(step, smooth));
  const slow = Math.min(15, smooth);
  const scale = moving ?? steps.find((step) => fits(step, slow)) ?? steps.at(-1) ?? 1;
  const maxFramerate = moving === undefined ? slow : smooth;
  return {
    active: true,
    // All of it, so that the way to the next size is tried in small steps.
    maxBitrate: rounded(granted),
    priority: "low",
    scaleResolutionDownBy: scale,
    maxFramerate,
  };
}

/** Few frames, but every letter: with less to spend it is renewed less often, not made smaller. */
function shown(wish: Wish | undefined, granted: number): Encoding {
  if (wish === undefined || granted < SCREEN_MIN) return NOTHING;
  const enough = granted / wish.rate;
  const maxFramerate = Math.min(wish.maxFramerate, enough > 0.8 ? 10 : enough > 0.4 ? 5 : 2);
  return {
    active: true,
    maxBitrate: rounded(granted),
    priority: "medium",
    scaleResolutionDownBy: wish.scale,
    maxFramerate,
  };
}

function rounded(rate: number): number {
  return Math.floor(rate / 5000) * 5000;
}

function atMost(size: Size, limit: Size): Size {
  const scale = Math.max(1, Math.min(size.width / limit.width, size.height / limit.height));
  return { width: Math.round(size.width / scale), height: Math.round(size.height / scale) };
}
