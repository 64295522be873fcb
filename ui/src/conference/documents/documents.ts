import { Transfers, type Content, type FileId, type FileStore } from "../files";
import type { Replica } from "../overlay/replica";
import type { Cancel, Clock, ParticipantId } from "../types";
import { Chat, listed, type PrivateLine } from "./chat";
import { MAX_UPDATE, cost } from "./entry";
import { Feeds, type FeedPorts } from "./feeds";
import { readList, writeHolding, writeListing, type List } from "./listing";
import { SharedDocuments } from "./shared";
import { wellFormed } from "../plain";
import { cutsPair, pieces } from "./text";
import { MAX_FILE, MAX_LINE } from "../../limits";
import { DocumentError, type ChatLine, type Documents, type SharedFile } from "./types";

export interface DocumentPorts extends Omit<FeedPorts, "grown" | "rewritten"> {
  readonly self: ParticipantId;
  readonly clock: Clock;
  /** What the wall clock shows, in ms since 1970. */
  date(): number;
  /** What a participant calls itself; empty if unknown. */
  nameOf(participant: ParticipantId): string;
  /** Sends to one participant and to nobody else. False if there is no way to it. */
  sendPrivate(to: ParticipantId, line: PrivateLine): boolean;
  isPresent(participant: ParticipantId): boolean;
  readonly store: FileStore;
}

