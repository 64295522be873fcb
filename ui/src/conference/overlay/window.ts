/** Which numbers of a growing row have been seen; those long past count as seen. */
export class Window {
  readonly #size: number;
  readonly #seen = new Set<number>();
  #highest = -1;

  constructor(size: number) {
    this.#size = size;
  }

  has(n: number): boolean {
    return n <= this.#highest - this.#size || this.#seen.has(n);
  }

  /** False if it has been seen. */
  take(n: number): boolean {
    if (this.has(n)) return false;
    this.#seen.add(n);
    if (n > this.#highest) {
      this.#highest = n;
      if (this.#seen.size > 2 * this.#size)
        for (const old of this.#seen) if (old <= n - this.#size) this.#seen.delete(old);
    }
    return true;
  }
}
