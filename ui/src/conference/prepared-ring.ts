import type { KeyRing, Keys } from "./overlay";

/** Makes the keys for the next conference before they are needed: the first ones of a page take a while. */
export class PreparedRing implements KeyRing {
  readonly #ring: KeyRing;
  #next: Promise<Keys> | null = null;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  get verifier(): KeyRing["verifier"] {
    return this.#ring.verifier;
  }

  /** A conference may begin soon. */
  prepare(): void {
    if (this.#next !== null) return;
    const next = this.#ring.create();
    this.#next = next;
    // Whoever wants them tries again.
    next.catch(() => {
      if (this.#next === next) this.#next = null;
    });
  }

  create(): Promise<Keys> {
    const next = this.#next ?? this.#ring.create();
    this.#next = null;
    return next;
  }
}
