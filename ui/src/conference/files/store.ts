import { PIECE } from "./pieces";

/** Where the files of a conference are kept, each under a key of its own. Any of these may reject. */
export interface FileStore {
  /** Keeps a whole file of this device's own; it is not copied. */
  adopt(key: string, file: Blob): Promise<void>;
  put(key: string, piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Null if it is not here. */
  piece(key: string, piece: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The first `count` pieces in a row; null if one is missing. */
  whole(key: string, count: number): Promise<Blob | null>;
  drop(key: string): void;
}

/**
 * Keeps pieces as blobs. Browsers hold blobs outside of the page, Chromium moves large ones to disk by itself, and all
 * of them are gone with the page, which files in the origin's private file system would not be.
 */
export class BlobStore implements FileStore {
  readonly #own = new Map<string, Blob>();
  readonly #pieces = new Map<string, Blob[]>();

  adopt(key: string, file: Blob): Promise<void> {
    this.#own.set(key, file);
    this.#pieces.delete(key);
    return Promise.resolve();
  }

  put(key: string, piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const pieces = this.#pieces.get(key) ?? [];
    pieces[piece] = new Blob([bytes]);
    this.#pieces.set(key, pieces);
    return Promise.resolve();
  }

  async piece(key: string, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const own = this.#own.get(key)?.slice(piece * PIECE, (piece + 1) * PIECE);
    const blob = own ?? this.#pieces.get(key)?.[piece];
    return blob === undefined || blob.size === 0 ? null : new Uint8Array(await blob.arrayBuffer());
  }

  whole(key: string, count: number): Promise<Blob | null> {
    const own = this.#own.get(key);
    const pieces = Array.from({ length: count }, (_, piece) => this.#pieces.get(key)?.[piece]);
    const parts = own === undefined ? pieces.filter((blob) => blob !== undefined) : [own];
    // No type: what somebody sent is never shown as a page of ours.
    const blob = own !== undefined || parts.length === count ? new Blob(parts) : null;
    return Promise.resolve(blob);
  }

  drop(key: string): void {
    this.#own.delete(key);
    this.#pieces.delete(key);
  }
}
