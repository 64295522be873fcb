import { ufragOf } from "./candidate";
import type { Cancel, Clock } from "./types";

/** How long after a negotiation the next restart is agreed, in milliseconds: not while everything begins. */
export const AGREED_AFTER = 300;

/** An ICE restart that was offered to nobody yet: as the browser made it, and as it is said. */
export interface Spare {
  readonly offer: RTCSessionDescriptionInit;
  readonly said: string;
}

export interface SparesPorts {
  readonly clock: Clock;
  /** What is said of an offer. */
  lean(sdp: string): string;
  /** Tells the other side. False: there is no way now. */
  say(sdp: string): boolean;
  readonly fault: (error: unknown) => void;
}

/**
 * The next ICE restart of each side, agreed while there is a way to agree on it.
 *
 * A device whose only address was replaced finds the other side's from its new one, and what it sends arrives. It is not
 * answered: the other side needs the password of the restart for that, and an offer with it waits in a channel of which
 * nothing is confirmed. A restart that the other side has already needs no word any more: that checks come whose
 * password it is missing is the word ({@link Strangers}).
 */
export class Spares {
  readonly #peer: RTCPeerConnection;
  readonly #ports: SparesPorts;
  #own: Spare | null = null;
  #others: string | null = null;
  #making: Cancel = () => undefined;

  constructor(peer: RTCPeerConnection, ports: SparesPorts) {
    this.#peer = peer;
    this.#ports = ports;
  }

  /** What the other side restarts with, if that is not over by now. */
  get others(): string | null {
    return this.#others;
  }

  get hasOwn(): boolean {
    return this.#own !== null;
  }

  /** The other side will restart with this. */
  hear(sdp: string): void {
    this.#others = sdp;
  }

  /** The other side described something else, or this. */
  described(): void {
    this.#others = null;
  }

  /** This side offers or answers: the spare was about the sections of before. */
  begins(): void {
    this.#making();
    this.#own = null;
  }

  /** What both sides send is settled. */
  settled(): void {
    this.begins();
    this.#making = this.#ports.clock.after(AGREED_AFTER, () => {
      this.#make().catch(this.#ports.fault);
    });
  }

  /** The own one, which can be used once. */
  take(): Spare | null {
    const own = this.#own;
    this.begins();
    return own;
  }

  async #make(): Promise<void> {
    let isMeant = true;
    this.#making = () => {
      isMeant = false;
    };
    const offer = await this.#peer.createOffer({ iceRestart: true }).catch((error: unknown) => {
      // What began meanwhile, or ended, is in its way.
      if (isMeant) throw error;
      return null;
    });
    const sdp = offer?.sdp ?? "";
    // Not every browser takes the wish to heart.
    if (!isMeant || offer === null || ufragOf(sdp) === ufragOf(this.#peer.localDescription?.sdp ?? ""))
      return;
    const said = this.#ports.lean(sdp);
    if (this.#ports.say(said)) this.#own = { offer, said };
    else this.settled();
  }
}

/**
 * Notices that the other side checks a path with a password that is unknown here: its checks come, and none goes back.
 */
export class Strangers {
  #known = 0;

  /** What there is now is the past. */
  forget(stats: RTCStatsReport): void {
    this.#known = count(stats);
  }

  /** Whether there were any since. */
  have(stats: RTCStatsReport): boolean {
    const seen = count(stats);
    this.#known = Math.min(this.#known, seen);
    return seen > this.#known;
  }
}

function count(stats: RTCStatsReport): number {
  let seen = 0;
  stats.forEach((one: RTCIceCandidatePairStats & { readonly requestsReceived?: number }) => {
    if (one.type === "candidate-pair" && one.requestsSent === 0) seen += one.requestsReceived ?? 0;
  });
  return seen;
}
