import * as Y from "yjs";
import type { ParticipantId } from "../types";
import { isCount, isObject } from "./entry";
import { wellFormed } from "../plain";
import { short } from "./text";
import { MAX_LINE } from "../../limits";
import type { ChatLine } from "./types";

/** The longest name that is kept with a line, in characters. */
const MAX_NAME = 100;
/** The most private lines that are kept of each participant they are with; the oldest go first. */
const MAX_PRIVATE = 1000;
/** The last moment that a `Date` can be, in ms since 1970. */
const END_OF_TIME = 8.64e15;

/** What is replicated of a chat line, or sent as a private one. */
interface Said {
  readonly text: string;
  readonly name: string;
  readonly at: number;
}

/** A private line on its way to the one it is for. */
export interface PrivateLine extends Said {
  /** Tells it from the other private lines of its author. */
  readonly line: number;
}

/** An entry of a shared list, whose author is proven. */
export interface Listed {
  /** The same on every device. */
  readonly id: string;
  readonly author: ParticipantId;
  readonly value: string;
}

/** The entries of a shared list in its order. */
export function* listed(
  list: Y.Array<string>,
  authorOf: (client: number) => ParticipantId | null,
): Iterable<Listed> {
  for (let item = list._start; item !== null; item = item.right) {
    const { id, content } = item;
    const author = authorOf(id.client);
    if (author === null || item.deleted || !(content instanceof Y.ContentAny)) continue;
    for (const [index, value] of content.arr.entries())
      if (typeof value === "string") yield { id: `${author}-${id.clock + index}`, author, value };
  }
}

/** The chat as it is shown: the lines of the document, and private ones between them, in order of arrival. */
export class Chat {
  readonly #self: ParticipantId;
  /** Null: not a line. */
  readonly #read = new Map<string, ChatLine | null>();
  #private: { readonly line: ChatLine; readonly after: string | null; readonly partner: ParticipantId }[] =
    [];
  #sent = 0;
  #lines: readonly ChatLine[] = [];
  #last: string | null = null;

  constructor(self: ParticipantId) {
    this.#self = self;
  }

  get lines(): readonly ChatLine[] {
    return this.#lines;
  }

  /** What is put into the document. */
  write(said: Said): string {
    const { text, name, at } = said;
    return JSON.stringify({ text: wellFormed(text), name: short(name, MAX_NAME), at });
  }

  /** The document changed. */
  update(document: Iterable<Listed>): void {
    const lines = [...document].map((entry) => this.#line(entry)).filter((line) => line !== null);
    this.#last = lines.at(-1)?.id ?? null;
    this.#lines = this.#merge(lines);
  }

  /** The document was made anew: what was read of it holds no more. */
  forget(): void {
    this.#read.clear();
  }

  /** A private line to be sent. */
  compose(said: Said): PrivateLine {
    this.#sent += 1;
    return { ...said, text: wellFormed(said.text), name: short(said.name, MAX_NAME), line: this.#sent };
  }

  /** A private line was sent. */
  sent(to: ParticipantId, { line, ...said }: PrivateLine): void {
    this.#addPrivate(to, {
      id: `${this.#self}-private-${line}`,
      author: this.#self,
      ...said,
      privateWith: to,
    });
  }

  /** A private line came, in whatever shape. False if it is none, or known. */
  came(from: ParticipantId, body: unknown): boolean {
    const said = readSaid(body);
    const number = isObject(body) ? body["line"] : null;
    if (said === null || !isCount(number)) return false;
    const id = `${from}-private-${number}`;
    if (this.#private.some(({ line }) => line.id === id)) return false;
    this.#addPrivate(from, { id, author: from, ...said, privateWith: this.#self });
    return true;
  }

  #addPrivate(partner: ParticipantId, line: ChatLine): void {
    const withPartner = this.#private.filter((one) => one.partner === partner);
    const oldest = withPartner.length >= MAX_PRIVATE ? withPartner[0] : null;
    this.#private = [...this.#private.filter((one) => one !== oldest), { line, after: this.#last, partner }];
    this.#lines = this.#merge(this.#lines.filter(({ privateWith }) => privateWith === null));
  }

  #merge(lines: readonly ChatLine[]): readonly ChatLine[] {
    if (this.#private.length === 0) return lines;
    const ids = new Set(lines.map(({ id }) => id));
    const after = new Map<string | null, ChatLine[]>();
    for (const one of this.#private) {
      // A line that counts no more leaves the private ones behind it at the end.
      const place = one.after === null || ids.has(one.after) ? one.after : (lines.at(-1)?.id ?? null);
      after.set(place, [...(after.get(place) ?? []), one.line]);
    }
    return [...(after.get(null) ?? []), ...lines.flatMap((line) => [line, ...(after.get(line.id) ?? [])])];
  }

  #line({ id, author, value }: Listed): ChatLine | null {
    const known = this.#read.get(id);
    if (known !== undefined) return known;
    const said = readSaid(parse(value));
    const line = said === null ? null : { id, author, ...said, privateWith: null };
    this.#read.set(id, line);
    return line;
  }
}

/** Null if it is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

export function isMoment(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= END_OF_TIME;
}

function readSaid(body: unknown): Said | null {
  if (!isObject(body)) return null;
  const { text, name, at } = body;
  if (typeof text !== "string" || text === "" || text.length > MAX_LINE) return null;
  if (typeof name !== "string" || !isMoment(at)) return null;
  return { text: wellFormed(text), name: short(name, MAX_NAME), at };
}
