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
  #mustBegin = false;

  constructor(sender: RTCRtpSender, fault: (error: unknown) => void) {
    this.#sender = sender;
    this.#fault = fault;
  }

  /** Call it again and again: what a sender refuses before it is negotiated is told it the next time. */
  apply(encoding: Encoding): void {
    this.#wanted = encoding;
    if (!this.#isBusy) this.#work().catch(this.#fault);
  }

  /**
   * Whatever is sent begins anew, with a picture that needs none before it: the other side lost too many to go on, and
   * asks for one only every three seconds, on a way that may not be there.
   */
  begin(): void {
    this.#mustBegin = true;
    if (!this.#isBusy) this.#work().catch(this.#fault);
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      for (;;) {
        const wanted = this.#wanted;
        if (wanted === null) return;
        if (this.#mustBegin) {
          this.#mustBegin = false;
          // An encoder that was stopped begins with a whole picture. There is no other way in all browsers.
          if (!wanted.active || !(await this.#tell({ ...wanted, active: false }))) continue;
          this.#told = null;
        }
        if (!isNews(this.#told, wanted)) return;
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
