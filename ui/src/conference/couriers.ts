import type { LinkId } from "../bindings/LinkId";
import { MAX_DESCRIPTION } from "./description";
import type { Link } from "./link";
import {
  Bucket,
  Claim,
  idOf,
  parseFields,
  Signed,
  textOf,
  type Fields,
  type Keys,
  type SignedWire,
  type Verifier,
} from "./overlay";
import type { Cancel, Clock, ConferenceId, ParticipantId } from "./types";

/** A newer offer takes the place of one that is younger than this only if both sides would take it, in milliseconds. */
const FRESH = 20_000;
/** How long an offer may wait for its answer, in milliseconds: mail can be slow. */
const UNANSWERED = 90_000;
/** How much of one participant is looked at: a burst, and after it so much a second. */
const LETTERS = { burst: 6, perSecond: 0.1 } as const;
/** How many links are remembered, so that no old letter begins one again. */
const MAX_KNOWN = 256;
/** How long a letter may be, in bytes. */
export const MAX_LETTER = 4096;
/** How much of the row that joins its writer to the founder a letter has at most. */
const MAX_ROW = 6;

export interface CourierPorts {
  readonly clock: Clock;
  readonly own: Keys;
  readonly verifier: Verifier;
  readonly conference: ConferenceId;
  randomId(): LinkId;
  /** Whether somebody is in the conference. */
  isIn(id: ParticipantId): boolean;
  /** Whether this device is, or was before a reload, in under an id. */
  isOwn(id: ParticipantId): boolean;
  /** What joins this device to the founder, the oldest statement first. */
  row(): readonly SignedWire[];
  /** Takes the end of somebody's. */
  takeRow(row: readonly unknown[]): Promise<void>;
  /** Whether there is an open link to somebody. */
  isLinked(id: ParticipantId): boolean;
  /** A link to somebody that answers this offer, or begins with one if it is null. */
  make(id: ParticipantId, key: LinkId, offer: string | null, options: { readonly thorough: boolean }): Link;
  /** Mails somebody a text. */
  post(to: ParticipantId, text: string): void;
  readonly fault: (error: unknown) => void;
}

interface Attempt {
  readonly key: LinkId;
  readonly link: Link;
  readonly begins: boolean;
  readonly since: number;
  /** Keeps the attempt from being given up for want of an answer. */
  readonly keep: Cancel;
}

type Kind = (typeof KINDS)[number];

/**
 * Links to participants to whom nothing leads but mail. One letter offers, one answers, both signed with the keys of
 * the conference: whoever carries them can neither forge nor alter them. Such a link is a link of an introduction from
 * the moment it is proven who is at its other end.
 *
 * While nothing led to somebody it may have come in, or its page may have been reloaded. So letters say how the writer
 * came to be in, and to one for a former key the device writes back under its present one.
 */
export class Couriers {
  readonly #ports: CourierPorts;
  readonly #attempts = new Map<ParticipantId, Attempt>();
  readonly #known = new Set<LinkId>();
  readonly #buckets = new Map<ParticipantId, Bucket>();
  /** To whom an attempt led nowhere. */
  readonly #failed = new Set<ParticipantId>();
  #isOver = false;

  constructor(ports: CourierPorts) {
    this.#ports = ports;
  }

