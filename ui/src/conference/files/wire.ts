import { MAX_TEXT } from "./limits";
import type { FileId } from "./pieces";

/** Asks for a piece, or with {@link LIST} for the hashes of all; the answer is binary frames and `end`, or `no`. */
export type Message =
  | { readonly t: "get"; readonly r: number; readonly file: FileId; readonly piece: number }
  /** That was the whole answer. */
  | { readonly t: "end"; readonly r: number }
  /** Not here, or too much is asked for at once. */
  | { readonly t: "no"; readonly r: number }
  /** The answer is not needed any more. */
  | { readonly t: "stop"; readonly r: number };

/** Instead of the number of a piece. */
export const LIST = -1;

/** A part of the answer to a request. */
export interface Frame {
  readonly r: number;
  readonly bytes: Uint8Array;
}

/** The bytes of an answer in one frame; with its head it is below what every SCTP implementation takes whole. */
export const FRAME = 16_000;
const HEAD = 4;

/** Null for anything else. */
export function readMessage(data: string): Message | null {
  if (data.length > MAX_TEXT) return null;
  try {
    const { t, r, file, piece } = JSON.parse(data) as Record<string, unknown>;
    if (!isNumber(r) || r < 0) return null;
    if (t === "no" || t === "end" || t === "stop") return { t, r };
    if (t !== "get" || typeof file !== "string" || !/^[0-9a-f]{32}$/.test(file)) return null;
    return isNumber(piece) && piece >= LIST ? { t, r, file, piece } : null;
  } catch {
    return null;
  }
}

export function writeFrame(r: number, bytes: Uint8Array): ArrayBuffer {
  const frame = new Uint8Array(HEAD + bytes.length);
  new DataView(frame.buffer).setUint32(0, r);
  frame.set(bytes, HEAD);
  return frame.buffer;
}

/** Null if it is too short. */
export function readFrame(data: ArrayBuffer): Frame | null {
  if (data.byteLength <= HEAD) return null;
  return { r: new DataView(data).getUint32(0), bytes: new Uint8Array(data, HEAD) };
}

function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) <= 0xffffffff;
}
