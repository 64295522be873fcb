import type { Clock, ConferenceId, ParticipantId } from "../types";
import { Bucket } from "./bucket";
import { looksSame, readEntry, type SeqEntry } from "./entry";
import { fieldsOf } from "./fields";
import type { Verifier } from "./keys";
import type { Replica, Taken } from "./replica";
import { Claim, Signed, type SignedWire } from "./signed";

/** How many entries of one participant are taken: a burst, and after it so many a second. */
export const ENTRIES = { burst: 30, perSecond: 5 } as const;

interface Held {
  readonly signed: Signed;
  readonly entry: SeqEntry;
  /** When it came. */
  readonly at: number;
}

export interface RosterPorts {
  readonly clock: Clock;
  readonly verifier: Verifier;
  /** Whose entries are kept. */
  accepts(id: ParticipantId): boolean;
  /** An entry was replaced; `shown`: by one that looks different. */
  changed(what: { readonly shown: boolean; readonly links: boolean }): void;
}

/** The newest entry of each participant, written by itself. */
export class Roster implements Replica {
  readonly name = "roster";
  readonly #conference: ConferenceId;
  readonly #ports: RosterPorts;
  readonly #entries = new Map<ParticipantId, Held>();
  /** Items that show nothing new and bring nobody into reach. */
  readonly #quiet = new WeakSet<object>();
  readonly #buckets = new Map<ParticipantId, Bucket>();

  constructor(conference: ConferenceId, ports: RosterPorts) {
    this.#conference = conference;
    this.#ports = ports;
  }

  get(id: ParticipantId): SeqEntry | null {
    return this.#entries.get(id)?.entry ?? null;
  }

  /** The entries of these, as they travel. */
  of(ids: ReadonlySet<ParticipantId>): SignedWire[] {
    return [...ids].flatMap((id) => this.#entries.get(id)?.signed.wire ?? []);
  }

  /** The entries that are not older than so many milliseconds, and until when they are not. */
  *fresh(ms: number): Iterable<readonly [ParticipantId, SeqEntry, number]> {
    const now = this.#ports.clock.now();
    for (const [id, { entry, at }] of this.#entries) if (now < at + ms) yield [id, entry, at + ms];
  }

  /** The numbers of the raised hands. */
  get hands(): number[] {
    return [...this.#entries.values()].flatMap(({ entry }) => entry.hand ?? []);
  }

  /** Takes one's own entry. */
  put(signed: Signed, entry: SeqEntry): void {
    this.#hold(signed, entry, signed.wire);
  }

  mayWait(item: object): boolean {
    return this.#quiet.has(item);
  }

  /** Forgets those whose entries are not kept any more. */
  prune(): void {
    for (const id of this.#entries.keys()) {
      if (this.#ports.accepts(id)) continue;
      this.#entries.delete(id);
      this.#buckets.delete(id);
    }
  }

  async take(item: unknown): Promise<Taken> {
    const claim = Claim.read(item);
    if (claim === null) return "bad";
    // Those of somebody not yet known come again, by digest.
    if (!this.#ports.accepts(claim.by)) return "known";
    const entry = readEntry(claim.fields);
    if (entry === null) return "bad";
    if (!this.#wins(claim, entry)) return "known";
    const bucket = this.#bucket(claim.by);
    if (bucket.isEmpty) return "known";
    const signed = await Signed.check(this.#ports.verifier, this.#conference, claim);
    if (signed === null) return "bad";
    if (!this.#ports.accepts(claim.by) || !this.#wins(claim, entry) || !bucket.take()) return "known";
    this.#hold(signed, entry, item as object);
    return "new";
  }

  digest(): object {
    return Object.fromEntries(Array.from(this.#entries, ([id, held]) => [id, stamp(held)]));
  }

  *missing(theirs: unknown): Iterable<SignedWire> {
    const stamps = fieldsOf(theirs) ?? {};
    for (const [id, held] of this.#entries) {
      const known = readStamp(Object.hasOwn(stamps, id) ? stamps[id] : null);
      if (known === null || isBetter(held.entry.seq, held.signed.mark, known)) yield held.signed.wire;
    }
  }

  #wins(claim: Claim, entry: SeqEntry): boolean {
    const held = this.#entries.get(claim.by);
    if (held === undefined || entry.seq !== held.entry.seq) return entry.seq > (held?.entry.seq ?? -1);
    return claim.hash < held.signed.hash;
  }

  #bucket(id: ParticipantId): Bucket {
    const known = this.#buckets.get(id);
    if (known !== undefined) return known;
    const bucket = new Bucket(this.#ports.clock, ENTRIES);
    this.#buckets.set(id, bucket);
    return bucket;
  }

  #hold(signed: Signed, entry: SeqEntry, item: object): void {
    const before = this.#entries.get(signed.by)?.entry;
    const shown = before === undefined || !looksSame(before, entry);
    const links = before === undefined || before.links.join() !== entry.links.join();
    const added = entry.links.filter((id) => before?.links.includes(id) !== true);
    if (!shown && added.every((id) => this.#isListed(id))) this.#quiet.add(item);
    this.#entries.set(signed.by, { signed, entry, at: this.#ports.clock.now() });
    this.#ports.changed({ shown, links });
  }

  #isListed(id: ParticipantId): boolean {
    for (const { entry } of this.#entries.values()) if (entry.links.includes(id)) return true;
    return false;
  }
}

type Stamp = readonly [seq: number, hash: string];

function stamp({ signed, entry }: Held): string {
  return `${String(entry.seq)}.${signed.mark}`;
}

function readStamp(value: unknown): Stamp | null {
  const match = typeof value === "string" ? /^(\d{1,16})\.([0-9a-f]{16})$/.exec(value) : null;
  return match && [Number(match[1]), match[2] ?? ""];
}

/** Of two with one number the smaller hash counts. */
function isBetter(seq: number, hash: string, than: Stamp): boolean {
  return seq !== than[0] ? seq > than[0] : hash < than[1];
}
