/** How long something can be undone, in ms. */
const GRACE_MS = 8000;

export interface Deferred {
  /** What will be done, for whoever shows it as done already. */
  readonly key: string;
  /** Does not do it; false if it is done already. */
  readonly undo: () => boolean;
}

/**
 * Things the user did that hurt if they were not meant: they are shown as done, and done once they can no longer be
 * undone. That keeps what a second command could not bring back, such as a contact's pinned key.
 */
export class Deferrer {
  readonly #pending = new Map<string, { act: () => void; timer: ReturnType<typeof setTimeout> }>();
  readonly #changed: () => void;

  /** `changed` runs after anything was added, done or undone. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  has(key: string): boolean {
    return this.#pending.has(key);
  }

  defer(key: string, act: () => void): Deferred {
    clearTimeout(this.#pending.get(key)?.timer);
    const timer = setTimeout(() => this.#finish(key), GRACE_MS);
    this.#pending.set(key, { act, timer });
    this.#changed();
    return {
      key,
      undo: () => {
        clearTimeout(timer);
        const inTime = this.#pending.delete(key);
        if (inTime) this.#changed();
        return inTime;
      },
    };
  }

  /** Does everything now; for a page that is being left. */
  flush(): void {
    for (const key of [...this.#pending.keys()]) this.#finish(key);
  }

  #finish(key: string): void {
    const pending = this.#pending.get(key);
    if (pending === undefined) return;
    clearTimeout(pending.timer);
    this.#pending.delete(key);
    pending.act();
    this.#changed();
  }
}
