import type { Encoding } from "./plan";

/** More than this a rate must rise, or fall, to be told to an encoder. */
const RISES = 1.1;
const FALLS = 0.97;

/** What one sender is told, one thing after another and only what is news. */
export class Sending {
  readonly #sender: RTCRtpSender;
  readonly #fault: (error: unknown) => void;
  #wanted: Encoding | null = null;
  #told: Encoding | null = null;
  #isBusy = false;

  constructor(sender: RTCRtpSender, fault: (error: unknown) => void) {
    this.#sender = sender;
    this.#fault = fault;
  }

  /** Call it again and again: what a sender refuses before it is negotiated is told it the next time. */
  apply(encoding: Encoding): void {
    this.#wanted = encoding;
    if (!this.#isBusy) this.#work().catch(this.#fault);
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#wanted !== null && isNews(this.#told, this.#wanted)) {
        const wanted = this.#wanted;
        if (!(await this.#tell(wanted))) return;
        this.#told = wanted;
      }
    } finally {
      this.#isBusy = false;
    }
  }

  /** False: not now. */
  async #tell(wanted: Encoding): Promise<boolean> {
    const parameters = this.#sender.getParameters();
    const [encoding] = parameters.encodings;
    // Chromium has none for a section that is not negotiated yet.
    if (encoding === undefined) return false;
    encoding.active = wanted.active;
    if (wanted.active) Object.assign(encoding, wanted);
    try {
      await this.#sender.setParameters(parameters);
      return true;
    } catch (error) {
      // Negotiated anew meanwhile, or over.
      if (error instanceof Error && LATER.includes(error.name)) return false;
      throw error;
    }
  }
}

const LATER = ["InvalidStateError", "InvalidModificationError", "OperationError"];

function isNews(told: Encoding | null, wanted: Encoding): boolean {
  if (told === null || told.active !== wanted.active) return true;
  if (!wanted.active) return false;
  const isSame =
    told.priority === wanted.priority &&
    told.scaleResolutionDownBy === wanted.scaleResolutionDownBy &&
    told.maxFramerate === wanted.maxFramerate;
  const change = wanted.maxBitrate / told.maxBitrate;
  return !isSame || change > RISES || change < FALLS;
}
