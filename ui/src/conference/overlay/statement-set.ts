import type { ConferenceId, ParticipantId } from "../types";
import { fieldsOf } from "./fields";
import { participantIdOf, type PublicKey, type Verifier } from "./keys";
import type { Statements } from "./membership";
import type { Replica, Taken } from "./replica";
import { Seats, type Seat } from "./seats";
import { inTurn } from "./shares";
import { Claim, Signed, type SignedWire } from "./signed";
import { Signer, type Held } from "./signer";
import { conferenceIdOf, consentText, readStatement, type Statement } from "./statements";

/**
 * The most statements that are kept, in the whole life of a conference; so nobody knows more people than this either,
 * and the digests of all copies fit into one frame.
 */
export const MAX_STATEMENTS = 1536;

/**
 * Every statement of a conference that can count one day: those of participants whom admissions join to the founder,
 * shared out among them fairly if they are too many ({@link inTurn}). Two copies that have seen the same become equal,
 * whatever came when.
 */
export class StatementSet implements Replica, Statements {
  readonly name = "statements";
  readonly #conference: ConferenceId;
  readonly #verifier: Verifier;
  readonly #most: number;
  #genesis: Held<Statement & { t: "genesis" }> | null = null;
  readonly #bySigner = new Map<ParticipantId, Signer>();
  readonly #hashes = new Set<string>();
  /** Whom an unbroken row of admissions and renewals joins to the founder; whoever brought somebody in stands before it. */
  readonly #ever = new Map<ParticipantId, PublicKey>();
  /** Made of the above when somebody asks. */
  #seats: Seats | null = null;

  /** `most`: how many statements it keeps; the same for all of a conference. */
  constructor(conference: ConferenceId, verifier: Verifier, most = MAX_STATEMENTS) {
    this.#conference = conference;
    this.#verifier = verifier;
    this.#most = most;
  }

  /** The founder's key; empty until the genesis statement is here. */
  get founder(): PublicKey {
    return this.#genesis?.statement.key ?? "";
  }

  seatOf(id: ParticipantId): Seat {
    return this.#allSeats.of(id);
  }

  /** Whether it was admitted, whatever became of it. */
  knows(id: ParticipantId): boolean {
    return this.#ever.has(id);
  }

  /** The key of somebody who was admitted, whatever became of it; null for anybody else. */
  publicKeyOf(id: ParticipantId): PublicKey | null {
    return this.#ever.get(id) ?? null;
  }

  /** Whether the holder of its seat has, under whichever id. */
  hasLeft(id: ParticipantId): boolean {
    return this.seatOf(id).hasLeft;
  }

  /** Whether its seat was handed to another id. */
  isFormer(id: ParticipantId): boolean {
    return this.seatOf(id).current !== id;
  }

