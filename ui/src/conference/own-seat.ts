import { KEPT_FOR, type KeyStore } from "./key-store";
import { makeRenewal, MAX_RENEWALS, type Keys, type SignedWire } from "./overlay";
import type { Cancel, Clock, ConferenceId } from "./types";

/** Nobody waits longer for the store than this, in milliseconds: the other end of a call waits for a word. */
const PATIENCE = 2000;

export interface OwnSeatPorts {
  readonly clock: Clock;
  /** Null: this browser keeps nothing, and a reload makes a stranger. */
  readonly store: KeyStore | null;
  /** This device's, for one conference. */
  readonly keys: Promise<Keys>;
  readonly fault: (error: unknown) => void;
}

/**
 * This device's seat in one conference, which is its key's: keeps the key while the device takes part, and after a
 * reload hands the seat from the key that is kept to the fresh one. What goes wrong costs the seat and nothing else.
 */
export class OwnSeat {
  /** How the seat came from the device's first key to its present one; empty if it was not in before. */
  readonly renewals: Promise<readonly SignedWire[]>;
  readonly #ports: OwnSeatPorts;
  /** Into which conference the first call leads. */
  readonly #named: ConferenceId | null;
  #kept: ConferenceId | null = null;
  /** Does one thing after the other, so that what was begun last holds. */
  #doing: Promise<unknown>;
  #refresh: Cancel | null = null;
  #isOver = false;

  constructor(ports: OwnSeatPorts, named: ConferenceId | null) {
    this.#ports = ports;
    this.#named = named;
    this.renewals = this.#renew().catch((error: unknown) => {
      ports.fault(error);
      return [];
    });
    this.#doing = this.renewals;
  }

  /** This device takes part in a conference, and in no other any more. */
  keep(conference: ConferenceId): void {
    const before = this.#kept;
    this.#kept = conference;
    if (before !== null && before !== conference) this.#next((store) => store.remove(before));
    this.#put(conference);
  }

  /** This device is in no more. */
  forget(): void {
    this.close();
    for (const conference of new Set([this.#named, this.#kept]))
      if (conference !== null) this.#next((store) => store.remove(conference));
  }

  /** The page goes away: what is kept stays. */
  close(): void {
    this.#isOver = true;
    this.#refresh?.();
  }

  async #renew(): Promise<readonly SignedWire[]> {
    const { store } = this.#ports;
    const named = this.#named;
    if (store === null || named === null) return [];
    const kept = await this.#inTime(store.get(named));
    if (kept === null) return [];
    const keys = await this.#ports.keys;
    const { wire } = await makeRenewal(kept.keys, keys, named);
    const renewals = [...kept.renewals, wire].slice(-MAX_RENEWALS);
    // Before anybody hears of it: else the next reload would renew the same key again.
    await this.#inTime(store.put(named, { keys, renewals }));
    return renewals;
  }

  #put(conference: ConferenceId): void {
    this.#refresh?.();
    if (this.#isOver || this.#ports.store === null) return;
    this.#next(async (store) => {
      const renewals = conference === this.#named ? await this.renewals : [];
      await store.put(conference, { keys: await this.#ports.keys, renewals });
    });
    this.#refresh = this.#ports.clock.after(KEPT_FOR / 4, () => this.#put(conference));
  }

  #next(run: (store: KeyStore) => Promise<void>): void {
    const { store, fault } = this.#ports;
    if (store === null) return;
    this.#doing = this.#doing.then(() => run(store)).catch(fault);
  }

  /** Rejects if it takes too long. */
  #inTime<T>(doing: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#ports.clock.after(PATIENCE, () =>
        reject(new Error("the key store does not answer")),
      );
      doing.then(resolve, reject).finally(cancel).catch(this.#ports.fault);
    });
  }
}
