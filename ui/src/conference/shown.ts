import { spaced } from "./spaced";
import type { Cancel, Clock, Size, Wants } from "./types";

/** How often the others are told at most, in milliseconds: a window that is being resized changes all the time. */
const TELL_EVERY = 200;
/** Sizes are told in such steps, in device pixels: a little more or less is nothing to encode anew for. */
const STEP = 16;

/** At which size everybody is shown here, by their keys. */
export class Shown {
  readonly #sizes = new Map<string, { camera: Size | null; screen: Size | null }>();
  readonly #telling: { request(): void; cancel: Cancel };

  constructor(clock: Clock, tell: () => void) {
    this.#telling = spaced(clock, TELL_EVERY, tell);
  }

  set(key: string, what: "camera" | "screen", size: Size | null): void {
    const before = this.#sizes.get(key) ?? { camera: null, screen: null };
    const rounded = size === null ? null : { width: round(size.width), height: round(size.height) };
    if (JSON.stringify(before[what]) === JSON.stringify(rounded) && this.#sizes.has(key)) return;
    this.#sizes.set(key, { ...before, [what]: rounded });
    this.#telling.request();
  }

  /** Null as long as no view said anything about somebody. */
  of(key: string): Wants | null {
    return this.#sizes.get(key) ?? null;
  }

  /** Forgets everybody but these. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#sizes.keys()) if (!keys.has(key)) this.#sizes.delete(key);
  }

  close(): void {
    this.#telling.cancel();
  }
}

function round(pixels: number): number {
  return Math.max(STEP, Math.ceil(pixels / STEP) * STEP);
}
