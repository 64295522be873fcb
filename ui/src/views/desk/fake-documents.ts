import {
  type Cancel,
  type ChatLine,
  DocumentError,
  type Documents,
  type FileState,
  type ParticipantId,
  type SharedFile,
} from "../../conference";
import { MAX_FILE, MAX_LINE } from "../../limits";
import { fakeId } from "./fake-people";

const MINUTE = 60_000;
/** How long the notes may become here. */
const MAX_NOTES = 10_000;

/** Documents of one device that nobody else has. */
export class FakeDocuments implements Documents {
  readonly #own: ParticipantId;
  readonly #isPresent: (id: ParticipantId) => boolean;
  readonly #listeners = new Set<() => void>();
  readonly #kept = new Map<string, Blob>();
  chat: readonly ChatLine[] = [];
  notes = "";
  files: readonly SharedFile[] = [];

  constructor(own: ParticipantId, isPresent: (id: ParticipantId) => boolean) {
    this.#own = own;
    this.#isPresent = isPresent;
  }

  /** As after half an hour of talk. */
  fill(now: number): void {
    const line = (
      author: number,
      ago: number,
      text: string,
      privateWith: string | null = null,
    ): ChatLine => ({
      id: `line-${ago}`,
      author: author < 0 ? this.#own : fakeId(author),
      name: ["Alice Martin", "Bob", "Carol Weiß", "Erik Sørensen"][author + 1] ?? "",
      text,
      at: now - ago * MINUTE,
      privateWith,
    });
    this.chat = [
      line(0, 31, "Can everybody hear me?"),
      line(1, 30, "Loud and clear"),
      line(1, 30.5, "The draft is at https://example.test/budget?year=2027, please read page 3."),
      line(-1, 22, "Thanks! Two questions:\n1. Who pays for the crane?\n2. When does it have to be there?"),
      line(2, 21, "Do you know whether Dora saw this?", this.#own),
      line(-1, 20, "Not yet, I will ask her.", fakeId(2)),
      line(0, 4, "javascript:alert(1) is no link, by the way."),
      line(0, 3.9, "Crane: the harbour office. Before Easter."),
    ];
    this.notes =
      "Harbour budget 2027\n\n– Crane: harbour office, before Easter\n– Lights on pier 4: Erik asks for offers\n– Next meeting: Thursday, 10:00";
    const file = (n: number, name: string, size: number, state: FileState, rest = {}): SharedFile => ({
      id: `file-${n}`,
      owner: fakeId(0),
      ownerName: "Bob",
      name,
      size,
      mime: "application/pdf",
      at: now - n * MINUTE,
      holders: 3,
      state,
      ...rest,
    });
    this.files = [
      file(1, "harbour-budget-2027.pdf", 1_840_000, { type: "offered" }),
      file(2, "pier-4-at-night.mp4", 412_000_000, { type: "fetching", bytes: 148_000_000 }),
      file(3, "minutes.txt", 812, { type: "here" }, { owner: this.#own, ownerName: "Alice Martin" }),
      file(4, "crane-offers.zip", 96_000_000, { type: "waiting", bytes: 20_000_000 }, { holders: 0 }),
      file(5, "map.png", 3_100_000, { type: "failed", reason: "corrupt" }),
      file(
        6,
        "old-plan-with-a-rather-long-name-that-does-not-fit.odt",
        51_000,
        { type: "offered" },
        {
          holders: 0,
          owner: fakeId(20),
          ownerName: "Zoe",
        },
      ),
    ];
    this.#kept.set("file-3", new Blob(["Minutes\n"]));
  }

  /** Somebody else writes. */
  hear(author: ParticipantId, name: string, text: string): void {
    this.#say({ author, name, text, privateWith: null });
  }

  say(text: string, to?: ParticipantId): void {
    if (text.length > MAX_LINE) throw new DocumentError("too_long");
    if (to !== undefined && !this.#isPresent(to)) throw new DocumentError("gone");
    this.#say({ author: this.#own, name: "Alice Martin", text, privateWith: to ?? null });
  }

  editNotes(at: number, length: number, text: string): void {
    if (this.notes.length + text.length > MAX_NOTES) throw new DocumentError("too_long");
    this.notes = this.notes.slice(0, at) + text + this.notes.slice(at + length);
    this.#changed();
  }

  share(file: Blob & { readonly name: string }): Promise<void> {
    if (file.size > MAX_FILE) return Promise.reject(new DocumentError("too_large"));
    const id = `own-${this.files.length}`;
    this.#kept.set(id, file);
    const { name, size, type: mime } = file;
    const shared: SharedFile = {
      ...{ id, owner: this.#own, ownerName: "Alice Martin", name, size, mime },
      ...{ at: Date.now(), holders: 1, state: { type: "here" } },
    };
    this.files = [...this.files, shared];
    this.#changed();
    return Promise.resolve();
  }

  fetch(id: string): void {
    this.#put(id, { type: "fetching", bytes: 0 });
  }

  cancel(id: string): void {
    this.#put(id, { type: "offered" });
  }

  read(id: string): Promise<Blob | null> {
    return Promise.resolve(this.#kept.get(id) ?? null);
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #say(line: Omit<ChatLine, "id" | "at">): void {
    this.chat = [...this.chat, { ...line, id: `said-${this.chat.length}`, at: Date.now() }];
    this.#changed();
  }

  #put(id: string, state: FileState): void {
    this.files = this.files.map((file) => (file.id === id ? { ...file, state } : file));
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
