import type { ConferenceId, ParticipantId } from "../types";
import { countOf, idOf, idsOf, lineOf, type Fields } from "./fields";
import { hashOf } from "./hash";
import { participantIdOf, type Keys, type PublicKey } from "./keys";
import { Signed, signedText } from "./signed";

/**
 * What makes and changes the membership of a conference. Each is signed by whoever states it; what it is worth,
 * `membership.ts` decides.
 */
export type Statement =
  /** Founds the conference, whose id is its hash. Signed by the founder. */
  | { readonly t: "genesis"; readonly key: PublicKey; readonly nonce: string }
  | Admission
  /** The signer has left, for good under this id. */
  | { readonly t: "leave" }
  | Removal
  | Rules;

/** Lets somebody in. */
export interface Admission {
  readonly t: "admit";
  readonly key: PublicKey;
  /** Above the admitter's by 1 to {@link MAX_RANK_STEP}. Smaller is more senior. */
  readonly rank: number;
  /** What the admitter knows of the newcomer. */
  readonly name: string;
  readonly address: string;
}

/** Puts somebody out. */
export interface Removal {
  readonly t: "remove";
  readonly id: ParticipantId;
  /** Whose admission by the removed participant still counts: others it may sign afterwards, or have kept back. */
  readonly keeps: readonly ParticipantId[];
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
export const MAX_TOPIC = 200;
/** The most ids a lock can list. */
export const MAX_LOCKED = 256;
/**
 * The most an admission may add to the admitter's rank. Without it one participant could use up all ranks with a
 * single admission.
 */
export const MAX_RANK_STEP = 1024;
const MAX_RANK = 2 ** 31;
/** The most admissions of one signer that are kept. */
export const MAX_ADMISSIONS = 128;
export const MAX_VERSION = 2 ** 31;

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
    case "leave":
      return { t: "leave" };
    case "remove": {
      const id = idOf(fields["id"]);
      const keeps = idsOf(fields["keeps"], MAX_ADMISSIONS);
      return id !== null && keeps !== null ? { t: "remove", id, keeps } : null;
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

/** Which conference a genesis statement founds. */
export function conferenceIdOf(genesisBody: string): ConferenceId {
  return hashOf(signedText("", genesisBody));
}

function readKey(value: unknown): PublicKey | null {
  return participantIdOf(value) === null ? null : (value as PublicKey);
}
