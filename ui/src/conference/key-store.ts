import type { Keys, SignedWire } from "./overlay";
import type { ConferenceId } from "./types";

/** What a device keeps of its part in a conference, in case its page is reloaded: nothing that leaves the browser. */
export interface KeptSeat {
  readonly keys: Keys;
  /** How the seat came from the device's first key to these. */
  readonly renewals: readonly SignedWire[];
}

/**
 * Where a browser keeps the keys of its user's conferences over a reload, for {@link KEPT_FOR} and so many at most.
 * Everything may reject, and take any time.
 */
export interface KeyStore {
  /** Null if nothing is kept, or no longer. */
  get(conference: ConferenceId): Promise<KeptSeat | null>;
  /** In place of what is there; its time begins anew. */
  put(conference: ConferenceId, kept: KeptSeat): Promise<void>;
  remove(conference: ConferenceId): Promise<void>;
}

/** In milliseconds. */
export const KEPT_FOR = 24 * 60 * 60 * 1000;
/** Of more conferences the keys put last are kept. */
export const MAX_KEPT = 16;
