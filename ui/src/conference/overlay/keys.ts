import { fromBase64url, toBase64url } from "../base64url";
import type { ParticipantId } from "../types";
import { hashOf } from "./hash";

/** A raw Ed25519 public key, base64url without padding. */
export type PublicKey = string;

/** A participant's own key pair; made for one conference and one {@link Overlay} only. */
export interface Keys {
  readonly id: ParticipantId;
  readonly publicKey: PublicKey;
  /** For a {@link KeyStore} of the browser: it can be kept there, and cannot be read. */
  readonly privateKey?: CryptoKey;
  /** The signature over the UTF-8 bytes of the text, base64url. */
  sign(text: string): Promise<string>;
}

export interface Verifier {
  /** False for anything but a good signature, malformed keys and signatures included. */
  verify(publicKey: PublicKey, text: string, signature: string): Promise<boolean>;
}

/** Null unless it is a public key. The id *is* the key: nobody can have somebody else's. */
export function participantIdOf(publicKey: unknown): ParticipantId | null {
  if (typeof publicKey !== "string" || publicKey.length !== KEY_LENGTH) return null;
  const known = ids.get(publicKey);
  if (known !== undefined) return known;
  const raw = fromBase64url(publicKey);
  if (raw === null) return null;
  if (ids.size >= MAX_REMEMBERED) ids.clear();
  const id = hashOf(raw);
  ids.set(publicKey, id);
  return id;
}

/** A fresh key pair, whose private half cannot leave the browser. */
export async function createKeys(): Promise<Keys> {
  const pair = await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("not a key pair");
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return keysFrom(toBase64url(raw), pair.privateKey);
}

/** A key pair that was kept. */
export function keysFrom(publicKey: PublicKey, privateKey: CryptoKey): Keys {
  const id = participantIdOf(publicKey);
  if (id === null) throw new TypeError("not a key");
  return {
    id,
    publicKey,
    privateKey,
    sign: async (text) => {
      const signature = await crypto.subtle.sign("Ed25519", privateKey, utf8.encode(text));
      return toBase64url(new Uint8Array(signature));
    },
  };
}

/** Checks signatures with WebCrypto. */
export function createVerifier(): Verifier {
  const imported = new Map<PublicKey, Promise<CryptoKey | null>>();
  const importOnce = (publicKey: PublicKey): Promise<CryptoKey | null> => {
    const known = imported.get(publicKey);
    if (known !== undefined) return known;
    if (imported.size >= MAX_REMEMBERED) imported.clear();
    const key = importKey(publicKey);
    imported.set(publicKey, key);
    return key;
  };
  return {
    verify: async (publicKey, text, signature) => {
      const bytes = fromBase64url(signature);
      const key = await importOnce(publicKey);
      if (bytes === null || key === null) return false;
      return crypto.subtle.verify("Ed25519", key, new Uint8Array(bytes), utf8.encode(text));
    },
  };
}

/** All that a conference needs of cryptography. */
export interface KeyRing {
  create(): Promise<Keys>;
  readonly verifier: Verifier;
}

export function webCryptoRing(): KeyRing {
  return { create: createKeys, verifier: createVerifier() };
}

async function importKey(publicKey: PublicKey): Promise<CryptoKey | null> {
  const raw = fromBase64url(publicKey);
  if (raw?.length !== 32) return null;
  // Not every 32 bytes are a point on the curve.
  return crypto.subtle.importKey("raw", new Uint8Array(raw), "Ed25519", true, ["verify"]).catch(() => null);
}

/** 32 bytes in base64url. */
const KEY_LENGTH = 43;
const MAX_REMEMBERED = 2048;
const ids = new Map<PublicKey, ParticipantId>();
const utf8 = new TextEncoder();
