import type { Cancel, Clock } from "../../../../src/conference";

interface Timer {
  readonly at: number;
  readonly order: number;
  run: (() => void) | null;
}

/** Time that passes only when everything that could happen before has happened. */
export class VirtualTime implements Clock {
  #now = 0;
  #count = 0;
  /** A binary heap, the earliest first. */
  readonly #timers: Timer[] = [];
  #busy = 0;

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): Cancel {
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: (this.#count += 1), run };
    this.#push(timer);
    return () => {
      timer.run = null;
    };
  }

  /** Time stands still until this work, which happens outside of it, is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work;
    } finally {
      this.#busy -= 1;
    }
  }

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.rest();
    for (let next = this.#timers[0]; next !== undefined && next.at <= end; next = this.#timers[0]) {
      this.#pop();
      if (next.run === null) continue;
      this.#now = next.at;
      next.run();
      await this.rest();
    }
    this.#now = end;
  }

  /** Lets time pass, step by step, until something holds. False if it does not within so many milliseconds. */
  async until(holds: () => boolean, ms: number, step = 10): Promise<boolean> {
    const end = this.#now + ms;
    await this.rest();
    while (!holds()) {
      if (this.#now >= end) return false;
      await this.pass(step);
    }
    return true;
  }

  /** Resolves when nothing happens any more unless time passes. */
  async rest(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#busy > 0);
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(heap, at, above)) break;
      swap(heap, at, above);
      at = above;
    }
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let first = at;
      if (isBefore(heap, left, first)) first = left;
      if (isBefore(heap, right, first)) first = right;
      if (first === at) return;
      swap(heap, at, first);
      at = first;
    }
  }
}

function isBefore(heap: readonly Timer[], a: number, b: number): boolean {
  const [one, other] = [heap[a], heap[b]];
  if (one === undefined || other === undefined) return false;
  return one.at - other.at < 0 || (one.at === other.at && one.order < other.order);
}

function swap(heap: Timer[], a: number, b: number): void {
  const [one, other] = [heap[a], heap[b]];
  if (one === undefined || other === undefined) return;
  heap[a] = other;
  heap[b] = one;
}