  /** Offers somebody a link. */
  write(to: ParticipantId): void {
    const { clock } = this.#ports;
    if (this.#ports.isLinked(to) || this.#isYoung(this.#attempts.get(to))) return;
    this.#begin(to, { key: this.#ports.randomId(), begins: true, since: clock.now() }, null);
  }

  /** What came by mail, whoever it is from. */
  async take(text: string): Promise<void> {
    const claim = Claim.read(parseFields(text));
    const letter = claim && readLetter(claim.fields);
    const { own, conference, verifier } = this.#ports;
    if (claim === null || letter === null || !this.#ports.isOwn(letter.to)) return;
    if (!this.#ports.isIn(claim.by) && letter.row.length === 0) return;
    if ((await Signed.check(verifier, conference, claim)) === null || this.#isOver) return;
    if (!this.#ports.isIn(claim.by)) await this.#ports.takeRow(letter.row);
    if (this.#isOver || !this.#ports.isIn(claim.by) || !this.#bucket(claim.by).take()) return;
    if (letter.to !== own.id) this.write(claim.by);
    else if (letter.kind === "offer") this.#takeOffer(claim.by, letter);
    else this.#takeAnswer(claim.by, letter);
  }

  /** What is to be said of a link that is being made. */
  async describe(to: ParticipantId, key: LinkId, description: string): Promise<void> {
    const attempt = this.#attempts.get(to);
    if (attempt?.key !== key) return;
    const kind: Kind = attempt.begins ? "offer" : "answer";
    this.#ports.post(to, await this.#sign({ t: "courier", to, key, kind, description }));
  }

  /** It is proven who is at the other end of a link. It is not among the attempts any more. */
  opened(id: ParticipantId, key: LinkId): { readonly link: Link; readonly begins: boolean } | null {
    const attempt = this.#attempts.get(id);
    if (attempt?.key !== key) return null;
    attempt.keep();
    this.#attempts.delete(id);
    this.#failed.delete(id);
    return attempt;
  }

  lost(id: ParticipantId, key: LinkId): void {
    const attempt = this.#attempts.get(id);
    if (attempt?.key !== key) return;
    attempt.keep();
    this.#attempts.delete(id);
    this.#failed.add(id);
  }

  /** This device has another network: what was offered names addresses of the old one. */
  networkChanged(): void {
    for (const [id, { begins }] of [...this.#attempts]) if (begins) this.#drop(id);
  }

  keepOnly(isKept: (id: ParticipantId) => boolean): void {
    for (const id of [...this.#attempts.keys()]) if (!isKept(id)) this.#drop(id);
    for (const ids of [this.#buckets, this.#failed])
      for (const id of ids.keys()) if (!isKept(id)) ids.delete(id);
  }

  /** For good. */
  close(): void {
    this.#isOver = true;
    this.keepOnly(() => false);
  }

  /** With as much of the row as there is room for, its end first: most of the others know the beginning. */
  async #sign(said: object): Promise<string> {
    const { own, conference } = this.#ports;
    const row = this.#ports.row().slice(-MAX_ROW);
    for (;;) {
      const signed = await Signed.make(own, conference, { ...said, row });
      const text = JSON.stringify(signed.wire);
      if (new TextEncoder().encode(text).length <= MAX_LETTER || row.shift() === undefined) return text;
    }
  }

  #takeOffer(from: ParticipantId, { key, description }: Letter): void {
    const { clock, own } = this.#ports;
    const attempt = this.#attempts.get(from);
    if (this.#ports.isLinked(from) || this.#known.has(key)) return;
    // Both wrote at once: the link of the smaller id holds.
    if (attempt?.begins === true && this.#isYoung(attempt) && own.id < from) return;
    this.#begin(from, { key, begins: false, since: clock.now() }, description);
  }

  #takeAnswer(from: ParticipantId, { key, description }: Letter): void {
    const attempt = this.#attempts.get(from);
    if (attempt?.key !== key || !attempt.begins || this.#ports.isLinked(from)) return;
    attempt.keep();
    attempt.link.useAnswer(description);
  }

  #begin(id: ParticipantId, about: Omit<Attempt, "link" | "keep">, offer: string | null): void {
    this.#drop(id);
    if (this.#known.size >= MAX_KNOWN)
      for (const old of [...this.#known].slice(0, 1)) this.#known.delete(old);
    this.#known.add(about.key);
    try {
      const link = this.#ports.make(id, about.key, offer, { thorough: this.#failed.has(id) });
      const giveUp = (): void => {
        if (this.#attempts.get(id)?.link === link) this.#drop(id);
      };
      const keep = about.begins ? this.#ports.clock.after(UNANSWERED, giveUp) : (): void => undefined;
      this.#attempts.set(id, { ...about, link, keep });
    } catch (error) {
      this.#ports.fault(error);
    }
  }

  #drop(id: ParticipantId): void {
    const attempt = this.#attempts.get(id);
    this.#attempts.delete(id);
    attempt?.keep();
    attempt?.link.drop();
  }

  #isYoung(attempt: Attempt | undefined): boolean {
    return attempt !== undefined && this.#ports.clock.now() - attempt.since < FRESH;
  }

  #bucket(id: ParticipantId): Bucket {
    const known = this.#buckets.get(id) ?? new Bucket(this.#ports.clock, LETTERS);
    this.#buckets.set(id, known);
    return known;
  }
}

interface Letter {
  readonly to: ParticipantId;
  readonly key: LinkId;
  readonly kind: Kind;
  readonly description: string;
  readonly row: readonly unknown[];
}

function readLetter(fields: Fields): Letter | null {
  const [to, key] = [idOf(fields["to"]), idOf(fields["key"])];
  const description = textOf(fields["description"], MAX_DESCRIPTION);
  const kind = KINDS.find((one) => one === fields["kind"]);
  if (fields["t"] !== "courier" || to === null || key === null) return null;
  const { row = [] } = fields;
  if (!Array.isArray(row) || row.length > MAX_ROW) return null;
  return description === null || kind === undefined ? null : { to, key, kind, description, row };
}

const KINDS = ["offer", "answer"] as const;
