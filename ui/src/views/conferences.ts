import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { HistoryEntry } from "../bindings/HistoryEntry";
import type { ConferenceId, ConferenceView } from "../conference";
import { isTalking, type State } from "../host";

/** So long after it was left somebody may still be in a conference, in ms. */
const LIVES_MS = 60 * 60_000;

/**
 * The call that stands for all calls of the conference of `call`, which are one to the user: the oldest that is
 * connected, as the history knows it. Itself if it stands alone.
 */
export function leaderOf(call: CallView, { calls, history }: Pick<State, "calls" | "history">): CallView {
  const id = call.conference?.id;
  if (id === undefined) return call;
  const together = calls.filter((other) => other.conference?.id === id && isTalking(other));
  const connected = together.filter(({ state: { type } }) => type === "Connected" || type === "Reconnecting");
  const began = (one: CallView) => history.find((entry) => entry.call === one.call)?.began ?? Infinity;
  const [oldest] = connected.sort((a, b) => (began(a) < began(b) ? -1 : began(a) > began(b) ? 1 : 0));
  return oldest ?? together[0] ?? call;
}

/** The invitations into a conference that were made here, the last one to each person; but not the call that leads. */
export function invitations(
  calls: readonly CallView[],
  conference: ConferenceId,
  leader: CallId,
): CallView[] {
  const last = new Map<string, CallView>();
  for (const call of calls) {
    const made = call.direction === "Outgoing" && call.call !== leader && call.conference?.id === conference;
    if (made) last.set(call.peer, call);
  }
  return [...last.values()];
}

/** Whether the organiser lets nobody in from here; of one that is not on this page, that is not known. */
export function isLocked(view: ConferenceView | null): boolean {
  return view !== null && view.locked && !view.own.organiser;
}

/** Whether an invitation has not been answered yet. */
export function isPending({ state }: CallView): boolean {
  return ["Preparing", "Sending", "Sent", "Ringing", "Connecting"].includes(state.type);
}

/** Whether more than two were in it: who is alone with somebody is in a conference, too, and calls it a call. */
export function isConference({ conference }: Pick<HistoryEntry, "conference">): boolean {
  return conference !== null && conference.people.length > 1;
}

/** Over whom the user can come back into a conference. */
export interface Way extends Pick<HistoryEntry, "account" | "peer" | "video" | "conference"> {
  /** Empty if it is not known. */
  readonly peer_name: string;
  /** The entry of the history beside which it is offered. */
  readonly entry: HistoryEntry;
}

/**
 * The ways back into conferences that were left lately, and in which the user is not: over everybody who was in then, as
 * the page said. If it said nothing, of each the newest call to everybody with whom the user was connected in it, but not
 * to those who hung up while others stayed. Whether anybody is still in, only an invitation shows.
 */
export function waysBack(
  newestFirst: readonly HistoryEntry[],
  running: readonly CallView[],
  now: number,
): readonly Way[] {
  const inside = new Set(running.map(({ conference }) => conference?.id));
  const left = new Map<ConferenceId, HistoryEntry[]>();
  for (const entry of newestFirst) {
    const { conference, end, talked_s } = entry;
    if (conference === null || end === null || talked_s === null || inside.has(conference.id)) continue;
    left.set(conference.id, [...(left.get(conference.id) ?? []), entry]);
  }
  return [...left.values()].filter((entries) => isAlive(entries, now)).flatMap(ways);
}

function isAlive(newestFirst: readonly HistoryEntry[], now: number): boolean {
  const [newest] = newestFirst;
  // Who hung up on the only other one, or the other way round, left nobody behind.
  const nobodyLeft = newest?.end?.type === "HungUp" && newest.conference?.people.length === 1;
  return (
    !nobodyLeft &&
    newestFirst.some(({ began, talked_s }) => now - (began + (talked_s ?? 0) * 1000) < LIVES_MS)
  );
}

function ways(newestFirst: readonly HistoryEntry[]): readonly Way[] {
  const isFirst = (entry: HistoryEntry, n: number) =>
    newestFirst.findIndex(({ account, peer }) => account === entry.account && peer === entry.peer) === n;
  const people = newestFirst.filter(isFirst);
  const said = newestFirst.find((entry) => entry.ways.length > 0);
  if (said === undefined) {
    const stayed = people.filter(({ end }) => !(end?.type === "HungUp" && end.by_peer));
    return (stayed.length > 0 ? stayed : people).map((entry) => ({ ...entry, entry }));
  }
  const called = people.filter(({ peer }) => said.ways.includes(peer));
  const met = said.ways.filter((address) => called.every(({ peer }) => peer !== address));
  return [
    ...called.map((entry) => ({ ...entry, entry })),
    ...met.map((peer) => ({ ...said, peer, peer_name: "", entry: said })),
  ];
}
