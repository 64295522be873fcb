import type { Cancel, ParticipantId } from "../types";

/** One line of the chat. Immutable. */
export interface ChatLine {
  /** The same on every device. */
  readonly id: string;
  /** Proven: it comes out of this participant's own signed feed. */
  readonly author: ParticipantId;
  /** The author's name when it wrote; shown for people who left. */
  readonly name: string;
  readonly text: string;
  /** The author's clock, ms since 1970; lines stand in the order of the document, not of this. */
  readonly at: number;
  /** Null: for everybody. Else a private line: to whom, if it is ours, or that it came to us. */
  readonly privateWith: ParticipantId | null;
}

/** How a file is here. */
export type FileState =
  | { readonly type: "offered" }
  | { readonly type: "fetching"; readonly bytes: number }
  /** Nobody present has it; goes on by itself when somebody comes back who does. */
  | { readonly type: "waiting"; readonly bytes: number }
  | { readonly type: "here" }
  /** What came does not match the checksum, or does not fit into memory. */
  | { readonly type: "failed"; readonly reason: "corrupt" | "too_large" | "storage" };

/** One file that somebody shared. Immutable. */
export interface SharedFile {
  readonly id: string;
  readonly owner: ParticipantId;
  readonly ownerName: string;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** For example `image/png`; may be empty. Never trusted to open anything. */
  readonly mime: string;
  readonly at: number;
  /** How many participants present have the whole of it, oneself included. */
  readonly holders: number;
  readonly state: FileState;
}

/** Chat, notes and files of a conference, replicated between its participants. */
export interface Documents {
  readonly chat: readonly ChatLine[];
  readonly notes: string;
  readonly files: readonly SharedFile[];
  /** @throws DocumentError `too_long`, or `gone` if the one it is for is not there. */
  say(text: string, to?: ParticipantId): void;
  /** Replaces `length` characters (UTF-16 units) of the notes at `at`. */
  editNotes(at: number, length: number, text: string): void;
  /** Resolves once it is listed. Rejects with a DocumentError `too_large` or `unreadable`. */
  share(file: Blob & { readonly name: string }): Promise<void>;
  /** Starts fetching, or goes on. */
  fetch(file: string): void;
  cancel(file: string): void;
  /** The whole file; null unless it is here. */
  read(file: string): Promise<Blob | null>;
  /** After any change of the above. */
  subscribe(listener: () => void): Cancel;
}

/** Something the user asked of a document was not done. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  constructor(readonly code: "too_long" | "gone" | "too_large" | "unreadable") {
    super(code);
  }
}
