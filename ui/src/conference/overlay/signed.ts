import type { ConferenceId, ParticipantId } from "../types";
import { fieldsOf, parseFields, textOf, type Fields } from "./fields";
import { hashOf } from "./hash";
import { participantIdOf, type Keys, type PublicKey, type Verifier } from "./keys";

/** A signed record as it travels. The signature is over {@link signedText}. */
export interface SignedWire {
  readonly key: PublicKey;
  /** JSON text of an object; signed as it stands, so that no canonical form is needed. */
  readonly body: string;
  readonly sig: string;
}

/** The longest body, in UTF-16 units. */
export const MAX_BODY = 32 * 1024;

/** What is signed: a record of one conference means nothing in another. The genesis statement names none. */
export function signedText(conference: ConferenceId, body: string): string {
  return `mailcall/1 ${conference}\n${body}`;
}

/** A well-formed record that nobody has checked yet. */
export class Claim implements SignedWire {
  #hash: string | null = null;

  private constructor(
    /** Whose signature it claims to have. */
    readonly by: ParticipantId,
    readonly key: PublicKey,
    readonly body: string,
    readonly sig: string,
    readonly fields: Fields,
  ) {}

  /** Null for anything that is not of the shape of a {@link SignedWire}. */
  static read(value: unknown): Claim | null {
    const wire = fieldsOf(value);
    // Others pass it on as it is: nothing unsigned may travel with it.
    if (wire === null || Object.keys(wire).length !== 3) return null;
    const body = textOf(wire["body"], MAX_BODY);
    const sig = textOf(wire["sig"], MAX_SIGNATURE);
    const by = participantIdOf(wire["key"]);
    if (body === null || sig === null || by === null) return null;
    const fields = parseFields(body);
    return fields && new Claim(by, wire["key"] as PublicKey, body, sig, fields);
  }

  /** Of author and body: the same for two signatures of one author over one body. */
  get hash(): string {
    return (this.#hash ??= recordHash(this.key, this.body));
  }
}

/** A record whose signature is good: there are no others. */
export class Signed implements SignedWire {
  #wire: SignedWire | null = null;

  private constructor(
    readonly by: ParticipantId,
    readonly key: PublicKey,
    readonly body: string,
    readonly sig: string,
    /** Of author and body, 32 hex digits. */
    readonly hash: string,
  ) {}

  static async make(keys: Keys, conference: ConferenceId, fields: object): Promise<Signed> {
    const body = JSON.stringify(fields);
    const sig = await keys.sign(signedText(conference, body));
    return new Signed(keys.id, keys.publicKey, body, sig, recordHash(keys.publicKey, body));
  }

  /** Null unless the signature is good. */
  static async check(verifier: Verifier, conference: ConferenceId, claim: Claim): Promise<Signed | null> {
    const isGood = await verifier.verify(claim.key, signedText(conference, claim.body), claim.sig);
    return isGood ? new Signed(claim.by, claim.key, claim.body, claim.sig, claim.hash) : null;
  }

  /** The beginning of the hash, by which others name this record. */
  get mark(): string {
    return this.hash.slice(0, 16);
  }

  /** Always the same object. */
  get wire(): SignedWire {
    return (this.#wire ??= { key: this.key, body: this.body, sig: this.sig });
  }
}

function recordHash(key: PublicKey, body: string): string {
  return hashOf(`${key}\n${body}`);
}

/** 64 bytes in base64url. */
export const MAX_SIGNATURE = 86;
