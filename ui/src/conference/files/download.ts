import type { Cancel, Clock, ParticipantId } from "../types";
import type { FileState } from "../documents/types";
import type { Answer, FileLink } from "./link";
import { HASH, countOf, idOf, isPiece, lengthOf, type Content } from "./pieces";
import type { FileStore } from "./store";
import { LIST } from "./wire";

export interface DownloadPorts {
  readonly clock: Clock;
  readonly store: FileStore;
  /** Who else says to have the file, within reach or not. */
  holders(): ReadonlySet<ParticipantId>;
  /** The open link to somebody. */
  linkTo(participant: ParticipantId): FileLink | null;
  /** The state changed. */
  changed(): void;
  readonly fault: (error: unknown) => void;
}

/** The most pieces that are asked of one link for one file at once. */
const PER_LINK = 2;
/** For how long somebody who did not answer is asked for nothing, in ms. */
const PAUSE = 10_000;

/**
 * Fetches one content piece by piece, from everybody at once who has it. What does not match is thrown away and its
 * sender never asked again; whoever fails otherwise gets a rest. What was fetched stays when links break.
 */
export class Download {
  readonly #content: Content;
  readonly #key: string;
  readonly #ports: DownloadPorts;
  readonly #count: number;
  /** Of all pieces, one after the other; they match the id. */
  #hashes: Uint8Array<ArrayBuffer> | null = null;
  readonly #here = new Set<number>();
  #bytes = 0;
  /** Pieces that were asked for, {@link LIST} too; also while they are checked and stored. */
  readonly #asked = new Map<number, { readonly link: FileLink; readonly cancel: Cancel }>();
  readonly #liars = new Set<ParticipantId>();
  readonly #resting = new Map<ParticipantId, number>();
  #timer: Cancel = () => {};
  #end: FileState | null = null;
  #cancelled = false;

  constructor(content: Content, key: string, ports: DownloadPorts) {
    this.#content = content;
    this.#key = key;
    this.#ports = ports;
    this.#count = countOf(content);
  }

  get state(): FileState {
    if (this.#end !== null) return this.#end;
    return { type: this.#asked.size > 0 ? "fetching" : "waiting", bytes: this.#bytes };
  }

  /** The hashes of the pieces; null until they are known. */
  get hashes(): Uint8Array<ArrayBuffer> | null {
    return this.#hashes;
  }

  /** Asks for what can be asked for; call when links or holders changed. */
  go(): void {
    if (this.#isOver) return;
    if (this.#count === 0 && this.#asked.size === 0) {
      this.#check(LIST, null, new Uint8Array());
      return;
    }
    const holders = [...this.#ports.holders()];
    const believed = holders.filter((participant) => !this.#liars.has(participant));
    // Somebody who is out of reach may come back, so what is here is not thrown away before everybody has lied.
    if (holders.length > 0 && believed.length === 0 && this.#asked.size === 0) {
      this.#finish({ type: "failed", reason: "corrupt" });
      return;
    }
    const now = this.#ports.clock.now();
    for (const [participant, until] of this.#resting) if (until <= now) this.#resting.delete(participant);
    const ready = believed
      .filter((participant) => !this.#resting.has(participant))
      .map((participant) => this.#ports.linkTo(participant))
      .filter((link) => link !== null);
    if (this.#hashes === null) {
      const link = ready.find(({ isFree }) => isFree);
      if (link !== undefined && this.#asked.size === 0) this.#ask(link, LIST, this.#count * HASH);
    } else this.#askForPieces(ready);
    this.#timer();
    const next = Math.min(...this.#resting.values());
    if (Number.isFinite(next)) this.#timer = this.#ports.clock.after(next - now, () => this.#moved());
  }

  cancel(): void {
    this.#cancelled = true;
    this.#stop();
  }

  get #isOver(): boolean {
    return this.#cancelled || this.#end !== null;
  }

  #askForPieces(links: readonly FileLink[]): void {
    let piece = 0;
    // One after the other to each in turn, so that all of them are busy.
    for (let round = 0; round < PER_LINK; round += 1) {
      for (const link of links) {
        while (piece < this.#count && (this.#here.has(piece) || this.#asked.has(piece))) piece += 1;
        if (piece === this.#count) return;
        const load = [...this.#asked.values()].filter((asked) => asked.link === link).length;
        if (load < PER_LINK && link.isFree) this.#ask(link, piece, lengthOf(this.#content, piece));
      }
    }
  }

  #ask(link: FileLink, piece: number, length: number): void {
    const cancel = link.request(this.#content.id, piece, length, (answer) => {
      this.#answered(link, piece, answer);
    });
    this.#asked.set(piece, { link, cancel });
  }

  #answered(link: FileLink, piece: number, answer: Answer): void {
    switch (answer.type) {
      case "bytes":
        this.#check(piece, link.participant, answer.bytes);
        return;
      case "wrong":
        this.#liars.add(link.participant);
        break;
      case "refused":
      case "late":
        this.#resting.set(link.participant, this.#ports.clock.now() + PAUSE);
        break;
      case "cut":
        break;
    }
    this.#asked.delete(piece);
    this.#moved();
  }

  /** `from` is null for the hashes of an empty file, which nobody needs to send. */
  #check(piece: number, from: ParticipantId | null, bytes: Uint8Array<ArrayBuffer>): void {
    const checked = piece === LIST ? this.#takeList(bytes) : this.#takePiece(piece, bytes);
    checked
      .then((isGood) => {
        this.#asked.delete(piece);
        if (this.#isOver) return;
        if (!isGood && from !== null) this.#liars.add(from);
        if (!isGood && from === null) this.#finish({ type: "failed", reason: "corrupt" });
        else if (this.#hashes !== null && this.#here.size === this.#count) this.#finish({ type: "here" });
        else this.#moved();
      })
      .catch(this.#ports.fault);
  }

  async #takeList(hashes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if ((await idOf(hashes)) !== this.#content.id) return false;
    this.#hashes = hashes;
    return true;
  }

  async #takePiece(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (this.#hashes === null || !(await isPiece(bytes, this.#hashes, piece))) return false;
    try {
      if (!this.#isOver) await this.#ports.store.put(this.#key, piece, bytes);
    } catch {
      if (!this.#isOver) this.#finish({ type: "failed", reason: "storage" });
      return true;
    }
    this.#here.add(piece);
    this.#bytes += bytes.length;
    return true;
  }

  #finish(end: FileState): void {
    this.#end = end;
    this.#stop();
    this.#ports.changed();
  }

  #moved(): void {
    this.go();
    if (!this.#isOver) this.#ports.changed();
  }

  #stop(): void {
    this.#timer();
    for (const { cancel } of this.#asked.values()) cancel();
    this.#asked.clear();
    if (this.#end?.type !== "here") this.#ports.store.drop(this.#key);
  }
}
