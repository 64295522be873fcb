import type { ParticipantId } from "../types";
import type { PublicKey } from "./keys";
import { stands, type Admitted, type Held, type Signer } from "./signer";
import type { Farewell, Removal, Rules } from "./statements";

/**
 * One seat in the conference, with all the ids under which its holder took it: a device that lost everything but its
 * key in a reload hands the seat to a new one. Whatever was stated under any of these ids is its holder's word.
 *
 * If two different renewals of one key are known, or one key took over two seats, all of them are one seat, and one of
 * its ids is in. So nobody can undo by another renewal what was stated after the first, above all whom it let in; and
 * nobody has two seats for one.
 */
export class Seat {
  /** Tells it from others, as long as no further id of it is known. */
  readonly name: ParticipantId;
  /** The oldest first. */
  readonly ids: readonly ParticipantId[];
  /** The only one that can be in. */
  readonly current: ParticipantId;
  /** Whose removals of others and rules count no more but for what they name. */
  readonly #farewells: readonly Held<Farewell>[];
  readonly #signers: readonly Signer[];
  #admissions: readonly Admitted[] | null = null;

  constructor(ids: readonly ParticipantId[], current: ParticipantId, signers: readonly Signer[]) {
    this.ids = ids;
    this.current = current;
    this.name = ids.reduce((one, other) => (one < other ? one : other), current);
    this.#signers = signers;
    this.#farewells = signers.flatMap(({ farewells }) => farewells);
  }

  get admissions(): readonly Admitted[] {
    return (this.#admissions ??= this.#signers.flatMap(({ admissions }) => admissions));
  }

  get removals(): readonly Removal[] {
    return this.#standing(this.#heldRemovals).map(({ statement }) => statement);
  }

  get rules(): Rules | null {
    const [first] = this.#standing(this.#heldRules).sort(
      (a, b) => b.statement.version - a.statement.version || (a.signed.hash < b.signed.hash ? -1 : 1),
    );
    return first?.statement ?? null;
  }

  get hasLeft(): boolean {
    return this.#farewells.length > 0;
  }

  /** What a farewell is to name. */
  get marks(): string[] {
    return [...this.#heldRules, ...this.#heldRemovals].map(({ signed }) => signed.mark);
  }

  /** Whether it put out the holder of another, and has not taken it back. */
  hasRemoved({ ids }: Pick<Seat, "ids">): boolean {
    const all = ids.flatMap((id) => this.#signers.flatMap((signer) => signer.removalOf(id) ?? []));
    return this.#standing(all).length > 0;
  }

  get #heldRules(): Held<Rules>[] {
    return this.#signers.flatMap(({ rules }) => rules ?? []);
  }

  get #heldRemovals(): Held<Removal>[] {
    return this.#signers.flatMap(({ removals }) => [...removals]);
  }

  #standing<H extends Held>(all: readonly H[]): H[] {
    return all.filter((held) => stands(held, this.#farewells));
  }
}

/** All seats at one moment. */
export class Seats {
  readonly #ever: ReadonlyMap<ParticipantId, PublicKey>;
  readonly #signers: ReadonlyMap<ParticipantId, Signer>;
  readonly #handedTo = new Map<ParticipantId, ParticipantId[]>();
  readonly #takenFrom = new Map<ParticipantId, ParticipantId[]>();
  /** Made when somebody asks. */
  readonly #byId = new Map<ParticipantId, Seat>();

  /** `ever`: everybody who was ever let in. */
  constructor(ever: ReadonlyMap<ParticipantId, PublicKey>, signers: ReadonlyMap<ParticipantId, Signer>) {
    this.#ever = ever;
    this.#signers = signers;
    for (const [from, { renewals }] of signers)
      for (const to of renewals) {
        this.#handedTo.set(from, [...(this.#handedTo.get(from) ?? []), to]);
        this.#takenFrom.set(to, [...(this.#takenFrom.get(to) ?? []), from]);
      }
  }

  all(): Iterable<Seat> {
    return new Set(Array.from(this.#ever.keys(), (id) => this.of(id)));
  }

  /** That of somebody nobody knows is empty. */
  of(id: ParticipantId): Seat {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const seat = this.#make(this.#idsWith(id));
    for (const one of seat.ids) this.#byId.set(one, seat);
    return seat;
  }

  #make(ids: readonly ParticipantId[]): Seat {
    const sorted = [...ids].sort();
    const current = sorted.find((id) => !this.#handedTo.has(id)) ?? sorted[0] ?? "";
    const signers = ids.flatMap((id) => this.#signers.get(id) ?? []);
    return new Seat(ids, current, signers);
  }

  /** All ids that renewals join to one. Those that took the seat from nobody come first, and then as they handed it on. */
  #idsWith(id: ParticipantId): ParticipantId[] {
    if (!this.#handedTo.has(id) && !this.#takenFrom.has(id)) return [id];
    const all = closure([id], this.#handedTo, this.#takenFrom).sort();
    const first = all.filter((one) => !this.#takenFrom.has(one));
    return [...new Set([...closure(first, this.#handedTo), ...all])];
  }
}

function closure(
  ids: readonly ParticipantId[],
  ...hands: readonly ReadonlyMap<ParticipantId, readonly ParticipantId[]>[]
): ParticipantId[] {
  const all = new Set(ids);
  // A set hands out as well what it is given meanwhile.
  for (const one of all) for (const next of hands.flatMap((of) => of.get(one) ?? []).sort()) all.add(next);
  return [...all];
}
