import type { ConferenceId, ParticipantId } from "../types";
import { fieldsOf } from "./fields";
import type { PublicKey, Verifier } from "./keys";
import { admittedEver, type Stated, type Statements } from "./membership";
import type { Replica, Taken } from "./replica";
import { Claim, Signed, type SignedWire } from "./signed";
import {
  conferenceIdOf,
  MAX_ADMISSIONS,
  readStatement,
  type Admission,
  type Removal,
  type Rules,
  type Statement,
} from "./statements";

/** The most participants that are known at all, in the whole life of a conference. */
export const MAX_KNOWN = 1024;
const MAX_REMOVALS = 128;

interface Held<S extends Statement = Statement> {
  readonly signed: Signed;
  readonly statement: S;
}

/**
 * Every statement of a conference that can count one day: those of participants whom admissions join to the founder.
 *
 * What is kept of one signer is bounded, by a rule that does not depend on the order in which things came: of too many
 * the ones with the smallest hashes. So a signer who states too much loses statements of its own and nobody else's.
 */
export class StatementSet implements Replica, Statements {
  readonly name = "statements";
  readonly #conference: ConferenceId;
  readonly #verifier: Verifier;
  #genesis: Held<Statement & { t: "genesis" }> | null = null;
  readonly #bySigner = new Map<ParticipantId, Signer>();
  #ever: ReadonlyMap<ParticipantId, PublicKey> = new Map();
  #version = 0;

  constructor(conference: ConferenceId, verifier: Verifier) {
    this.#conference = conference;
    this.#verifier = verifier;
  }

  /** Another number after every change. */
  get version(): number {
    return this.#version;
  }

  /** The founder's key; empty until the genesis statement is here. */
  get founder(): PublicKey {
    return this.#genesis?.statement.key ?? "";
  }

  of(id: ParticipantId): Stated | null {
    return this.#bySigner.get(id) ?? null;
  }

  /** Whether it was admitted, whatever became of it. */
  knows(id: ParticipantId): boolean {
    return this.#ever.has(id);
  }

  /** The key of somebody who was admitted, whatever became of it; null for anybody else. */
  publicKeyOf(id: ParticipantId): PublicKey | null {
    return this.#ever.get(id) ?? null;
  }

  hasLeft(id: ParticipantId): boolean {
    return this.#bySigner.get(id)?.hasLeft === true;
  }

