import type { RosterParticipant, RosterView } from "./overlay";
import { hashOf } from "./overlay";
import { MAX_PARTICIPANTS } from "../limits";
import type { Cancel, Clock, ParticipantId } from "./types";

/**
 * How long after somebody was lost they are looked for by mail, in milliseconds. What one attempt makes is tried for a
 * minute, so that it leads somewhere as soon as there is a way.
 */
export const ATTEMPTS: readonly number[] = [4, 25, 65, 125, 245, 485, 965, 1925].map((s) => s * 1000);
/** Between two who had a call the backends make a fresh link themselves, so long. */
export const BY_CALL = 30_000;
/** Of two who look for each other one begins so much later, or both would write. */
const AFTER_YOU = 3000;
/** A device writes to one after the other: whoever is found brings others along. */
const SPACING = 3000;
/** Between two changes of this device's network after which the same person is written to, in milliseconds. */
const BETWEEN_HURRIES = 60_000;
/** How many are looked for at once. */
const MAX_LOST = MAX_PARTICIPANTS;
/** How long whoever is left alone keeps the place of those who were lost, in milliseconds. */
export const AWAITED = 60_000;

export interface SearchPorts {
  readonly clock: Clock;
  readonly own: ParticipantId;
  /** Writes to somebody whom nothing else leads to. */
  write(id: ParticipantId): void;
  /** Nobody is awaited any more who was. */
  changed(): void;
}

/** Somebody who is in, and whom nobody here reaches. */
interface Lost {
  readonly participant: RosterParticipant;
  readonly since: number;
  /** How many attempts were due. */
  due: number;
  hurriedAt: number;
  cancel: Cancel;
  /** Ends the waiting for it. */
  readonly unawait: Cancel;
}

/**
 * Looks for those who were lost, by mail, as no other way is left: so the parts of a conference find each other again,
 * whoever invited whom. Of those who are together one writes at a time, each to somebody else.
 */
export class Search {
  readonly #ports: SearchPorts;
  readonly #lost = new Map<ParticipantId, Lost>();
  /** To whom something is to be written, in order. */
  readonly #waiting = new Set<ParticipantId>();
  #together: readonly ParticipantId[] = [];
  #pause: Cancel | null = null;
  #isOver = false;

  constructor(ports: SearchPorts) {
    this.#ports = ports;
  }

  /** Those who were lost lately, as they were seen last. */
  get awaited(): readonly RosterParticipant[] {
    const now = this.#ports.clock.now();
    return [...this.#lost.values()].flatMap(({ participant, since }) =>
      now - since < AWAITED ? [participant] : [],
    );
  }

  follow({ own, participants, absent }: Pick<RosterView, "own" | "participants" | "absent">): void {
    if (this.#isOver) return;
    const reached = participants.filter(({ connection }) => connection === "connected");
    this.#together = [own.id, ...reached.map(({ id }) => id)];
    const addresses = new Set(reached.map(({ entry }) => entry.address).filter((one) => one !== ""));
    const apart = latest(absent.filter(({ entry }) => !addresses.has(entry.address))).slice(0, MAX_LOST);
    const lost = new Map(apart.map((one) => [one.id, one] as const));
    for (const id of this.#lost.keys()) if (!lost.has(id)) this.#forget(id);
    const shift = haveCalls([own, ...reached], [...lost.values()]) ? BY_CALL : 0;
    for (const [id, participant] of lost) if (!this.#lost.has(id)) this.#lose(participant, shift);
  }

  /** This device has another network: what could not be reached may be reached now. */
  hurry(): void {
    const now = this.#ports.clock.now();
    for (const [id, lost] of this.#lost) {
      if (lost.due >= ATTEMPTS.length || now < lost.hurriedAt + BETWEEN_HURRIES) continue;
      lost.hurriedAt = now;
      this.#want(id);
    }
  }

  close(): void {
    this.#isOver = true;
    for (const id of [...this.#lost.keys()]) this.#forget(id);
    this.#pause?.();
  }

  #lose(participant: RosterParticipant, shift: number): void {
    const { clock, own } = this.#ports;
    const { id } = participant;
    const unawait = clock.after(AWAITED, () => this.#ports.changed());
    const [since, cancel] = [clock.now(), (): void => undefined];
    const lost: Lost = { participant, since, due: 0, hurriedAt: -Infinity, cancel, unawait };
    this.#lost.set(id, lost);
    this.#later(lost, shift + (own < id ? 0 : AFTER_YOU));
  }

  #later(lost: Lost, shift: number): void {
    const at = ATTEMPTS[lost.due];
    if (at === undefined) return;
    const { clock } = this.#ports;
    lost.cancel = clock.after(lost.since + shift + at - clock.now(), () => {
      const turn = lost.due % this.#together.length;
      lost.due += 1;
      if (this.#rank(lost.participant.id) === turn) this.#want(lost.participant.id);
      this.#later(lost, shift);
    });
  }

  /** In which order those who are together write to somebody: the same for all, another for each who was lost. */
  #rank(id: ParticipantId): number {
    const order = this.#together.map((one) => [hashOf(`${one} ${id}`), one] as const);
    return order.sort(([a], [b]) => (a < b ? -1 : 1)).findIndex(([, one]) => one === this.#ports.own);
  }

  #want(id: ParticipantId): void {
    this.#waiting.add(id);
    if (this.#pause === null) this.#writeNext();
  }

  #writeNext(): void {
    const [next] = this.#waiting;
    this.#pause = null;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#pause = this.#ports.clock.after(SPACING, () => this.#writeNext());
    this.#ports.write(next);
  }

  #forget(id: ParticipantId): void {
    this.#lost.get(id)?.cancel();
    this.#lost.get(id)?.unawait();
    this.#lost.delete(id);
    this.#waiting.delete(id);
  }
}

/** A device that came in again as somebody new is looked for as such: who came later is the more junior. */
function latest(absent: readonly RosterParticipant[]): RosterParticipant[] {
  const byDevice = absent.map((one) => [deviceOf(one), one] as const);
  return [...new Map(byDevice).values()];
}

function deviceOf({ id, entry: { address, device } }: RosterParticipant): string {
  return address === "" ? id : JSON.stringify([address, device]);
}

type Invited = Pick<RosterParticipant, "id" | "invitedBy">;

/** Whether somebody here invited somebody there, or was invited from there. */
function haveCalls(here: readonly Invited[], there: readonly Invited[]): boolean {
  const invited = (some: readonly Invited[], others: readonly Invited[]): boolean =>
    some.some(({ id }) => others.some(({ invitedBy }) => invitedBy === id));
  return invited(here, there) || invited(there, here);
}
