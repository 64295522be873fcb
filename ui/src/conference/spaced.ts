import type { Cancel, Clock } from "./types";

/**
 * A function that runs at most once in `ms`: at once if it has not run lately, else when that time is over. Requests
 * that come while it waits are one.
 */
export function spaced(clock: Clock, ms: number, run: () => void): { request(): void; cancel: Cancel } {
  let last = -Infinity;
  let waiting: Cancel | null = null;
  const now = (): void => {
    waiting = null;
    last = clock.now();
    run();
  };
  return {
    request: () => {
      const left = last + ms - clock.now();
      if (left <= 0 && waiting === null) now();
      else waiting ??= clock.after(left, now);
    },
    cancel: () => {
      waiting?.();
      waiting = null;
    },
  };
}
