import {
  Claim,
  Signed,
  type Keys,
  type Replica,
  type SignedWire,
  type Taken,
  type Verifier,
} from "../../../../src/conference/overlay";
import type { ConferenceId, ParticipantId } from "../../../../src/conference";

export interface Line {
  readonly by: ParticipantId;
  readonly text: string;
}

/** The simplest document: a set of signed lines that grows. */
export class List implements Replica {
  readonly name = "list";
  readonly #lines = new Map<string, Line & { readonly wire: SignedWire }>();
  readonly #ports: { conference: ConferenceId; verifier: Verifier; knows(id: ParticipantId): boolean };

  constructor(ports: { conference: ConferenceId; verifier: Verifier; knows(id: ParticipantId): boolean }) {
    this.#ports = ports;
  }

  get lines(): Line[] {
    return [...this.#lines.values()];
  }

  /** Every line in an order that does not depend on how they came. */
  get text(): string {
    return this.lines
      .map(({ by, text }) => `${by} ${text}`)
      .sort()
      .join("\n");
  }

  /** The item to spread. */
  async write(keys: Keys, text: string): Promise<SignedWire> {
    const signed = await Signed.make(keys, this.#ports.conference, { t: "line", text });
    this.#lines.set(signed.hash, { by: signed.by, text, wire: signed.wire });
    return signed.wire;
  }

  digest(): object {
    return { has: [...this.#lines.keys()].sort() };
  }

  *missing(theirs: unknown): Iterable<object> {
    const has = (theirs as { has?: unknown } | null | undefined)?.has;
    const known = new Set<unknown>(Array.isArray(has) ? has : []);
    for (const [hash, { wire }] of this.#lines) if (!known.has(hash)) yield wire;
  }

  async take(item: unknown): Promise<Taken> {
    const claim = Claim.read(item);
    const text = claim?.fields["text"];
    if (claim === null || claim.fields["t"] !== "line" || typeof text !== "string") return "bad";
    if (this.#lines.has(claim.hash) || !this.#ports.knows(claim.by)) return "known";
    const signed = await Signed.check(this.#ports.verifier, this.#ports.conference, claim);
    if (signed === null) return "bad";
    if (this.#lines.has(signed.hash)) return "known";
    this.#lines.set(signed.hash, { by: signed.by, text, wire: signed.wire });
    return "new";
  }
}
