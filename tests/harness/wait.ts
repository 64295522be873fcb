import { setTimeout as pause } from "node:timers/promises";

/** How long a story waits for one thing before it fails, in ms, unless it says otherwise. */
export const PATIENCE_MS = 15_000;

/** `promise`, or an error that names what did not happen in time. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const aborted = new AbortController();
  const limit = pause(ms, undefined, { signal: aborted.signal }).then(() => {
    throw new Error(`not within ${ms} ms: ${what}`);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    aborted.abort();
    // The aborted pause rejects; the race is over and nobody else listens.
    limit.catch(() => undefined);
  }
}

/** Looks again and again at something that gives no event, such as a file of another program. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  ms = PATIENCE_MS,
): Promise<T> {
  const end = performance.now() + ms;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await pause(20);
  }
}