/** Chat, notes and files of one conference, on one device. */
export class ConferenceDocuments implements Documents {
  /** Hand it the channels for files: `bindChannel` in `files/`. */
  readonly transfers: Transfers;
  readonly #ports: DocumentPorts;
  readonly #feeds: Feeds;
  readonly #shared: SharedDocuments;
  readonly #chat: Chat;
  #notes: string | null = null;
  /** How many lines of the document the chat shows; lines never go away but when documents are made anew. */
  #shown = 0;
  #list: List = { listings: [], holders: new Map() };
  /** How many entries of the document that is made of. */
  #listed = 0;
  #files: readonly SharedFile[] | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(ports: DocumentPorts) {
    this.#ports = ports;
    this.#chat = new Chat(ports.self);
    this.#feeds = new Feeds(ports.self, {
      sign: (text) => ports.sign(text),
      verify: (key, text, signature) => ports.verify(key, text, signature),
      publicKeyOf: (participant) => ports.publicKeyOf(participant),
      lastOf: (participant) => ports.lastOf(participant),
      flood: (item) => ports.flood(item),
      recounted: () => ports.recounted(),
      fault: ports.fault,
      grown: () => {
        if (this.#shared.advance()) this.#changed();
      },
      rewritten: () => this.#shared.rewrite(),
    });
    this.#shared = new SharedDocuments(ports.self, this.#feeds, ports.clock, () => {
      this.#chat.forget();
      this.#shown = -1;
      this.#listed = -1;
      this.#changed();
    });
    this.transfers = new Transfers({
      clock: ports.clock,
      store: ports.store,
      fault: ports.fault,
      holders: (file) =>
        [...(this.#freshList().holders.get(file) ?? [])].filter((holder) => holder !== ports.self),
      completed: (file) => this.#hold(file),
      changed: () => this.#tell(),
    });
  }

  /** What the overlay replicates. */
  get replica(): Replica {
    return this.#feeds;
  }

  get chat(): readonly ChatLine[] {
    return this.#freshChat().lines;
  }

  get notes(): string {
    return (this.#notes ??= this.#shared.notes.toJSON());
  }

  get files(): readonly SharedFile[] {
    return (this.#files ??= this.#freshList().listings.map(({ content, ...listing }) => {
      const state = this.transfers.state(content);
      const holders = new Set(this.#list.holders.get(content.id));
      holders.delete(this.#ports.self);
      const others = [...holders].filter((participant) => this.#ports.isPresent(participant)).length;
      return { ...listing, size: content.size, state, holders: others + (state.type === "here" ? 1 : 0) };
    }));
  }

  say(text: string, to?: ParticipantId): void {
    if (text.length > MAX_LINE) throw new DocumentError("too_long");
    if (text === "") return;
    const said = { text, name: this.#ports.nameOf(this.#ports.self), at: this.#ports.date() };
    if (to === undefined) {
      const line = this.#chat.write(said);
      this.#reserve(line.length);
      this.#shared.edit("chat", () => this.#shared.chat.push([line]));
      this.#changed();
    } else {
      const line = this.#chat.compose(said);
      if (!this.#ports.sendPrivate(to, line)) throw new DocumentError("gone");
      this.#freshChat().sent(to, line);
      this.#tell();
    }
  }

  /** A private line that the overlay brought, proven to be from this participant; of any shape. */
  takePrivate(from: ParticipantId, body: unknown): void {
    if (this.#freshChat().came(from, body)) this.#tell();
  }

  editNotes(at: number, length: number, text: string): void {
    const before = this.notes;
    let start = clamp(at, 0, before.length);
    let end = clamp(at + length, start, before.length);
    let put = text;
    // Whoever compares texts by UTF-16 units may find that only half of a pair changed.
    if (cutsPair(before, start)) {
      start -= 1;
      put = before.charAt(start) + put;
    }
    if (cutsPair(before, end)) {
      put += before.charAt(end);
      end += 1;
    }
    put = wellFormed(put);
    if (put === before.slice(start, end)) return;
    this.#reserve(put.length + (end - start));
    while (end > start) {
      const from = Math.max(start, end - PORTION);
      this.#shared.edit("notes", () => this.#shared.notes.delete(from, end - from));
      end = from;
    }
    for (const piece of pieces(put, PORTION)) {
      this.#shared.edit("notes", () => this.#shared.notes.insert(start, piece));
      start += piece.length;
    }
    this.#changed();
  }

  async share(file: Blob & { readonly name: string }): Promise<void> {
    if (file.size > MAX_FILE) throw new DocumentError("too_large");
    const content = await this.transfers.add(file).catch(() => {
      throw new DocumentError("unreadable");
    });
    const by = this.#ports.nameOf(this.#ports.self);
    const at = this.#ports.date();
    const listing = writeListing({ content, name: file.name, mime: file.type, at, by });
    this.#reserve(listing.length);
    this.#push(listing);
  }

  fetch(file: string): void {
    const content = this.#contentOf(file);
    if (content !== null) this.transfers.fetch(content);
  }

  cancel(file: string): void {
    const content = this.#contentOf(file);
    if (content !== null) this.transfers.cancel(content);
  }

  async read(file: string): Promise<Blob | null> {
    const content = this.#contentOf(file);
    return content && this.transfers.read(content);
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Sends at once what is still gathered; before this device leaves. */
  flush(): void {
    this.#shared.flush();
  }

  /** Who is present, who was let in, or what counts of whom may have changed. */
  participantsChanged(): void {
    this.#feeds.recount();
    this.#tell();
  }

  /** Stops all transfers and forgets the files. */
  close(): void {
    this.transfers.close();
    this.#shared.close();
    this.#listeners.clear();
  }

  /** @throws DocumentError `too_long` if this device wrote so much that such an edit may not fit. */
  #reserve(characters: number): void {
    if (!this.#hasRoom(characters)) throw new DocumentError("too_long");
  }

  #hasRoom(characters: number): boolean {
    const entries = Math.ceil(characters / PORTION) + 1;
    const most = entries * cost(["notes", "", []]) + characters * BYTES_PER_CHARACTER + MAX_UPDATE;
    return this.#feeds.hasRoom(most);
  }

  #freshChat(): Chat {
    const { chat } = this.#shared;
    if (chat.length !== this.#shown) {
      this.#shown = chat.length;
      this.#chat.update(listed(chat, (client) => this.#feeds.authorOf(client)));
    }
    return this.#chat;
  }

  #freshList(): List {
    const { files } = this.#shared;
    if (files.length !== this.#listed) {
      this.#listed = files.length;
      this.#list = readList(listed(files, (client) => this.#feeds.authorOf(client)));
    }
    return this.#list;
  }

  #contentOf(file: string): Content | null {
    return this.#freshList().listings.find(({ id }) => id === file)?.content ?? null;
  }

  #push(entry: string): void {
    this.#shared.edit("files", () => this.#shared.files.push([entry]));
    this.#changed();
  }

  /** The whole of a file is here: from now on others can have it from here, if there is room to say so. */
  #hold(file: FileId): void {
    const isSaid = this.#freshList().holders.get(file)?.has(this.#ports.self) === true;
    const entry = writeHolding(file);
    if (!isSaid && this.#hasRoom(entry.length)) this.#push(entry);
  }

  #changed(): void {
    this.#notes = null;
    this.transfers.go();
    this.#tell();
  }

  #tell(): void {
    this.#files = null;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** How many characters of notes go into one update at most; deletions of so many may touch as many items. */
const PORTION = 2000;
/** The most that one may take in a feed: a deletion of its own, in base64. */
const BYTES_PER_CHARACTER = 28;

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(Number.isFinite(value) ? Math.trunc(value) : least, least), most);
}
