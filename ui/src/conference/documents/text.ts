import { plain } from "../plain";
import type { ParticipantId } from "../types";
import type { ChatLine } from "./types";

/** One line of at most so many characters, fit to be shown. */
export function short(name: string, most: number): string {
  return Array.from(plain(name)).slice(0, most).join("");
}

/** Cut into pieces of about so many UTF-16 units; no surrogate pair is cut. */
export function* pieces(text: string, length: number): Iterable<string> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + length, text.length);
    if (cutsPair(text, end)) end += 1;
    yield text.slice(at, end);
    at = end;
  }
}

/** Whether a place in a text lies within a surrogate pair. */
export function cutsPair(text: string, at: number): boolean {
  return /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(text.slice(at - 1, at + 1)) && at > 0;
}

/** What a saved chat says of a line beside its text. */
export interface ChatWords {
  /** A moment in ms since 1970. */
  time(at: number): string;
  nameOf(participant: ParticipantId): string;
}

/** The chat as a file to keep: `time name: text`, a private line with `name → name`; further lines are indented. */
export function chatAsText(lines: readonly ChatLine[], words: ChatWords): string {
  return lines
    .map(({ at, name, privateWith, text }) => {
      const who = privateWith === null ? name : `${name} → ${words.nameOf(privateWith)}`;
      return `${words.time(at)} ${who}: ${text.replaceAll("\n", "\n    ")}\n`;
    })
    .join("");
}
