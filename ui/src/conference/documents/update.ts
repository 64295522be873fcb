import { writeVarUint } from "lib0/encoding";
import * as Y from "yjs";
import { WRITER_DIGITS } from "../overlay/writers";
import type { ParticipantId } from "../types";
import { MAX_UPDATE, type DocumentName } from "./entry";
import { MAX_ITEMS } from "./limits";

/** The Yjs client of a participant: as many bits of its id as Yjs takes. */
export function clientOf(participant: ParticipantId): number {
  return Number.parseInt(participant.slice(0, WRITER_DIGITS), 16);
}

/** What the author of an update knew of a document: of each client all items before a clock. */
export type Past = (client: number) => number;

/** Between what an item stands; null at the beginning or at the end. */
interface Neighbours {
  readonly left: Y.ID | null;
  readonly right: Y.ID | null;
}

interface Operations {
  readonly items: readonly Y.Item[];
  readonly deletions: readonly { client: number; clock: number; len: number }[];
}

/**
 * The clock of `client` after an update that begins at `clock`; null unless it is one its author could have made: only
 * items of its own, without a gap, right in the one sequence the document is, and of the kind it holds. In chat and
 * files nothing is ever deleted. Depends on nothing but the arguments, so that all devices refuse the same.
 */
export function inspect(
  document: DocumentName,
  update: Uint8Array,
  client: number,
  clock: number,
): number | null {
  const operations = update.length <= MAX_UPDATE ? decode(update) : null;
  if (operations === null) return null;
  const { items, deletions } = operations;
  if (items.length > MAX_ITEMS || (document !== "notes" && deletions.length > 0)) return null;
  if (items.length === 0 && deletions.length === 0) return null;
  let next = clock;
  for (const item of items) {
    if (item.id.client !== client || item.id.clock !== next || !fits(document, item)) return null;
    next += item.length;
  }
  return next;
}

/**
 * Brings an inspected update into a document, as its author's past makes it. Yjs merges everything that honest editors
 * can make, but sequences diverge when somebody names neighbours that never stood side by side. So the neighbours are
 * taken at their word only as far as they did in the author's past: the left one holds and the right one follows from
 * it; a left one that is not in the past (for it was never counted) follows from the right one; else the item goes to
 * the end. In chat and files, where honest authors only append, it goes there in any case. An honest author's update
 * comes out as it went in. Call it outside of transactions: only at their end does Yjs join what stands side by side.
 */
export function apply(doc: Y.Doc, document: DocumentName, update: Uint8Array, past: Past): void {
  const operations = decode(update);
  if (operations === null) return;
  doc.transact(() => {
    const sequence = sequenceOf(doc, document);
    // Kept from item to item: to look for it takes as long as the document is.
    let end: Y.ID | null | undefined;
    for (const item of operations.items) {
      const { client, clock } = item.id;
      const known: Past = (other) => (other === client ? clock : past(other));
      const endOfPast = (): Y.ID | null => (end === undefined ? (end = last(sequence, known)) : end);
      const { left, right } =
        document === "notes"
          ? believed(doc, sequence, item, known, endOfPast)
          : { left: endOfPast(), right: null };
      item.origin = left;
      item.rightOrigin = right;
      if (left === null && right === null) (item as { parent: unknown }).parent = document;
      Y.applyUpdate(doc, encode([item], []));
      if (right === null) end = Y.createID(client, clock + item.length - 1);
    }
    const ends: Past = (client) => Math.min(past(client), Y.getState(doc.store, client));
    const deletions = operations.deletions
      .map(({ client, clock, len }) => ({ client, clock, len: Math.min(len, ends(client) - clock) }))
      .filter(({ len }) => len > 0);
    if (deletions.length > 0) Y.applyUpdate(doc, encode([], deletions));
  });
}

export function sequenceOf(doc: Y.Doc, document: DocumentName): Y.Array<string> | Y.Text {
  return document === "notes" ? doc.getText(document) : doc.getArray<string>(document);
}