  removersOf(id: ParticipantId): readonly ParticipantId[] {
    return [...this.#bySigner].flatMap(([signer, held]) => (held.removalOf(id) === null ? [] : signer));
  }

  /** The removals that name somebody, whether they count or not. */
  removalsOf(id: ParticipantId): SignedWire[] {
    const all = [...this.#bySigner.values()].flatMap((signer) => signer.removalOf(id) ?? []);
    return all.map((signed) => signed.wire);
  }

  /** Takes one's own statement; false if it changes nothing. */
  add(signed: Signed): boolean {
    const claim = Claim.read(signed.wire);
    const statement = claim && readStatement(claim.fields);
    return statement !== null && this.#insert({ signed, statement });
  }

  async take(item: unknown): Promise<Taken> {
    const claim = Claim.read(item);
    if (claim === null) return "bad";
    const isKnown = (): boolean => this.#all().some(({ signed }) => signed.hash === claim.hash);
    if (isKnown()) return "known";
    const statement = readStatement(claim.fields);
    if (statement === null) return "bad";
    const isGenesis = statement.t === "genesis";
    if (isGenesis && !this.#isOurs(claim, statement.key)) return "bad";
    // Not wrong, but of no use before its signer's own admission.
    if (!isGenesis && !this.#ever.has(claim.by)) return "known";
    const signed = await Signed.check(this.#verifier, isGenesis ? "" : this.#conference, claim);
    if (signed === null) return "bad";
    return this.#insert({ signed, statement }) ? "new" : "known";
  }

  digest(): object {
    return {
      has: this.#all()
        .map(({ signed }) => shortHash(signed))
        .sort(),
    };
  }

  /** Admissions of seniors before those of juniors, so that no signer is unknown when its statement comes. */
  *missing(theirs: unknown): Iterable<SignedWire> {
    const has: unknown = fieldsOf(theirs)?.["has"];
    const known = new Set<unknown>(Array.isArray(has) ? has : []);
    for (const { signed } of this.#all()) if (!known.has(shortHash(signed))) yield signed.wire;
  }

  /** The genesis, then everybody's in the order in which admissions join them. */
  #all(): Held[] {
    const all: Held[] = this.#genesis === null ? [] : [this.#genesis];
    for (const id of this.#ever.keys()) all.push(...(this.#bySigner.get(id)?.held() ?? []));
    return all;
  }

  #isOurs(claim: Claim, key: PublicKey): boolean {
    return claim.key === key && conferenceIdOf(claim.body) === this.#conference;
  }

  #insert({ signed, statement }: Held): boolean {
    if (statement.t === "genesis") {
      if (this.#genesis !== null) return false;
      this.#genesis = { signed, statement };
    } else {
      if (statement.t === "admit" && this.#ever.size >= MAX_KNOWN) return false;
      const signer = this.#bySigner.get(signed.by) ?? new Signer();
      if (!signer.insert({ signed, statement })) return false;
      this.#bySigner.set(signed.by, signer);
    }
    this.#version += 1;
    if (statement.t === "genesis" || statement.t === "admit") this.#ever = admittedEver(this);
    for (const id of this.#bySigner.keys()) if (!this.#ever.has(id)) this.#bySigner.delete(id);
    return true;
  }
}

/** What is kept of one signer. */
class Signer implements Stated {
  readonly #admissions = new Map<string, Held<Admission>>();
  readonly #removals = new Map<string, Held<Removal>>();
  #rules: Held<Rules> | null = null;
  #leave: Held | null = null;

  get admissions(): Iterable<Admission> {
    return Array.from(this.#admissions.values(), ({ statement }) => statement);
  }

  get removals(): Iterable<Removal> {
    return Array.from(this.#removals.values(), ({ statement }) => statement);
  }

  get rules(): Rules | null {
    return this.#rules?.statement ?? null;
  }

  get hasLeft(): boolean {
    return this.#leave !== null;
  }

  removalOf(id: ParticipantId): Signed | null {
    return this.#removals.get(id)?.signed ?? null;
  }

  held(): Held[] {
    const single = [this.#rules, this.#leave].filter((one) => one !== null);
    return [...this.#admissions.values(), ...this.#removals.values(), ...single];
  }

  /** False if it changes nothing. */
  insert({ signed, statement }: Held): boolean {
    switch (statement.t) {
      case "admit":
        return insert(this.#admissions, statement.key, { signed, statement }, MAX_ADMISSIONS);
      case "remove":
        return insert(this.#removals, statement.id, { signed, statement }, MAX_REMOVALS);
      case "rules": {
        const held = this.#rules;
        const isOlder = held !== null && statement.version < held.statement.version;
        if (isOlder || (held?.statement.version === statement.version && !wins(signed, held))) return false;
        this.#rules = { signed, statement };
        return true;
      }
      case "leave":
        if (!wins(signed, this.#leave)) return false;
        this.#leave = { signed, statement };
        return true;
      case "genesis":
        return false;
    }
  }
}

/** Of two under one name, and of too many, the ones with the smaller hashes stay. False if nothing changed. */
function insert<S extends Statement>(
  into: Map<string, Held<S>>,
  name: string,
  held: Held<S>,
  max: number,
): boolean {
  if (!wins(held.signed, into.get(name) ?? null)) return false;
  into.set(name, held);
  if (into.size <= max) return true;
  const worst = [...into].reduce((a, b) => (a[1].signed.hash > b[1].signed.hash ? a : b));
  into.delete(worst[0]);
  return worst[0] !== name;
}

function wins(signed: Signed, held: Held | null): boolean {
  return held === null || signed.hash < held.signed.hash;
}

function shortHash({ hash }: Signed): string {
  return hash.slice(0, 16);
}
