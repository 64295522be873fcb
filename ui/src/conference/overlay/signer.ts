import type { ParticipantId } from "../types";
import type { Share } from "./shares";
import type { Signed } from "./signed";
import type { Admission, Farewell, Removal, Renewal, Rules, Statement } from "./statements";

/** A statement with what proves it. */
export interface Held<S extends Statement = Statement> {
  readonly signed: Signed;
  readonly statement: S;
  /** Whom it lets in, or to whom it hands a seat. */
  readonly admits: ParticipantId | null;
}

/** Whom a signer let in. */
export type Admitted = Admission & { readonly id: ParticipantId };

/** Somebody whom a signer brought in, itself under another key included. */
interface Newcomer {
  readonly item: Held;
  readonly id: ParticipantId;
}

/**
 * What is kept of one signer. Which of two statements for one place stays does not depend on which came first: one that
 * the signer's farewell names, else the one with the smaller hash.
 */
export class Signer implements Share<Held> {
  readonly #admissions = new Map<string, Held<Admission>>();
  readonly #renewals = new Map<string, Held<Renewal>>();
  readonly #removals = new Map<ParticipantId, Held<Removal>>();
  #rules: Held<Rules> | null = null;
  /** At most two different ones: more would prove nothing more. */
  #farewells: Held<Farewell>[] = [];

  /** Made of the above when somebody asks. */
  #own: readonly Held[] | null = null;
  #newcomers: readonly Newcomer[] | null = null;
  #admitted: readonly Admitted[] | null = null;

  /** Farewells first: they say which of the others stand. */
  get own(): readonly Held[] {
    const rules = this.#rules === null ? [] : [this.#rules];
    return (this.#own ??= [...this.#farewells, ...rules, ...inOrder(this.#removals.values())]);
  }

  get newcomers(): readonly Newcomer[] {
    const all = (): readonly Held[] => inOrder([...this.#admissions.values(), ...this.#renewals.values()]);
    return (this.#newcomers ??= all().flatMap((item) => {
      const { admits } = item;
      return admits === null ? [] : { item, id: admits };
    }));
  }

  get admissions(): readonly Admitted[] {
    return (this.#admitted ??= this.newcomers.flatMap(({ item: { statement }, id }) =>
      statement.t === "admit" ? { ...statement, id } : [],
    ));
  }

  /** To whom it handed its seat. */
  get renewals(): readonly ParticipantId[] {
    return Array.from(this.#renewals.values(), ({ admits }) => admits ?? []).flat();
  }

  get removals(): Iterable<Held<Removal>> {
    return this.#removals.values();
  }

  get rules(): Held<Rules> | null {
    return this.#rules;
  }

  get farewells(): readonly Held<Farewell>[] {
    return this.#farewells;
  }

  /** The removal of somebody, whether it counts or not. */
  removalOf(id: ParticipantId): Held<Removal> | null {
    return this.#removals.get(id) ?? null;
  }

  /** What gives way to it; null if nothing changes. */
  insert({ statement, ...proof }: Held): readonly Held[] | null {
    this.#own = this.#newcomers = this.#admitted = null;
    switch (statement.t) {
      case "admit":
        return this.#put(this.#admissions, statement.key, { statement, ...proof });
      case "renew":
        return this.#put(this.#renewals, statement.key, { statement, ...proof });
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
    if (this.own.every(isKept) && this.newcomers.every(({ item }) => isKept(item))) return;
    this.#own = this.#newcomers = this.#admitted = null;
    for (const all of [this.#admissions, this.#renewals, this.#removals])
      for (const [name, held] of all) if (!isKept(held)) all.delete(name);
    if (this.#rules !== null && !isKept(this.#rules)) this.#rules = null;
    this.#farewells = this.#farewells.filter(isKept);
  }

  #put<S extends Admission | Renewal | Removal>(
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
    const [one, other] = [stands(fresh, this.#farewells), stands(held, this.#farewells)];
    if (one !== other) return one;
    return newer !== 0 ? newer > 0 : fresh.signed.hash < held.signed.hash;
  }
}

/**
 * Whether a statement counts beside the farewells of whoever signed it. Admissions and renewals stand whatever their
 * signer says later, or it could put out whom it let in.
 */
export function stands({ signed, statement }: Held, farewells: readonly Held<Farewell>[]): boolean {
  const [farewell, other] = farewells;
  if (farewell === undefined || statement.t === "admit" || statement.t === "renew") return true;
  return other === undefined && farewell.statement.stands.includes(signed.mark);
}

function inOrder<H extends Held>(all: Iterable<H>): H[] {
  return [...all].sort((a, b) => (a.signed.hash < b.signed.hash ? -1 : 1));
}
