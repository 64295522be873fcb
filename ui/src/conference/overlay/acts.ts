import type { Clock, ConferenceId, ParticipantId } from "../types";
import { participantIdOf, type Keys, type PublicKey } from "./keys";
import type { Membership } from "./membership";
import type { Picture } from "./presence";
import { Signed } from "./signed";
import type { StatementSet } from "./statement-set";
import {
  MAX_ADDRESS,
  MAX_LOCKED,
  MAX_NAME,
  MAX_RANK_STEP,
  MAX_TOPIC,
  MAX_VERSION,
  type Statement,
} from "./statements";

/** Something that was asked of the overlay was not done. */
export class OverlayError extends Error {
  override readonly name = "OverlayError";
  constructor(
    /**
     * `not_in`: this device is no member. `locked`: only the organiser can let somebody in now. `full`: nobody can.
     * `gone`: it has left or was removed, and needs a new key. `bad_key`: it is none.
     */
    readonly code: "not_in" | "locked" | "full" | "gone" | "bad_key",
  ) {
    super(code);
  }
}

/** The most participants at one time. */
export const MAX_PRESENT = 64;

export interface ActsPorts {
  readonly clock: Clock;
  readonly keys: Keys;
  readonly conference: ConferenceId;
  readonly statements: StatementSet;
  picture(): Picture;
  /** Takes a statement of this device and spreads it. */
  publish(signed: Signed): void;
  readonly fault: (error: unknown) => void;
}

/**
 * How long something must have held to be stated again, in milliseconds. Halves that become one see parts of each other
 * first, so that for a moment somebody may seem to be the organiser who is not.
 */
const HOLDS = 3000;

/** What this device states about the membership, and whether it may. */
export class Acts {
  readonly #ports: ActsPorts;
  #rulesSince = -Infinity;
  readonly #removedSince = new Map<ParticipantId, number>();

  constructor(ports: ActsPorts) {
    this.#ports = ports;
  }

  get isOrganiser(): boolean {
    return this.#membership.organiser === this.#ports.keys.id;
  }

  /** Does nothing for somebody who is in. Rejects with an {@link OverlayError}. */
  async admit(key: PublicKey, known: { readonly name: string; readonly address: string }): Promise<void> {
    const id = participantIdOf(key);
    if (id === null) throw new OverlayError("bad_key");
    const { members, locked, removed } = this.#membership;
    const own = members.get(this.#ports.keys.id);
    if (own === undefined) throw new OverlayError("not_in");
    if (members.has(id)) return;
    if (this.#ports.statements.hasLeft(id) || removed.has(id)) throw new OverlayError("gone");
    if (locked !== null && !this.isOrganiser) throw new OverlayError("locked");
    if (this.#ports.picture().around.size >= MAX_PRESENT) throw new OverlayError("full");
    let highest = 0;
    for (const { rank } of members.values()) highest = Math.max(highest, rank);
    await this.#state({
      t: "admit",
      key,
      rank: Math.min(highest + 1, own.rank + MAX_RANK_STEP),
      name: known.name.slice(0, MAX_NAME),
      address: known.address.slice(0, MAX_ADDRESS),
    });
  }

  /** False if this device may not. */
  remove(id: ParticipantId): boolean {
    const isOther = id !== this.#ports.keys.id && this.#membership.members.has(id);
    if (!this.isOrganiser || !isOther) return false;
    this.#remove(id, this.#membership);
    return true;
  }

  /** Changes what is named. False if this device may not. */
  setRules(rules: { readonly topic?: string; readonly locked?: boolean }): boolean {
    if (!this.isOrganiser) return false;
    const { topic, locked } = this.#membership;
    const isLocked = rules.locked ?? locked !== null;
    this.#rule((rules.topic ?? topic).slice(0, MAX_TOPIC), isLocked ? (locked ?? this.#everybody()) : null);
    return true;
  }

  /**
   * The membership changed. Who becomes the organiser states again what held before, for it would not count any more,
   * or something else would; but only what held for a while: see {@link HOLDS}.
   */
  follow(before: Membership): void {
    const { clock, keys } = this.#ports;
    const now = clock.now();
    const after = this.#membership;
    const isSuccessor = this.isOrganiser && before.organiser !== keys.id && before.members.has(keys.id);
    if (before.topic !== after.topic || before.locked?.join() !== after.locked?.join()) {
      if (isSuccessor && now - this.#rulesSince >= HOLDS) this.#rule(before.topic, before.locked);
      this.#rulesSince = now;
    }
    for (const [id, since] of this.#removedSince) {
      if (after.removed.has(id)) continue;
      this.#removedSince.delete(id);
      if (isSuccessor && now - since >= HOLDS) this.#remove(id, before);
    }
    for (const id of after.removed) if (!this.#removedSince.has(id)) this.#removedSince.set(id, now);
  }

  /** The statement that this device leaves. */
  farewell(): Promise<Signed> {
    return this.#sign({ t: "leave" });
  }

  get #membership(): Membership {
    return this.#ports.picture().membership;
  }

  /** Who is in while nobody comes in: those who are there first, for the list is limited. */
  #everybody(): ParticipantId[] {
    const { around } = this.#ports.picture();
    const ids = [...this.#membership.members.keys()];
    const absent = ids.filter((id) => !around.has(id)).reverse();
    return [...ids.filter((id) => around.has(id)), ...absent].slice(0, MAX_LOCKED);
  }

  #remove(id: ParticipantId, { members }: Membership): void {
    const admitted = [...members.values()].filter(({ admittedBy }) => admittedBy === id);
    this.#stateSoon({ t: "remove", id, keeps: admitted.map((member) => member.id) });
  }

  #rule(topic: string, locked: readonly ParticipantId[] | null): void {
    const version = (this.#ports.statements.of(this.#ports.keys.id)?.rules?.version ?? 0) + 1;
    this.#stateSoon({ t: "rules", version: Math.min(version, MAX_VERSION), topic, locked });
  }

  #stateSoon(statement: Statement): void {
    this.#state(statement).catch(this.#ports.fault);
  }

  async #state(statement: Statement): Promise<void> {
    this.#ports.publish(await this.#sign(statement));
  }

  #sign(statement: Statement): Promise<Signed> {
    return Signed.make(this.#ports.keys, this.#ports.conference, statement);
  }
}
