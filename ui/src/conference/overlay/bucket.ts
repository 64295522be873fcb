import type { Clock } from "../types";

/** Lets a burst through, and after it so many a second. */
export class Bucket {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perSecond: number;
  #level: number;
  #at: number;

  constructor(clock: Clock, limits: { readonly burst: number; readonly perSecond: number }) {
    this.#clock = clock;
    this.#burst = limits.burst;
    this.#perSecond = limits.perSecond;
    this.#level = limits.burst;
    this.#at = clock.now();
  }

  get isEmpty(): boolean {
    const now = this.#clock.now();
    this.#level = Math.min(this.#burst, this.#level + ((now - this.#at) * this.#perSecond) / 1000);
    this.#at = now;
    return this.#level < 1;
  }

  /** False if there was nothing left to take. */
  take(): boolean {
    if (this.isEmpty) return false;
    this.#level -= 1;
    return true;
  }
}
