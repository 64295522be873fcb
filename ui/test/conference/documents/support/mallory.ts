import { writeUint8, writeVarString, writeVarUint, createEncoder, toUint8Array } from "lib0/encoding";
import { toBase64url } from "../../../../src/conference/base64url";
import {
  hashAfter,
  rootOf,
  signedText,
  type Batch,
  type DocumentName,
  type Entry,
  type Seen,
} from "../../../../src/conference/documents/entry";
import { clientOf } from "../../../../src/conference/documents/update";
import type { ParticipantId } from "../../../../src/conference/types";
import { fakeSign, idOf } from "./room";

/** An item of a sequence: client and clock. */
export type Place = readonly [client: number, clock: number];

/** What Mallory says in an update about an item of hers; nothing checks that it makes sense. */
export interface Claimed {
  readonly client: number;
  readonly clock: number;
  readonly origin?: Place | null;
  readonly right?: Place | null;
  /** For notes; else it is a list's entry. */
  readonly text?: string;
  readonly value?: string;
  readonly parent: string;
}

/** An update of Yjs, version 1, written byte by byte. */
export function update(items: readonly Claimed[], deletions: readonly (readonly [...Place, number])[] = []) {
  const out = createEncoder();
  writeVarUint(out, items.length);
  for (const { client, clock, origin, right, text, value, parent } of items) {
    for (const number of [1, client, clock]) writeVarUint(out, number);
    const kind = text === undefined ? ANY : STRING;
    writeUint8(out, kind | (origin ? 0x80 : 0) | (right ? 0x40 : 0));
    for (const place of [origin, right]) for (const number of place ?? []) writeVarUint(out, number);
    if (!origin && !right) {
      writeVarUint(out, 1);
      writeVarString(out, parent);
    }
    if (text !== undefined) writeVarString(out, text);
    else {
      writeVarUint(out, 1);
      writeUint8(out, ANY_STRING);
      writeVarString(out, value ?? "");
    }
  }
  writeVarUint(out, deletions.length);
  for (const [client, clock, length] of deletions)
    for (const number of [client, 1, clock, length]) writeVarUint(out, number);
  return toUint8Array(out);
}

const STRING = 4;
const ANY = 8;
const ANY_STRING = 119;

/** A member who writes whatever she likes into her own feed. */
export class Mallory {
  readonly id: ParticipantId;
  readonly client: number;
  #prev: string;
  #number = 0;
  #clock = { chat: 0, notes: 0, files: 0 };

  constructor(id = idOf("Mallory")) {
    this.id = id;
    this.client = clientOf(this.id);
    this.#prev = rootOf(this.id);
  }

  /** Another device with the same key, that goes its own way from here. */
  twin(): Mallory {
    const twin = new Mallory();
    twin.#prev = this.#prev;
    twin.#number = this.#number;
    twin.#clock = { ...this.#clock };
    return twin;
  }

  entry(document: DocumentName, bytes: Uint8Array, seen: Seen = []): Entry {
    return [document, toBase64url(bytes), seen];
  }

  /** A chat line, put after an item. */
  line(text: string, origin: Place | null = null, seen: Seen = []): Entry {
    const value = JSON.stringify({ text, name: "Mallory", at: 0 });
    const item = { client: this.client, clock: this.#clock.chat, origin, value, parent: "chat" };
    this.#clock.chat += 1;
    return this.entry("chat", update([item]), seen);
  }

  /** So many empty chat lines in one update, each of them put before all others. */
  lines(count: number): Entry {
    const items = Array.from({ length: count }, (_, n) => {
      return { client: this.client, clock: this.#clock.chat + n, value: "", parent: "chat" };
    });
    this.#clock.chat += count;
    return this.entry("chat", update(items));
  }

  /** Notes put between two items. */
  note(text: string, origin: Place | null = null, right: Place | null = null, seen: Seen = []): Entry {
    const item = { client: this.client, clock: this.#clock.notes, origin, right, text, parent: "notes" };
    this.#clock.notes += text.length;
    return this.entry("notes", update([item]), seen);
  }

  /** Signs entries as the next of her feed. */
  publish(...entries: readonly Entry[]): Batch {
    const prev = this.#prev;
    const first = this.#number + 1;
    for (const entry of entries) this.#prev = hashAfter(this.#prev, entry);
    this.#number += entries.length;
    const sig = fakeSign(this.id, signedText(this.#number, this.#prev));
    return { author: this.id, first, prev, entries, sig };
  }
}
