import { Strangers } from "./spares";
import type { Cancel, Clock } from "./types";

/** How often a link on which nothing is heard is looked at, in milliseconds. */
const LOOK_EVERY = 200;
/**
 * How long this side waits for the other to restart before it does, in milliseconds, as long as neither can be told:
 * the polite one less, so that the two do not restart at once, and it is the one that can take its restart back.
 */
export const POLITE_WAITS = 600;
export const IMPOLITE_WAITS = 1500;

/** How long it is looked at when something was heard again, in milliseconds: that may have come one way only. */
const LOOKS_ON = 3000;

export interface AdriftPorts {
  readonly clock: Clock;
  isBroken(): boolean;
  isPolite(): boolean;
  stats(): Promise<RTCStatsReport>;
  /** Whether it is known with what the other side restarts. */
  knowsRestart(): boolean;
  /** Whether an own restart waits for its answer. */
  isRestarting(): boolean;
  /** Goes along with the other side's restart, of which no word has come. */
  goAlong(): void;
  /** Whether somebody seems to be there who passes on what is said. */
  canDetour(): boolean;
  /** Restarts, or asks the other side to, if somebody can tell it. */
  restart(): void;
  /** Restarts, though the other side may not hear of it. */
  restartAlone(): void;
  readonly fault: (error: unknown) => void;
}

/** What is done about a broken link, on which nothing can be said, and maybe not by way of others either. */
export class Adrift {
  readonly #ports: AdriftPorts;
  readonly #strangers = new Strangers();
  #next: Cancel | null = null;
  #isKnowing = false;
  /** When the other side has had its time. */
  #until = 0;
  #heardSince: number | null = null;

  constructor(ports: AdriftPorts) {
    this.#ports = ports;
  }

  /** The other side said with what it will restart: what it does from now on may be that. */
  async agreed(): Promise<void> {
    this.#strangers.forget(await this.#ports.stats());
  }

  /**
   * The link is broken. `knowing`: the network of this device changed, so that it is not the other side that has to move;
   * `asked`: the other side does something about it already.
   */
  begin({ knowing, asked }: { knowing: boolean; asked: boolean }): void {
    this.end();
    this.#heardSince = null;
    this.#isKnowing = knowing;
    this.#until = this.#ports.clock.now() + this.#patience;
    this.#next = () => undefined;
    this.#look({ restarts: !asked }).catch(this.#ports.fault);
  }

  /** Both sides know the other's newest paths. */
  settled(): void {
    if (!this.#ports.isBroken()) this.end();
  }

  end(): void {
    this.#next?.();
    this.#next = null;
  }

  get #patience(): number {
    return this.#ports.isPolite() ? POLITE_WAITS : IMPOLITE_WAITS;
  }

  async #look({ restarts }: { restarts: boolean }): Promise<void> {
    const mine = this.#next;
    const haveCome = this.#ports.knowsRestart() && this.#strangers.have(await this.#ports.stats());
    if (this.#next !== mine) return;
    const now = this.#ports.clock.now();
    if (haveCome) this.#meet();
    else if (this.#ports.isBroken()) this.#goOn(now, restarts);
    this.#heardSince = this.#ports.isBroken() ? null : (this.#heardSince ?? now);
    if (this.#heardSince !== null && now >= this.#heardSince + LOOKS_ON) return this.end();
    this.#next = this.#ports.clock.after(LOOK_EVERY, () => {
      this.#look({ restarts: false }).catch(this.#ports.fault);
    });
  }

  /**
   * The checks may also be those of an answer, which is still to come, and the impolite side would lose the other's
   * picture with an offer that it takes back.
   */
  #meet(): void {
    if (this.#ports.isPolite() || !this.#ports.isRestarting()) this.#ports.goAlong();
  }

  #goOn(now: number, restarts: boolean): void {
    const isLate = now >= this.#until;
    if (isLate) this.#until = now + this.#patience;
    // Whoever moved does not know yet over whom the others can be reached.
    if (restarts ? this.#isKnowing : isLate && !this.#ports.canDetour()) this.#ports.restartAlone();
    else if (restarts || isLate) this.#ports.restart();
  }
}
