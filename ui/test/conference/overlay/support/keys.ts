import { toBase64url } from "../../../../src/conference/base64url";
import { participantIdOf, type KeyRing, type Keys, type Verifier } from "../../../../src/conference/overlay";
import type { Random } from "./random";

/**
 * Keys that cost nothing and cannot be forged: a signature is good if the world remembers that it was made. With
 * `isUneven`, what is begun first is not always done first, as with real ones.
 */
export class FakeRing implements KeyRing {
  readonly #random: Random;
  readonly #isUneven: boolean;
  readonly #made = new Map<string, string>();

  constructor(random: Random, isUneven = false) {
    this.#random = random;
    this.#isUneven = isUneven;
  }

  readonly verifier: Verifier = {
    verify: async (publicKey, text, signature) => {
      await this.#work();
      return this.#made.get(signature) === `${publicKey} ${text}`;
    },
  };

  create(): Promise<Keys> {
    const publicKey = toBase64url(this.#random.bytes(32));
    const id = participantIdOf(publicKey);
    if (id === null) throw new TypeError("not a key");
    const sign = async (text: string): Promise<string> => {
      await this.#work();
      const signature = `made-${String(this.#made.size)}`;
      this.#made.set(signature, `${publicKey} ${text}`);
      return signature;
    };
    return Promise.resolve({ id, publicKey, sign });
  }

  async #work(): Promise<void> {
    if (!this.#isUneven) return;
    for (let turns = this.#random.between(0, 6); turns > 0; turns -= 1)
      await new Promise((resolve) => setImmediate(resolve));
  }
}
