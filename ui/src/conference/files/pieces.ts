import { bytesToHex } from "@noble/hashes/utils.js";

/** A file by its content: the first 32 hex digits of the SHA-256 over the hashes of its pieces. */
export type FileId = string;

/** What is fetched: a content, of the size somebody says it has. */
export interface Content {
  readonly id: FileId;
  /** Bytes. */
  readonly size: number;
}

/** Every piece but the last has so many bytes. */
export const PIECE = 256 * 1024;
/** The bytes of a hash. */
export const HASH = 32;

export function countOf({ size }: Content): number {
  return Math.ceil(size / PIECE);
}

/** In bytes. */
export function lengthOf({ size }: Content, piece: number): number {
  return Math.min(PIECE, size - piece * PIECE);
}

export async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** The id of a file, from the hashes of its pieces one after the other. */
export async function idOf(hashes: Uint8Array<ArrayBuffer>): Promise<FileId> {
  return bytesToHex(await hashOf(hashes)).slice(0, 32);
}

/** The hashes of the pieces one after the other. Reads piece by piece. Rejects if the file cannot be read. */
export async function hashPieces(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const count = Math.ceil(blob.size / PIECE);
  const hashes = new Uint8Array(count * HASH);
  for (let piece = 0; piece < count; piece += 1) {
    const part = blob.slice(piece * PIECE, (piece + 1) * PIECE);
    hashes.set(await hashOf(new Uint8Array(await part.arrayBuffer())), piece * HASH);
  }
  return hashes;
}

/** Whether a piece is the one its file was made of. */
export async function isPiece(
  bytes: Uint8Array<ArrayBuffer>,
  hashes: Uint8Array,
  piece: number,
): Promise<boolean> {
  const hash = await hashOf(bytes);
  const expected = hashes.subarray(piece * HASH, (piece + 1) * HASH);
  return expected.length === HASH && hash.every((byte, at) => byte === expected[at]);
}
