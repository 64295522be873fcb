import type { Cancel, Clock } from "../types";
import type { FileId } from "./pieces";
import { FRAME, writeFrame } from "./wire";

/** Where an answer goes. */
export interface Sink {
  /** False: wait until `drained` of {@link Uploads} is called. */
  readonly isDrained: boolean;
  send(data: string | ArrayBuffer): void;
}

interface Job {
  readonly to: Sink;
  readonly r: number;
  readonly file: FileId;
  readonly piece: number;
  /** What is left to send; null while it waits for its turn or is read. */
  rest: Uint8Array | null;
  timer: Cancel;
}

/** The most answers that are sent at once; each holds one piece in memory. */
export const MAX_ACTIVE = 4;
/** The most requests of one participant that wait or are answered. */
export const MAX_ASKED = 8;
/** For how long a channel may take nothing of an answer before others get its turn, in ms. */
const STUCK = 20_000;

/** Answers what others ask for: first come first served, but to each only one thing at a time. */
export class Uploads {
  readonly #clock: Clock;
  readonly #read: (file: FileId, piece: number) => Promise<Uint8Array | null>;
  readonly #fault: (error: unknown) => void;
  #waiting: Job[] = [];
  #active: Job[] = [];

  /** `read` gives a piece, or the hashes; null if it is not here. */
  constructor(
    clock: Clock,
    read: (file: FileId, piece: number) => Promise<Uint8Array | null>,
    fault: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#read = read;
    this.#fault = fault;
  }

  asked(to: Sink, r: number, file: FileId, piece: number): void {
    const asked = [...this.#waiting, ...this.#active].filter((job) => job.to === to);
    if (asked.length >= MAX_ASKED || asked.some((job) => job.r === r)) refuse(to, r);
    else this.#waiting.push({ to, r, file, piece, rest: null, timer: () => {} });
    this.#next();
  }

  stopped(to: Sink, r: number): void {
    this.#end((job) => job.to === to && job.r === r);
  }

  closed(to: Sink): void {
    this.#end((job) => job.to === to);
  }

  drained(to: Sink): void {
    for (const job of [...this.#active]) if (job.to === to) this.#send(job);
  }

  #next(): void {
    while (this.#active.length < MAX_ACTIVE) {
      const job = this.#waiting.find(({ to }) => !this.#active.some((active) => active.to === to));
      if (job === undefined) return;
      this.#waiting = this.#waiting.filter((one) => one !== job);
      this.#active.push(job);
      this.#start(job).catch(this.#fault);
    }
  }

  async #start(job: Job): Promise<void> {
    let bytes: Uint8Array | null = null;
    try {
      bytes = await this.#read(job.file, job.piece);
    } catch {
      // The user moved or changed the file since it was shared: it is not here any more.
    }
    if (!this.#active.includes(job)) return;
    if (bytes === null) {
      refuse(job.to, job.r);
      this.#end((one) => one === job);
    } else {
      job.rest = bytes;
      this.#send(job);
    }
  }

  #send(job: Job): void {
    job.timer();
    while (job.rest !== null && job.rest.length > 0 && job.to.isDrained) {
      job.to.send(writeFrame(job.r, job.rest.subarray(0, FRAME)));
      job.rest = job.rest.subarray(FRAME);
    }
    if (job.rest?.length === 0) {
      job.to.send(JSON.stringify({ t: "end", r: job.r }));
      this.#end((one) => one === job);
    } else job.timer = this.#clock.after(STUCK, () => this.#end((one) => one === job));
  }

  #end(which: (job: Job) => boolean): void {
    for (const job of this.#active.filter(which)) job.timer();
    this.#waiting = this.#waiting.filter((job) => !which(job));
    this.#active = this.#active.filter((job) => !which(job));
    this.#next();
  }
}

/** Somebody who asks and reads nothing gets no answer. */
function refuse(to: Sink, r: number): void {
  if (to.isDrained) to.send(JSON.stringify({ t: "no", r }));
}
