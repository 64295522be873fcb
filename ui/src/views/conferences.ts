import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { HistoryEntry } from "../bindings/HistoryEntry";
import type { ConferenceId } from "../conference";
import { isTalking } from "../host";

/** So long after it was left somebody may still be in a conference, in ms. */
const LIVES_MS = 60 * 60_000;

/**
 * Calls of one conference as one: the one that leads them stands for all. That is the call whose conference this page
 * shows, else one that is connected, else the first.
 */
export function leading(
  calls: readonly CallView[],
  isShown: (call: CallId) => boolean = () => false,
): CallView[] {
  return calls.filter((call) => leaderOf(call, calls, isShown) === call);
}

/** The call that stands for all of the conference of `call`; itself if it stands alone. */
export function leaderOf(
  call: CallView,
  calls: readonly CallView[],
  isShown: (call: CallId) => boolean = () => false,
): CallView {
  const id = call.conference?.id;
  if (id === undefined) return call;
  const together = calls.filter((other) => other.conference?.id === id && isTalking(other));
  const connected = ({ state }: CallView) => state.type === "Connected" || state.type === "Reconnecting";
  return together.find((one) => isShown(one.call)) ?? together.find(connected) ?? together[0] ?? call;
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

/** Whether an invitation has not been answered yet. */
export function isPending({ state }: CallView): boolean {
  return ["Preparing", "Sending", "Sent", "Ringing", "Connecting"].includes(state.type);
}

/**
 * The ways back into conferences: of each that was left lately, and in which the user is not, its newest call. Whether
 * anybody is still in, only an invitation shows.
 */
export function waysBack(
  newestFirst: readonly HistoryEntry[],
  running: readonly CallView[],
  now: number,
): ReadonlySet<HistoryEntry> {
  const seen = new Set(running.map(({ conference }) => conference?.id));
  const ways = new Set<HistoryEntry>();
  for (const entry of newestFirst) {
    const { conference, end, began, talked_s } = entry;
    if (conference === null || end === null || talked_s === null || seen.has(conference.id)) continue;
    seen.add(conference.id);
    if (now - (began + talked_s * 1000) < LIVES_MS) ways.add(entry);
  }
  return ways;
}
