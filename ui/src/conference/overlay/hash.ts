import { sha256 } from "@noble/hashes/sha2.js";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const utf8 = new TextEncoder();

/** The first 16 bytes of the SHA-256, as 32 hex digits. */
export function hashOf(data: Uint8Array | string): string {
  const digest = sha256(typeof data === "string" ? utf8.encode(data) : data);
  let hex = "";
  for (let at = 0; at < 16; at += 1) hex += HEX[digest[at] ?? 0] ?? "";
  return hex;
}

/** JSON with the keys of every object in order: the same text for the same content. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
