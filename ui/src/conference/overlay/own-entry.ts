import type { Cancel, Clock, ParticipantId } from "../types";
import { MAX_LINKS, nextHand, type Entry, type SeqEntry } from "./entry";

/** What a device says of itself. */
export type OwnEntry = Omit<Entry, "hand" | "links"> & {
  /** Whether the hand is raised. */
  readonly hand: boolean;
};

/** Changes of links wait so long for others, in milliseconds. */
export const GATHER_LINKS = 50;
/** An entry that nothing changes is signed anew after so long, in milliseconds. */
export const RENEW = 15_000;

export interface OwnEntryPorts {
  readonly clock: Clock;
  /** Signs the entry and spreads it. */
  publish(entry: SeqEntry): Promise<void>;
  links(): readonly ParticipantId[];
  /** The numbers of the raised hands. */
  hands(): Iterable<number>;
  readonly fault: (error: unknown) => void;
}

/** One's own entry of the roster: signs and spreads a new one after changes, and from time to time. */
export class OwnEntryWriter {
  readonly #ports: OwnEntryPorts;
  #own: OwnEntry;
  #hand: number | null = null;
  #seq = 0;
  #published: readonly ParticipantId[] = [];
  #due: { readonly at: number; readonly cancel: Cancel } | null = null;
  /** Something changed that no entry says yet. */
  #isStale = false;
  #isWriting = false;
  #isOver = false;

  constructor(ports: OwnEntryPorts, own: OwnEntry) {
    this.#ports = ports;
    this.#own = own;
    if (own.hand) this.#raise();
    this.#writeWithin(0);
  }

  tell(own: Partial<OwnEntry>): void {
    const before = this.#own;
    this.#own = { ...before, ...own };
    if (this.#own.hand !== before.hand) {
      if (this.#own.hand) this.#raise();
      else this.#hand = null;
    }
    const isChanged = Object.entries(own).some(([field, value]) => before[field as keyof OwnEntry] !== value);
    if (isChanged) this.#writeWithin(0);
  }

  /** A link came up or broke. The first one is told at once: it is how one comes to be seen. */
  linksChanged(): void {
    const links = this.#ports.links();
    const isSame =
      links.length === this.#published.length && links.every((id) => this.#published.includes(id));
    if (!isSame) this.#writeWithin(this.#published.length === 0 ? 0 : GATHER_LINKS);
  }

  close(): void {
    this.#isOver = true;
    this.#due?.cancel();
  }

  #raise(): void {
    this.#hand = nextHand(this.#ports.hands());
  }

  #writeWithin(ms: number): void {
    const { clock } = this.#ports;
    const at = clock.now() + ms;
    if (this.#isOver || (this.#due !== null && this.#due.at <= at)) return;
    this.#due?.cancel();
    const write = (): void => {
      this.#due = null;
      this.#isStale = true;
      if (!this.#isWriting) this.#write().catch(this.#ports.fault);
    };
    this.#due = { at, cancel: clock.after(ms, write) };
  }

  /** One after the other: what changes while an entry is being signed goes into the next. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (this.#isStale && !this.#isOver) {
        this.#isStale = false;
        await this.#writeOnce();
      }
    } finally {
      this.#isWriting = false;
    }
  }

  async #writeOnce(): Promise<void> {
    this.#seq += 1;
    const links = this.#ports.links().slice(0, MAX_LINKS);
    this.#published = links;
    this.#writeWithin(RENEW);
    await this.#ports.publish({ ...this.#own, t: "entry", seq: this.#seq, hand: this.#hand, links });
  }
}
