import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { Event } from "../bindings/Event";
import { isOver, isTalking } from "../host";

/** All calls that end with this one: those of its conference, if it is taken. */
export function endingWith(call: CallView, calls: readonly CallView[]): CallView[] {
  const conference = isTaken(call) ? call.conference?.id : undefined;
  return calls.filter(
    (other) =>
      !isOver(other) &&
      (other.call === call.call ||
        (conference !== undefined && other.conference?.id === conference && isTalking(other))),
  );
}

/** A call as it is once the user has hung up. */
export function hungUp(call: CallView): CallView {
  const reason = isTaken(call)
    ? ({ type: "HungUp", by_peer: false } as const)
    : ({ type: "Cancelled" } as const);
  return { ...call, state: { type: "Ended", reason }, link: null };
}

function isTaken({ state }: CallView): boolean {
  return ["Connecting", "Connected", "Reconnecting"].includes(state.type);
}

/** The calls that were hung up while the backend was away: they stay over until it has heard of that. */
export class HangUps {
  readonly #calls = new Set<CallId>();

  add(call: CallId): void {
    this.#calls.add(call);
  }

  /** Those that a backend which is back still believes in. */
  unheard(event: Event): CallId[] {
    if (event.type !== "Snapshot") return [];
    return event.calls.flatMap(({ call }) => (this.#calls.has(call) ? call : []));
  }

  /** What happened, as the user is to see it. */
  seen(event: Event): Event {
    const see = (call: CallView) => (this.#calls.has(call.call) && !isOver(call) ? hungUp(call) : call);
    if (event.type === "Snapshot") return { ...event, calls: event.calls.map(see) };
    return event.type === "CallChanged" ? { ...event, call: see(event.call) } : event;
  }
}
