import type { KeptSeat, KeyStore } from "../../../src/conference/key-store";

/** What a browser keeps, without a browser: outlives the pages that share it. */
export class MemoryKeys implements KeyStore {
  readonly kept = new Map<string, KeptSeat>();
  /** What is asked of it: is done, goes wrong, or never ends. */
  mood: "well" | "fails" | "hangs" = "well";

  async get(conference: string): Promise<KeptSeat | null> {
    await this.#work();
    return this.kept.get(conference) ?? null;
  }

  async put(conference: string, kept: KeptSeat): Promise<void> {
    await this.#work();
    this.kept.set(conference, kept);
  }

  async remove(conference: string): Promise<void> {
    await this.#work();
    this.kept.delete(conference);
  }

  #work(): Promise<void> {
    if (this.mood === "hangs") return new Promise(() => undefined);
    return this.mood === "well" ? Promise.resolve() : Promise.reject(new Error("no store"));
  }
}
