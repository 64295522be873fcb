import { MAX_TOPIC } from "../../limits";
import type { ConferenceId, ParticipantId } from "../types";
import { countOf, hashesOf, idOf, idsOf, lineOf, textOf, type Fields } from "./fields";
import { hashOf } from "./hash";
import { participantIdOf, type Keys, type PublicKey } from "./keys";
import { MAX_SIGNATURE, Signed, signedText } from "./signed";

/**
 * What makes and changes the membership of a conference. Each is signed by whoever states it; what it is worth,
 * `membership.ts` decides.
 */
export type Statement =
  /** Founds the conference, whose id is its hash. Signed by the founder. */
  | { readonly t: "genesis"; readonly key: PublicKey; readonly nonce: string }
  | Admission
  | Renewal
  | Farewell
  | Removal
  | Rules;

/** Lets somebody in. */
export interface Admission {
  readonly t: "admit";
  readonly key: PublicKey;
  /** Smaller is more senior. Counts as the admitter's and 1 at least. */
  readonly rank: number;
  /** What the admitter knows of the newcomer. */
  readonly name: string;
  readonly address: string;
}

/** From now on the signer's seat is that of the holder of another key: its device has lost the rest in a reload. */
export interface Renewal {
  readonly t: "renew";
  readonly key: PublicKey;
  /** By that key, over {@link consentText}: nobody can be drawn into somebody else's seat. */
  readonly sig: string;
}

/** The signer has left, for good under this id. */
export interface Farewell {
  readonly t: "leave";
  /**
   * Which of the signer's removals and rules stand, by the beginnings of their hashes: others it may sign afterwards.
   * Of one who says two different farewells none stands.
   */
  readonly stands: readonly string[];
}

/** Puts somebody out. */
export interface Removal {
  readonly t: "remove";
  readonly id: ParticipantId;
  /** Whose admission by the removed participant still counts: others it may sign afterwards, or have kept back. */
  readonly keeps: readonly ParticipantId[];
  /** How much of what it wrote still counts, in entries of its feed: others it may write afterwards. */
  readonly last: number;
}

export interface Rules {
  readonly t: "rules";
  /** Of one signer the highest counts. */
  readonly version: number;
  readonly topic: string;
  /** Who is in while nobody else may come in; null: every member may let people in. */
  readonly locked: readonly ParticipantId[] | null;
}

export const MAX_NAME = 100;
export const MAX_ADDRESS = 320;
/** The most ids a lock can list. */
export const MAX_LOCKED = 256;
/** The most that this device adds to its own rank for a newcomer: others may have used up all ranks by then. */
export const MAX_RANK_STEP = 1024;
const MAX_RANK = 2 ** 31;
/** The most whose admission a removal can say to count. */
export const MAX_KEPT = 128;
/** The most renewals of one device that others are told of at once. */
export const MAX_RENEWALS = 32;
/** The most statements that a farewell can say to stand. */
export const MAX_STANDING = 256;
export const MAX_VERSION = 2 ** 31;
const MAX_ENTRY = 2 ** 31;

/** Null unless it is a statement. */
export function readStatement(fields: Fields): Statement | null {
  switch (fields["t"]) {
    case "genesis": {
      const key = readKey(fields["key"]);
      const nonce = idOf(fields["nonce"]);
      return key !== null && nonce !== null ? { t: "genesis", key, nonce } : null;
    }
    case "admit": {
      const key = readKey(fields["key"]);
      const rank = countOf(fields["rank"], MAX_RANK);
      const name = lineOf(fields["name"], MAX_NAME);
      const address = lineOf(fields["address"], MAX_ADDRESS);
      if (key === null || rank === null || name === null || address === null) return null;
      return { t: "admit", key, rank, name, address };
    }
    case "renew": {
      const key = readKey(fields["key"]);
      const sig = textOf(fields["sig"], MAX_SIGNATURE);
      return key !== null && sig !== null ? { t: "renew", key, sig } : null;
    }
    case "leave": {
      const stands = hashesOf(fields["stands"], MAX_STANDING);
      return stands && { t: "leave", stands };
    }
    case "remove": {
      const id = idOf(fields["id"]);
      const keeps = idsOf(fields["keeps"], MAX_KEPT);
      const last = countOf(fields["last"], MAX_ENTRY);
      return id !== null && keeps !== null && last !== null ? { t: "remove", id, keeps, last } : null;
    }
    case "rules": {
      const version = countOf(fields["version"], MAX_VERSION);
      const topic = lineOf(fields["topic"], MAX_TOPIC);
      const locked = fields["locked"] === null ? null : idsOf(fields["locked"], MAX_LOCKED);
      if (version === null || topic === null || (locked === null && fields["locked"] !== null)) return null;
      return { t: "rules", version, topic, locked };
    }
    default:
      return null;
  }
}

/** Founds a conference. */
export async function makeGenesis(keys: Keys, nonce: string): Promise<Signed> {
  return Signed.make(keys, "", { t: "genesis", key: keys.publicKey, nonce } satisfies Statement);
}

/** Hands a seat from one key to another, which are both this device's. */
export async function makeRenewal(from: Keys, to: Keys, conference: ConferenceId): Promise<Signed> {
  const sig = await to.sign(consentText(conference, from.id));
  return Signed.make(from, conference, { t: "renew", key: to.publicKey, sig } satisfies Statement);
}

/** What somebody signs who takes over the seat of another id. */
export function consentText(conference: ConferenceId, from: ParticipantId): string {
  return signedText(conference, `renews ${from}`);
}

/** Which conference a genesis statement founds. */
export function conferenceIdOf(genesisBody: string): ConferenceId {
  return hashOf(signedText("", genesisBody));
}

function readKey(value: unknown): PublicKey | null {
  return participantIdOf(value) === null ? null : (value as PublicKey);
}
