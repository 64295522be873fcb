/** How the way out looks on one link, in the last second or so. */
export interface LinkLoad {
  /** What the browser thinks it could send on this link, bits per second; null: it does not say (Firefox). */
  readonly available: number | null;
  /** Bits per second that were sent. */
  readonly sent: number;
  /** The browser sends worse pictures than it may, for want of bandwidth. */
  readonly limited: boolean;
  /** This device cannot make pictures fast enough: it answers late, too, and delays say nothing of the way. */
  readonly busy: boolean;
  /** 0 to 1, as the other side says; null: not known. */
  readonly loss: number | null;
  /** Milliseconds; null: not known. */
  readonly roundTrip: number | null;
}

/** Above so much loss a way is too full. A wireless one loses about half of that when it is not. */
const LOSS = 0.06;
/** A queue of so many milliseconds stands before a way that is too full. */
const QUEUE = 120;
/** The shortest round trip known is forgotten slowly, for a path may change. */
const FORGETS = 1.01;
/** In how many looks in a row it must be so: one alone may be a hiccup. */
const IN_A_ROW = 2;
/** What is left when a way is too full: of what was sent, or of what browsers that step back themselves still allow; */
const CUT = { sent: 0.85, available: 0.9 };
/** but of the estimate never less and never more: with little to say, what was sent is no measure. */
const LEFT = { least: 0.6, most: 0.85 };
/** A cut works only after it was told to the encoders, and measured again. */
const SETTLES_MS = 3000;
/** Browsers begin low, and are limited by that at first. */
const WARM_UP_MS = 4000;
/** In a second, as a factor: on the way up, and where it is not known how far it goes. */
const RISE = { free: 1.08, near: 1.01 };
/** Of the rate that was too much, where the way up ends at first, and from where on it is an ordinary one again. */
const NEAR = { from: 0.9, to: 1.1 };
/** For how long it ends there: whatever else went through the common way out may be over then. */
const REMEMBERS_MS = 60_000;
/** So far beyond what was sent without harm the estimate rises freely; what was never tried may not be there. */
const TRIED = 1.3;
/** So far it rises at all, where no browser measured more. */
const UNTRIED = 3;
const LEAST = 64_000;
const MOST = 50_000_000;

/** Of all links together, bits per second. */
interface Rates {
  readonly sent: number;
  /** What the browsers allow; what was sent, where they do not say. */
  readonly sum: number;
}

/**
 * What this device can send on all links together.
 *
 * Each link's browser measures as if it were alone, and nothing more than it sends: their sum is worth something only
 * while most links are limited by it. So the estimate follows that sum down at once; it also falls when most links lose
 * packets or wait behind a queue, which is before a common way out that is too full. It rises slowly while all goes
 * well, most slowly near the rate that was too much. One bad link among good ones is the other side's.
 */
export class Uplink {
  #estimate: number | null = null;
  #since: number | null = null;
  #at = 0;
  #settledAt = 0;
  #fullLooks = 0;
  #tooMuch: { readonly rate: number; readonly until: number } | null = null;
  #shortest = new Map<unknown, number>();

  /** Bits per second; null as long as nothing limits it. */
  get estimate(): number | null {
    return this.#estimate;
  }

  /** About once a second; `now` in milliseconds. */
  take(links: ReadonlyMap<unknown, LinkLoad>, now: number): number | null {
    const seconds = Math.min(5, Math.max(0, now - this.#at) / 1000);
    this.#at = now;
    if (links.size === 0) {
      this.#since = null;
      return this.#estimate;
    }
    this.#since ??= now;
    const loads = [...links.values()];
    const full = this.#countFull(links);
    this.#fullLooks = full * 2 > loads.length ? this.#fullLooks + 1 : 0;
    const sent = loads.reduce((sum, load) => sum + load.sent, 0);
    const sum = loads.reduce((all, load) => all + (load.available ?? load.sent), 0);
    const isMost = (count: number): boolean => count * 2 > loads.length;

    if (this.#fullLooks >= IN_A_ROW) this.#cut({ sent, sum }, now);
    else if (this.#fullLooks > 0) return this.#estimate;
    else if (isMost(loads.filter(({ limited }) => limited).length)) this.#follow(sum, seconds, now);
    else this.#rise({ sent, sum }, seconds, now);
    return this.#estimate;
  }

  #countFull(links: ReadonlyMap<unknown, LinkLoad>): number {
    const shortest = new Map<unknown, number>();
    let full = 0;
    for (const [link, { loss, roundTrip, busy }] of links) {
      const known = (this.#shortest.get(link) ?? Infinity) * FORGETS;
      const least = roundTrip === null ? known : Math.min(known, roundTrip);
      if (least < Infinity) shortest.set(link, least);
      const waits = roundTrip !== null && !busy && roundTrip - least > QUEUE;
      if ((loss ?? 0) > LOSS || waits) full += 1;
    }
    this.#shortest = shortest;
    return full;
  }

  #cut({ sent, sum }: Rates, now: number): void {
    if (now < this.#settledAt) return;
    const before = this.#estimate ?? Math.max(sent, sum);
    const wished = Math.max(sent * CUT.sent, sum * CUT.available);
    const left = Math.min(before * LEFT.most, Math.max(before * LEFT.least, wished));
    this.#tooMuch = { rate: left / LEFT.most, until: now + REMEMBERS_MS };
    this.#become(left);
    this.#settledAt = now + SETTLES_MS;
  }

  #follow(sum: number, seconds: number, now: number): void {
    if (this.#since === null || now - this.#since < WARM_UP_MS) return;
    if (this.#estimate === null) return this.#become(sum);
    if (sum < this.#estimate) return this.#become((this.#estimate + sum) / 2);
    this.#rise({ sent: 0, sum }, seconds, now);
  }

  #rise({ sent, sum }: Rates, seconds: number, now: number): void {
    const estimate = this.#estimate;
    if (estimate === null || now < this.#settledAt) return;
    const { rate, until } = this.#tooMuch ?? { rate: Infinity, until: 0 };
    const top = Math.min(Math.max(sum, sent * UNTRIED), now < until ? rate * NEAR.from : Infinity);
    const isNear = estimate >= rate * NEAR.from && estimate < rate * NEAR.to;
    const isTried = estimate < Math.max(sum, sent * TRIED);
    const risen = estimate * (isTried && !isNear ? RISE.free : RISE.near) ** seconds;
    this.#become(Math.max(estimate, Math.min(top, risen)));
  }

  #become(estimate: number): void {
    this.#estimate = Math.round(Math.min(MOST, Math.max(LEAST, estimate)));
  }
}
