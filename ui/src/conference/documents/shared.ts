import * as Y from "yjs";
import type { Cancel, Clock, ParticipantId } from "../types";
import { fromBase64url, toBase64url } from "../base64url";
import type { DocumentName, Seen } from "./entry";
import type { Feeds } from "./feeds";
import { MAX_ITEMS } from "./limits";
import { apply, clientOf, sequenceOf, type Past } from "./update";

/** How long own edits are gathered before they become an entry, in ms. */
export const GATHERING = 50;

/** Documents are made anew no more often than this, in ms, however often somebody gives reason to. */
const REST = 2000;
/** An update of so many bytes becomes an entry at once. */
const FULL = 8 * 1024;
/** Marks transactions of this device's own edits. */
const OWN = Symbol("own");

type Docs = Readonly<Record<DocumentName, Y.Doc>>;

/**
 * The documents, made of what counts in the feeds. An entry is applied after all that its author had seen, so Yjs never
 * waits for anything, and what comes out depends only on which entries count.
 */
export class SharedDocuments {
  readonly #self: ParticipantId;
  readonly #feeds: Feeds;
  readonly #clock: Clock;
  /** The documents were made anew by themselves. */
  readonly #rebuilt: () => void;
  #docs: Docs;
  /** How many entries of each author are in the documents. */
  #applied = new Map<ParticipantId, number>();
  /** What each author had seen when it wrote the last applied entry. */
  #seen = new Map<ParticipantId, Map<ParticipantId, number>>();
  #pending: { document: DocumentName; updates: Uint8Array[]; bytes: number } | null = null;
  #timer: Cancel | null = null;
  #restedAt = Number.NEGATIVE_INFINITY;
  /** Set while the documents show what counts no more. */
  #stale: Cancel | null = null;

  constructor(self: ParticipantId, feeds: Feeds, clock: Clock, rebuilt: () => void) {
    this.#rebuilt = rebuilt;
    this.#self = self;
    this.#feeds = feeds;
    this.#clock = clock;
    this.#docs = this.#create();
    this.#own();
  }

  get chat(): Y.Array<string> {
    return this.#docs.chat.getArray("chat");
  }

  get notes(): Y.Text {
    return this.#docs.notes.getText("notes");
  }

  get files(): Y.Array<string> {
    return this.#docs.files.getArray("files");
  }

  /** One edit of this device's own; it goes out within {@link GATHERING}. Make sure that there is room for it. */
  edit(document: DocumentName, change: () => void): void {
    if (this.#pending !== null && this.#pending.document !== document) this.flush();
    this.#docs[document].transact(change, OWN);
    if (this.#pending === null) return;
    const { bytes, updates } = this.#pending;
    if (bytes >= FULL || updates.length >= MAX_ITEMS) this.flush();
    else this.#timer ??= this.#clock.after(GATHERING, () => this.flush());
  }

  /** Hands out what was gathered. */
  flush(): void {
    this.#timer?.();
    this.#timer = null;
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    const update = toBase64url(Y.mergeUpdates(pending.updates));
    if (this.#feeds.write([pending.document, update, this.#sawSince()])) {
      this.#applied.set(this.#self, this.#appliedOf(this.#self) + 1);
    } else {
      // Nobody else will have it, so it must not be here either.
      this.rewrite();
    }
  }

  /** Applies what can be. True if something was. */
  advance(): boolean {
    if (this.#stale !== null) return false;
    let moved = false;
    for (let more = true; more;) {
      more = false;
      for (const author of this.#feeds.authors) while (this.#applyNext(author)) more = true;
      moved ||= more;
    }
    return moved;
  }

  /** Makes the documents anew, from what counts now: at once, or after a rest. */
  rewrite(): void {
    if (this.#stale !== null) return;
    const wait = this.#restedAt - this.#clock.now();
    if (wait <= 0) this.#rebuild();
    else this.#stale = this.#clock.after(wait, () => this.#rebuild());
  }

  close(): void {
    this.#timer?.();
    this.#timer = null;
    this.#stale?.();
    for (const doc of Object.values(this.#docs)) doc.destroy();
  }

  #rebuild(): void {
    this.flush();
    this.#stale?.();
    this.#stale = null;
    this.#restedAt = this.#clock.now() + REST;
    for (const doc of Object.values(this.#docs)) doc.destroy();
    this.#applied = new Map();
    this.#seen = new Map();
    this.#docs = this.#create();
    this.advance();
    this.#own();
    this.#rebuilt();
  }

  #create(): Docs {
    const create = (document: DocumentName): Y.Doc => {
      const doc = new Y.Doc();
      sequenceOf(doc, document);
      doc.on("update", (update: Uint8Array, origin: unknown) => {
        if (origin !== OWN) return;
        this.#pending ??= { document, updates: [], bytes: 0 };
        this.#pending.updates.push(update);
        this.#pending.bytes += update.length;
      });
      return doc;
    };
    return { chat: create("chat"), notes: create("notes"), files: create("files") };
  }

  /** Not before own entries are applied: Yjs takes them for those of somebody who goes by the same client. */
  #own(): void {
    for (const doc of Object.values(this.#docs)) doc.clientID = clientOf(this.#self);
  }

  #appliedOf(author: ParticipantId): number {
    return this.#applied.get(author) ?? 0;
  }

  #applyNext(author: ParticipantId): boolean {
    const number = this.#appliedOf(author) + 1;
    if (number > this.#feeds.counted(author)) return false;
    const stored = this.#feeds.entry(author, number);
    if (stored === null) return false;
    const [document, update, saw] = stored.entry;
    if (saw.some(([other, entry]) => this.#appliedOf(other) < Math.min(entry, this.#feeds.final(other))))
      return false;
    // Own edits so far were made without knowing this.
    const docs = this.#docs;
    this.flush();
    if (docs !== this.#docs) return false;
    const seen = this.#seen.get(author) ?? new Map<ParticipantId, number>();
    this.#seen.set(author, seen);
    this.#include(seen, author, saw);
    const past: Past = (client) => {
      const other = this.#feeds.authorOf(client);
      if (other === null) return 0;
      if (other === author) return Number.POSITIVE_INFINITY;
      const entry = Math.min(seen.get(other) ?? 0, this.#feeds.final(other));
      return this.#feeds.clocksAt(other, entry)?.[document] ?? 0;
    };
    const bytes = fromBase64url(update);
    if (bytes !== null) apply(this.#docs[document], document, bytes, past);
    this.#applied.set(author, number);
    return true;
  }

  /** Adds what somebody saw, and what its authors must have seen for it, whether that was said or not. */
  #include(seen: Map<ParticipantId, number>, by: ParticipantId, saw: Seen): void {
    const more = [...saw];
    for (let next = more.pop(); next !== undefined; next = more.pop()) {
      const [author, entry] = next;
      const before = seen.get(author) ?? 0;
      if (author === by || entry <= before) continue;
      seen.set(author, entry);
      const end = Math.min(entry, this.#feeds.final(author));
      for (let number = before + 1; number <= end; number += 1)
        more.push(...(this.#feeds.entry(author, number)?.entry[2] ?? []));
    }
  }

  /** What this device has seen since its entry before. */
  #sawSince(): Seen {
    const seen = this.#seen.get(this.#self) ?? new Map<ParticipantId, number>();
    this.#seen.set(this.#self, seen);
    const news = [...this.#applied].filter(
      ([author, entry]) => author !== this.#self && entry > (seen.get(author) ?? 0),
    );
    for (const [author, entry] of news) seen.set(author, entry);
    return news;
  }
}
