import type { CallId } from "../../bindings/CallId";

const KEY = "mailcall.connected.";

/**
 * Since when a call has been connected, as this page saw it; a reload does not start it anew. The backend's history
 * has the exact length afterwards.
 */
export function connectedSince(call: CallId, storage: Storage = sessionStorage, now = Date.now()): number {
  const kept = Number(storage.getItem(KEY + call));
  if (kept > 0) return kept;
  storage.setItem(KEY + call, String(now));
  return now;
}

/** The whole seconds since a moment, as they pass. Made in a component; stops with it. */
export class Elapsed {
  seconds = $state(0);

  constructor(since: () => number | null) {
    $effect(() => {
      const start = since();
      if (start === null) return;
      const update = () => (this.seconds = Math.floor((Date.now() - start) / 1000));
      update();
      const timer = setInterval(update, 500);
      return () => clearInterval(timer);
    });
  }
}