function decode(update: Uint8Array): Operations | null {
  try {
    const { structs, ds } = Y.decodeUpdate(update);
    const items = structs.filter((struct) => struct instanceof Y.Item);
    if (items.length < structs.length) return null;
    const deletions = [...ds.clients].flatMap(([client, ranges]) =>
      ranges.map(({ clock, len }) => ({ client, clock, len })),
    );
    return { items, deletions };
  } catch {
    return null;
  }
}

function fits(document: DocumentName, { parent, parentSub, content, length }: Y.Item): boolean {
  // Where there is a neighbour, the parent is the neighbour's.
  if (parentSub !== null || !(parent === null || (parent as unknown) === document) || length === 0)
    return false;
  if (document === "notes") return content instanceof Y.ContentString;
  return content instanceof Y.ContentAny && content.arr.every((value) => typeof value === "string");
}

/** The neighbours that an item names, as far as they stood side by side in the past. */
function believed(
  doc: Y.Doc,
  sequence: Y.Array<string> | Y.Text,
  { origin, rightOrigin }: Y.Item,
  past: Past,
  endOfPast: () => Y.ID | null,
): Neighbours {
  const inPast = (id: Y.ID): boolean => id.clock < past(id.client);
  if (origin === null || inPast(origin)) return { left: origin, right: after(doc, sequence, origin, past) };
  if (rightOrigin !== null && inPast(rightOrigin))
    return { left: before(doc, rightOrigin, past), right: rightOrigin };
  return { left: endOfPast(), right: null };
}

/** What follows an item in the past; at the beginning if it is null. */
function after(doc: Y.Doc, sequence: Y.Array<string> | Y.Text, id: Y.ID | null, past: Past): Y.ID | null {
  let next = sequence._start;
  if (id !== null) {
    const item = itemAt(doc, id);
    if (id.clock + 1 < item.id.clock + item.length && id.clock + 1 < past(id.client))
      return Y.createID(id.client, id.clock + 1);
    next = item.right;
  }
  while (next !== null && next.id.clock >= past(next.id.client)) next = next.right;
  return next?.id ?? null;
}

/** What stands before an item in the past. */
function before(doc: Y.Doc, id: Y.ID, past: Past): Y.ID | null {
  const item = itemAt(doc, id);
  if (id.clock > item.id.clock) return Y.createID(id.client, id.clock - 1);
  for (let left = item.left; left !== null; left = left.left) {
    const end = endIn(left, past);
    if (end !== null) return end;
  }
  return null;
}

/** The last item of the past. */
function last(sequence: Y.Array<string> | Y.Text, past: Past): Y.ID | null {
  let end: Y.ID | null = null;
  for (let item = sequence._start; item !== null; item = item.right) end = endIn(item, past) ?? end;
  return end;
}

/** The last of a run of items that is in the past. */
function endIn({ id, length }: Y.Item, past: Past): Y.ID | null {
  const end = Math.min(id.clock + length, past(id.client));
  return end > id.clock ? Y.createID(id.client, end - 1) : null;
}

function itemAt(doc: Y.Doc, id: Y.ID): Y.Item {
  return Y.getItem(doc.store, id);
}

/** An update of one author, in the first version of Yjs's format. */
function encode(items: readonly Y.Item[], deletions: Operations["deletions"]): Uint8Array {
  const encoder = new Y.UpdateEncoderV1();
  const out = encoder.restEncoder;
  writeVarUint(out, items.length);
  for (const item of items) {
    writeVarUint(out, 1);
    encoder.writeClient(item.id.client);
    writeVarUint(out, item.id.clock);
    item.write(encoder, 0);
  }
  writeVarUint(out, deletions.length);
  for (const { client, clock, len } of deletions) {
    writeVarUint(out, client);
    writeVarUint(out, 1);
    encoder.writeDsClock(clock);
    encoder.writeDsLen(len);
  }
  return encoder.toUint8Array();
}
