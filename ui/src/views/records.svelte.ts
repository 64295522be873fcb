import { SvelteMap, SvelteSet } from "svelte/reactivity";

import type { CallId } from "../bindings/CallId";
import type { ChatLine, ParticipantId } from "../conference";
import type { Desk } from "./desk/desk";

/** Of how many calls something is kept until the page is closed. */
const KEPT = 4;

/** What was written in a conference that is over; it can be saved. */
export interface WrittenRecord {
  readonly own: ParticipantId;
  readonly chat: readonly ChatLine[];
  readonly notes: string;
}

/** What was written in the last calls that are over. */
export class Records {
  readonly #kept = new SvelteMap<CallId, WrittenRecord>();

  readonly #offered = new SvelteSet<CallId>();

  get(call: CallId): WrittenRecord | undefined {
    return this.#kept.get(call);
  }

  /** True the first time for a call. */
  offer(call: CallId): boolean {
    const first = !this.#offered.has(call);
    this.#offered.add(call);
    return first;
  }

  /** Keeps what was written in a call, if anything was, before its conference is closed. */
  keep(call: CallId, desk: Desk): void {
    const own = desk.conference(call)?.own.id ?? "";
    const { chat = [], notes = "" } = desk.room(call)?.documents ?? {};
    if (chat.length === 0 && notes.trim() === "") return;
    this.#kept.set(call, { own, chat, notes });
    for (const old of [...this.#kept.keys()].slice(0, -KEPT)) this.#kept.delete(old);
  }
}
