import { HURRIED_SILENCE, SILENCE } from "./health";
import type { Cancel, Clock } from "./types";

/** If anything at all came in the last so many milliseconds, there is a way. */
const LISTENS = 1000;
/**
 * For so long it is enough that something comes, be it sound only, in milliseconds: the other page may be too busy to
 * say a word. After that it may be that nothing else gets through.
 */
const MUTE = 15_000;
/** A timer that is so much late says that the page stood still meanwhile, in milliseconds. */
const LATE = 200;

export interface SilenceEvents {
  silent(): void;
  heard(): void;
  /** How much has come over the link so far, in bytes, media as well. */
  arrived(): Promise<number>;
  readonly fault: (error: unknown) => void;
}

/** Notices that nothing is heard any more on a link where something should be heard all the time. */
export class Silence {
  readonly #clock: Clock;
  readonly #events: SilenceEvents;
  #timer: Cancel | null = null;
  #last = 0;
  #limit = SILENCE;
  #isSilent = false;
  /** How much had come when it was listened to last, if nothing has been heard since. */
  #before: number | null = null;

  constructor(clock: Clock, events: SilenceEvents) {
    this.#clock = clock;
    this.#events = events;
  }

  start(): void {
    if (this.#timer !== null) return;
    this.#last = this.#clock.now();
    this.#wait(SILENCE - LISTENS);
  }

  hear(): void {
    this.#last = this.#clock.now();
    this.#limit = SILENCE;
    this.#before = null;
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#events.heard();
  }

  /** Something may have broken it: the next thing should be heard soon. */
  hurry(): void {
    if (this.#timer === null || this.#isSilent) return;
    this.#timer();
    this.#last = this.#clock.now();
    this.#limit = HURRIED_SILENCE;
    this.#before = null;
    this.#wait(HURRIED_SILENCE - LISTENS);
  }

  /** The other side says that nothing gets through: the next thing heard is news. */
  doubt(): void {
    this.#isSilent = true;
  }

  stop(): void {
    this.#timer?.();
  }

  #wait(ms: number): void {
    const due = this.#clock.now() + ms;
    let isOver = false;
    const cancel = this.#clock.after(ms, () => {
      // A page that stands still hears nothing, whatever comes.
      const late = this.#clock.now() - due;
      if (late > LATE) this.#last = Math.min(this.#clock.now(), this.#last + late);
      this.#look(() => isOver).catch(this.#events.fault);
    });
    this.#timer = () => {
      isOver = true;
      cancel();
    };
  }

  async #look(isOver: () => boolean): Promise<void> {
    const began = this.#last;
    const quiet = this.#clock.now() - began;
    if (quiet < this.#limit - LISTENS) return this.#wait(this.#limit - LISTENS - quiet);
    const before = this.#before;
    const arrived = await this.#events.arrived().catch(() => 0);
    if (isOver()) return;
    if (this.#last !== began) return this.#wait(LISTENS / 10);
    this.#before = arrived;
    if (before === null) return this.#wait(Math.min(LISTENS, Math.max(0, this.#limit - quiet)));
    if (arrived > before && quiet < MUTE) return this.#wait(LISTENS);
    this.#isSilent = true;
    this.#before = null;
    this.#events.silent();
    this.#wait(SILENCE);
  }
}
