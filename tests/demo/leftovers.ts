/** What must be put away, whatever happens: the newest first. */
export class Leftovers {
  readonly #tasks: { readonly what: string; readonly put: () => Promise<unknown> }[] = [];
  #done: Promise<boolean> | undefined;

  add(what: string, put: () => Promise<unknown>): void {
    this.#tasks.push({ what, put });
  }

  /** Fails once putting away has begun: nothing may be started any more. */
  stillPlaying(): void {
    if (this.#done !== undefined) throw new Error("interrupted");
  }

  /** Puts everything away, once; false if something stays behind, which it says. */
  clear(): Promise<boolean> {
    this.#done ??= this.#clear();
    return this.#done;
  }

  async #clear(): Promise<boolean> {
    let clean = true;
    for (let task = this.#tasks.pop(); task !== undefined; task = this.#tasks.pop()) {
      try {
        await task.put();
      } catch (error) {
        clean = false;
        process.stderr.write(`could not put away ${task.what}: ${String(error)}\n`);
      }
    }
    return clean;
  }
}
