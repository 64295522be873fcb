import { toBase64url } from "../../../../src/conference/base64url";
import { participantIdOf, type KeyRing, type Keys, type Verifier } from "../../../../src/conference/overlay";
import type { Random } from "./random";

/** Keys that cost nothing and cannot be forged: a signature is good if the world remembers that it was made. */
export class FakeRing implements KeyRing {
  readonly #random: Random;
  readonly #made = new Map<string, string>();

  constructor(random: Random) {
    this.#random = random;
  }

  readonly verifier: Verifier = {
    verify: (publicKey, text, signature) =>
      Promise.resolve(this.#made.get(signature) === `${publicKey} ${text}`),
  };

  create(): Promise<Keys> {
    const publicKey = toBase64url(this.#random.bytes(32));
    const id = participantIdOf(publicKey);
    if (id === null) throw new TypeError("not a key");
    const sign = (text: string): Promise<string> => {
      const signature = `made-${String(this.#made.size)}`;
      this.#made.set(signature, `${publicKey} ${text}`);
      return Promise.resolve(signature);
    };
    return Promise.resolve({ id, publicKey, sign });
  }
}
