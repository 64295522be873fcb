import type { AccountView } from "../bindings/AccountView";
import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { Event } from "../bindings/Event";
import type { Snapshot } from "../bindings/Snapshot";

/** What a page knows: the last snapshot and what happened since. Calls that ended stay for their last words. */
export type State = Snapshot;

/** How many ended calls are kept; a page shows one or two. */
const ENDED_KEPT = 8;

/**
 * The state after an event. The same object if the event says nothing new to show, and `null` while no snapshot came.
 */
export function reduce(state: State | null, event: Event): State | null {
  if (event.type === "Snapshot") return event;
  if (state === null) return null;
  switch (event.type) {
    case "CallChanged":
      return { ...state, calls: forgetOldEnds(replaceCall(state.calls, event.call)) };
    case "AccountChanged":
      return { ...state, accounts: replaceAccount(state.accounts, event.account) };
    case "AccountRemoved":
      return {
        ...state,
        accounts: state.accounts.filter(({ account }) => account !== event.account),
        calls: state.calls.filter(({ account }) => account !== event.account),
      };
    case "ContactsChanged":
      return { ...state, contacts: event.contacts };
    case "HistoryChanged":
      return { ...state, history: event.entries };
    case "SettingsChanged":
      return { ...state, settings: event.settings };
    case "NetworkChanged":
    case "MakeOffer":
    case "MakeAnswer":
    case "UseAnswer":
    case "UseMedia":
    case "CloseLink":
    case "SendOnLink":
    case "TakeCourier":
      return state;
    default:
      // A newer backend may say more than this page knows.
      event satisfies never;
      return state;
  }
}

/** The calls of a page, by its state or because it carries them, that were over before the snapshot was made. */
export function endedBefore(
  { calls }: Snapshot,
  state: State | null,
  carried: readonly CallId[],
): ReadonlySet<CallId> {
  const going = new Set(goingOn(calls));
  return new Set([...goingOn(state?.calls ?? []), ...carried].filter((call) => !going.has(call)));
}

function goingOn(calls: readonly CallView[]): CallId[] {
  return calls.flatMap((call) => (isOver(call) ? [] : call.call));
}

function replaceCall(calls: readonly CallView[], call: CallView): CallView[] {
  const known = calls.some((other) => other.call === call.call);
  return known ? calls.map((other) => (other.call === call.call ? call : other)) : [...calls, call];
}

function forgetOldEnds(calls: CallView[]): CallView[] {
  let surplus = calls.filter(isOver).length - ENDED_KEPT;
  return surplus <= 0 ? calls : calls.filter((call) => !(isOver(call) && surplus-- > 0));
}

function replaceAccount(accounts: readonly AccountView[], account: AccountView): AccountView[] {
  const known = accounts.some((other) => other.account === account.account);
  return known
    ? accounts.map((other) => (other.account === account.account ? account : other))
    : [...accounts, account];
}

/** Whether a call has ended. */
export function isOver(call: CallView): boolean {
  return call.state.type === "Ended";
}

/** Whether two people are, or try to be, connected by it: it was made or taken here. */
export function isTalking(call: CallView): boolean {
  return !isOver(call) && !isAsking(call);
}

/** Whether it waits for this user to say yes or no. */
export function isAsking(call: CallView): boolean {
  return call.direction === "Incoming" && (call.state.type === "Ringing" || call.state.type === "Requested");
}

/**
 * The call with this id. One that this page did not see end, because it was reloaded, is put together from the
 * history.
 */
export function findCall(state: State, id: string): CallView | undefined {
  const live = state.calls.find(({ call }) => call === id);
  if (live !== undefined) return live;
  const past = state.history.find(({ call }) => call === id);
  if (past?.end == null) return undefined;
  return {
    call: past.call,
    account: past.account,
    direction: past.direction,
    peer: past.peer,
    peer_name: past.peer_name,
    verified: true,
    key_changed: false,
    video: past.video,
    state: { type: "Ended", reason: past.end },
    link: null,
    calling_too: false,
    waiting: false,
    conference: past.conference,
    ways: past.ways,
  };
}
