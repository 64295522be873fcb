import type { ParticipantId } from "../types";
import type { Stated } from "./membership";
import type { Share } from "./shares";
import type { Signed } from "./signed";
import type { Admission, Farewell, Removal, Rules, Statement } from "./statements";

/** A statement with what proves it. */
export interface Held<S extends Statement = Statement> {
  readonly signed: Signed;
  readonly statement: S;
  /** Whom it lets in. */
  readonly admits: ParticipantId | null;
}

/** Whom a signer let in. */
type Admitted = Admission & { readonly item: Held; readonly id: ParticipantId };

/**
 * What is kept of one signer. Which of two statements for one place stays does not depend on which came first: one that
 * the signer's farewell names, else the one with the smaller hash.
 */
export class Signer implements Stated, Share<Held> {
  readonly #admissions = new Map<string, Held<Admission>>();
  readonly #removals = new Map<ParticipantId, Held<Removal>>();
  #rules: Held<Rules> | null = null;
  /** At most two different ones: more would prove nothing more. */
  #farewells: Held<Farewell>[] = [];

  /** Made of the above when somebody asks. */
  #own: readonly Held[] | null = null;
  #admitted: readonly Admitted[] | null = null;

  /** Farewells first: they say which of the others stand. */
  get own(): readonly Held[] {
    const rules = this.#rules === null ? [] : [this.#rules];
    return (this.#own ??= [...this.#farewells, ...rules, ...inOrder(this.#removals.values())]);
  }

  get admissions(): readonly Admitted[] {
    return (this.#admitted ??= inOrder(this.#admissions.values()).flatMap((item) => {
      const { statement, admits } = item;
      return admits === null ? [] : { ...statement, item, id: admits };
    }));
  }

  get removals(): Iterable<Removal> {
    return [...this.#removals.values()].filter((one) => this.#stands(one)).map(({ statement }) => statement);
  }

  get rules(): Rules | null {
    return this.#rules !== null && this.#stands(this.#rules) ? this.#rules.statement : null;
  }

  get hasLeft(): boolean {
    return this.#farewells.length > 0;
  }

  /** What a farewell is to name. */
  get standing(): string[] {
    const rules = this.#rules === null ? [] : [this.#rules];
    return [...rules, ...this.#removals.values()].map(({ signed }) => signed.mark);
  }

  /** The removal of somebody, whether it counts or not. */
  removalOf(id: ParticipantId): Signed | null {
    return this.#removals.get(id)?.signed ?? null;
  }

  hasRemoved(id: ParticipantId): boolean {
    const removal = this.#removals.get(id);
    return removal !== undefined && this.#stands(removal);
  }

  /** What gives way to it; null if nothing changes. */
  insert({ statement, ...proof }: Held): readonly Held[] | null {
    this.#own = this.#admitted = null;
    switch (statement.t) {
      case "admit":
        return this.#put(this.#admissions, statement.key, { statement, ...proof });
      case "remove":
        return this.#put(this.#removals, statement.id, { statement, ...proof });
      case "rules": {
        const held = this.#rules;
        const rules = { statement, ...proof };
        const newer = statement.version - (held?.statement.version ?? 0);
        if (held !== null && !this.#isBetter(rules, held, newer)) return null;
        this.#rules = rules;
        return held === null ? [] : [held];
      }
      case "leave": {
        const farewell = { statement, ...proof };
        const [one, other, third] = inOrder([...this.#farewells, farewell]);
        if (third === farewell) return null;
        this.#farewells = [one, other].filter((held) => held !== undefined);
        return third === undefined ? [] : [third];
      }
      case "genesis":
        return null;
    }
  }

  /** Keeps nothing else. */
  keepOnly(isKept: (held: Held) => boolean): void {
    if (this.own.every(isKept) && this.admissions.every(({ item }) => isKept(item))) return;
    this.#own = this.#admitted = null;
    for (const all of [this.#admissions, this.#removals])
      for (const [name, held] of all) if (!isKept(held)) all.delete(name);
    if (this.#rules !== null && !isKept(this.#rules)) this.#rules = null;
    this.#farewells = this.#farewells.filter(isKept);
  }

  #put<S extends Admission | Removal>(
    into: Map<string, Held<S>>,
    name: string,
    fresh: Held<S>,
  ): readonly Held[] | null {
    const held = into.get(name);
    if (held !== undefined && !this.#isBetter(fresh, held, 0)) return null;
    into.set(name, fresh);
    return held === undefined ? [] : [held];
  }

  #isBetter(fresh: Held, held: Held, newer: number): boolean {
    const [one, other] = [this.#stands(fresh), this.#stands(held)];
    if (one !== other) return one;
    return newer !== 0 ? newer > 0 : fresh.signed.hash < held.signed.hash;
  }

  /** Admissions stand whatever their signer says later, or it could put out whom it let in. */
  #stands({ signed, statement }: Held): boolean {
    const [farewell, other] = this.#farewells;
    if (farewell === undefined || statement.t === "admit") return true;
    return other === undefined && farewell.statement.stands.includes(signed.mark);
  }
}

function inOrder<H extends Held>(all: Iterable<H>): H[] {
  return [...all].sort((a, b) => (a.signed.hash < b.signed.hash ? -1 : 1));
}