  removersOf(seat: Seat): readonly ParticipantId[] {
    return [...this.#allSeats.all()].flatMap((one) => (one.hasRemoved(seat) ? one.name : []));
  }

  /** The removals that name somebody, or one whose admission it hangs on, whether they count or not. */
  removalsOf(id: ParticipantId): SignedWire[] {
    const named = new Set([id]);
    // A set hands out as well what it is given meanwhile.
    for (const one of named)
      for (const [signer, held] of this.#bySigner)
        if (held.newcomers.some((newcomer) => newcomer.id === one)) named.add(signer);
    const signers = [...this.#bySigner.values()];
    const all = [...named].flatMap((one) => signers.flatMap((signer) => signer.removalOf(one) ?? []));
    return all.map(({ signed }) => signed.wire);
  }

  /** The row of admissions and renewals that joins somebody to the founder, whose is the first. */
  rowTo(id: ParticipantId): SignedWire[] {
    const row: SignedWire[] = [];
    for (let held = this.#bringing(id); held !== null; held = this.#bringing(held.signed.by))
      row.unshift(held.signed.wire);
    return row;
  }

  /** Everybody who was ever admitted, so that the first so many are not those whom one of them let in. */
  *everybodyInTurn(): Iterable<ParticipantId> {
    const seen = new Set<ParticipantId | null>([null]);
    const founder = participantIdOf(this.founder);
    if (founder !== null) yield founder;
    seen.add(founder);
    for (const { admits } of this.#inTurn()) {
      if (admits !== null && !seen.has(admits)) yield admits;
      seen.add(admits);
    }
  }

  /** Takes one's own statement; false if it changes nothing. */
  add(signed: Signed): boolean {
    const claim = Claim.read(signed.wire);
    const statement = claim && readStatement(claim.fields);
    return statement !== null && this.#insert(heldOf(signed, statement));
  }

  async take(item: unknown): Promise<Taken> {
    const claim = Claim.read(item);
    if (claim === null) return "bad";
    if (this.#hashes.has(claim.hash)) return "known";
    const statement = readStatement(claim.fields);
    if (statement === null) return "bad";
    const isGenesis = statement.t === "genesis";
    if (isGenesis && !this.#isOurs(claim, statement.key)) return "bad";
    if (statement.t === "renew" && statement.key === claim.key) return "bad";
    // Not wrong, but of no use before its signer's own admission.
    if (!isGenesis && !this.#ever.has(claim.by)) return "known";
    const signed = await Signed.check(this.#verifier, isGenesis ? "" : this.#conference, claim);
    if (signed === null || !(await this.#hasConsent(signed, statement))) return "bad";
    return this.#insert(heldOf(signed, statement)) ? "new" : "known";
  }

  digest(): object {
    return {
      has: this.#all()
        .map(({ signed }) => signed.mark)
        .sort(),
    };
  }

  /** Whoever let somebody in before that one, so that no signer is unknown when its statement comes. */
  *missing(theirs: unknown): Iterable<SignedWire> {
    const has: unknown = fieldsOf(theirs)?.["has"];
    const known = new Set<unknown>(Array.isArray(has) ? has : []);
    for (const { signed } of this.#all()) if (!known.has(signed.mark)) yield signed.wire;
  }

  /** The genesis, then everybody's in the order in which admissions join them. */
  #all(): Held[] {
    const all: Held[] = this.#genesis === null ? [] : [this.#genesis];
    for (const id of this.#ever.keys()) {
      const { own = [], newcomers = [] } = this.#bySigner.get(id) ?? {};
      all.push(...own, ...newcomers.map(({ item }) => item));
    }
    return all;
  }

  /** What brought somebody in, by whoever of those who did was there first. */
  #bringing(id: ParticipantId): Held | null {
    for (const one of this.#ever.keys()) {
      if (one === id) return null;
      const found = this.#bySigner.get(one)?.newcomers.find((newcomer) => newcomer.id === id);
      if (found !== undefined) return found.item;
    }
    return null;
  }

  #inTurn(): Iterable<Held> {
    const founder = participantIdOf(this.founder);
    return founder === null ? [] : inTurn(founder, (id) => this.#bySigner.get(id) ?? null);
  }

  get #allSeats(): Seats {
    return (this.#seats ??= new Seats(this.#ever, this.#bySigner));
  }

  /** Whether whoever is to take over a seat wants to. */
  async #hasConsent({ by }: Signed, statement: Statement): Promise<boolean> {
    if (statement.t !== "renew") return true;
    const { key, sig } = statement;
    return this.#verifier.verify(key, consentText(this.#conference, by), sig);
  }

  #isOurs(claim: Claim, key: PublicKey): boolean {
    return claim.key === key && conferenceIdOf(claim.body) === this.#conference;
  }

  #insert(held: Held): boolean {
    const { signed, statement } = held;
    if (this.#hashes.has(signed.hash)) return false;
    this.#seats = null;
    if (statement.t === "genesis") {
      if (this.#genesis !== null) return false;
      this.#genesis = { ...held, statement };
      this.#hashes.add(signed.hash);
      this.#ever.set(signed.by, signed.key);
      return true;
    }
    if (!this.#ever.has(signed.by)) return false;
    const signer = this.#bySigner.get(signed.by) ?? new Signer();
    const gone = signer.insert(held);
    if (gone === null) return false;
    this.#bySigner.set(signed.by, signer);
    for (const one of gone) this.#hashes.delete(one.signed.hash);
    this.#hashes.add(signed.hash);
    this.#know(held);
    if (this.#hashes.size > this.#most) this.#keepShares(held);
    return this.#hashes.has(signed.hash);
  }

  #know({ statement, admits }: Held): void {
    const isNewcomer = statement.t === "admit" || statement.t === "renew";
    if (isNewcomer && admits !== null && !this.#ever.has(admits)) this.#ever.set(admits, statement.key);
  }

  /** There are too many: what is beyond the fair share of whoever stated it goes. */
  #keepShares(newest: Held): void {
    if (this.#genesis === null) return;
    const kept: Held[] = [this.#genesis];
    for (const held of this.#inTurn()) {
      if (kept.length >= this.#most) break;
      kept.push(held);
    }
    const { signed, admits } = newest;
    if (kept.length === this.#hashes.size - 1 && !kept.some((held) => held.signed === signed)) {
      // All others stay, as is the case for most of what comes when there are too many.
      this.#bySigner.get(signed.by)?.keepOnly((held) => held.signed !== signed);
      this.#hashes.delete(signed.hash);
      const isKnown = admits === kept[0]?.signed.by || kept.some((held) => held.admits === admits);
      if (admits !== null && !isKnown) this.#ever.delete(admits);
      return;
    }
    this.#ever.clear();
    this.#hashes.clear();
    this.#ever.set(this.#genesis.signed.by, this.#genesis.signed.key);
    for (const held of kept) {
      this.#hashes.add(held.signed.hash);
      this.#know(held);
    }
    for (const [id, signer] of this.#bySigner) {
      if (this.#ever.has(id)) signer.keepOnly(({ signed }) => this.#hashes.has(signed.hash));
      else this.#bySigner.delete(id);
    }
  }
}

function heldOf(signed: Signed, statement: Statement): Held {
  const isNewcomer = statement.t === "admit" || statement.t === "renew";
  return { signed, statement, admits: isNewcomer ? participantIdOf(statement.key) : null };
}
