import type { ConferenceId, ParticipantId, Proven } from "./types";

/** One claim of a participant about who it is. */
export interface Claim {
  readonly conference: ConferenceId;
  readonly participant: ParticipantId;
  readonly address: string;
  readonly proof: string;
}

/** The most claims that are remembered: of too many the oldest are forgotten, and asked for again. */
const MAX_CLAIMS = 256;

/** What the backend said of participants' proofs. Each is asked for once. */
export class Attestations {
  readonly #check: (claim: Claim) => Promise<Proven>;
  readonly #changed: () => void;
  readonly #fault: (error: unknown) => void;
  readonly #known = new Map<string, Proven | null>();

  constructor(ports: {
    check(claim: Claim): Promise<Proven>;
    changed(): void;
    readonly fault: (error: unknown) => void;
  }) {
    this.#check = (claim) => ports.check(claim);
    this.#changed = () => ports.changed();
    this.#fault = ports.fault;
  }

  /** Null as long as the answer is not there; `changed` is called when it is. */
  of(claim: Claim): Proven | null {
    const key = [claim.participant, claim.address, claim.proof].join(" ");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const [oldest] = this.#known.keys();
    if (this.#known.size >= MAX_CLAIMS && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(key, null);
    this.#ask(key, claim).catch((error: unknown) => {
      // Asked again when it is looked at again.
      this.#known.delete(key);
      this.#fault(error);
    });
    return null;
  }

  async #ask(key: string, claim: Claim): Promise<void> {
    const proven = await this.#check(claim);
    this.#known.set(key, proven);
    this.#changed();
  }
}
