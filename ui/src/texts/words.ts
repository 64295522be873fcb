import type { AccountState } from "../bindings/AccountState";
import type { CallView } from "../bindings/CallView";
import type { EndReason } from "../bindings/EndReason";
import type { HistoryEntry } from "../bindings/HistoryEntry";
import { CommandFailed } from "../host";
import { t, type Words } from ".";
import { seconds } from "./format";

/** What somebody is called: the name if one is known, else the address. */
export function nameOf(person: { readonly name: string; readonly address: string }): string {
  return person.name.trim() === "" ? person.address : person.name;
}

/** What the other side of a call is called. */
export function peerOf(call: Pick<CallView, "peer" | "peer_name">): string {
  return nameOf({ name: call.peer_name, address: call.peer });
}

/** Whether an account can be called, and if not, why. */
export function accountWords(state: AccountState): string {
  switch (state.type) {
    case "Connecting":
      return t.account.connecting;
    case "Ready":
      return t.account.ready;
    case "ReadySlowly":
      return t.account.readySlowly;
    case "Offline":
      return t.account.offline;
    case "SignedOut":
      return state.code === "secret_lost" ? t.account.secretLost : t.account.signedOut;
  }
}

/** A call's state as its person is told. */
export function callWords(call: CallView): Words {
  const name = peerOf(call);
  const { state } = call;
  switch (state.type) {
    case "Preparing":
      return t.call.Preparing;
    case "Sending":
      return state.retrying ? t.call.SendingAgain : t.call.Sending(name);
    case "Sent":
      return call.direction === "Incoming" ? t.call.IncomingRinging(name) : t.call.Sent(name);
    case "Ringing":
      return call.direction === "Incoming"
        ? t.call.IncomingRinging(name)
        : t.call.Ringing(name, state.device_name);
    case "Requested":
      return t.call.Requested(name);
    case "Connecting":
      return t.call.Connecting(name);
    case "Connected":
      return t.call.Connected;
    case "Reconnecting":
      return t.call.Reconnecting;
    case "Ended":
      return endWords(call, state.reason);
  }
}

function endWords(call: CallView, reason: EndReason): Words {
  const name = peerOf(call);
  const outgoing = call.direction === "Outgoing";
  switch (reason.type) {
    case "HungUp":
      return !reason.by_peer && (call.conference?.people.length ?? 0) > 1
        ? t.ended.Left
        : t.ended.HungUp(name, reason.by_peer);
    case "Cancelled":
      return outgoing ? t.ended.CancelledOut(name) : t.ended.CancelledIn(name);
    case "Declined":
      return outgoing ? t.ended.DeclinedOut[reason.reason](name) : t.ended.DeclinedIn;
    case "NoAnswer":
    case "NoDevice":
    case "Missed":
    case "Superseded":
    case "LinkLost":
    case "NeverConnected":
    case "Unreachable":
      return t.ended[reason.type](name);
    case "AnsweredElsewhere":
    case "NotSent":
    case "NoPage":
    case "Interrupted":
      return t.ended[reason.type];
  }
}

/** The mail server's own words about the end of a call, for a details line; empty if it said nothing. */
export function endDetail(call: CallView): string {
  return call.state.type === "Ended" && call.state.reason.type === "Unreachable"
    ? call.state.reason.words
    : "";
}

/** How a call of the past ended, in a few words. */
export function historyWords(entry: HistoryEntry): string {
  const { ends } = t.history;
  const { end } = entry;
  const outgoing = entry.direction === "Outgoing";
  if (end === null) return t.history.running;
  switch (end.type) {
    case "Cancelled":
      return outgoing ? ends.CancelledOut : ends.CancelledIn;
    case "Declined":
      if (!outgoing) return ends.DeclinedIn;
      return end.reason === "busy" ? ends.BusyOut : ends.DeclinedOut;
    case "HungUp":
    case "NoAnswer":
    case "NoDevice":
    case "Missed":
    case "AnsweredElsewhere":
    case "Superseded":
    case "LinkLost":
    case "NeverConnected":
    case "Unreachable":
    case "NotSent":
    case "NoPage":
    case "Interrupted":
      return ends[end.type];
  }
}

/** A mail slower than this makes callers wait, in ms. */
const SLOW_MS = 5000;

/** Whether a mail to oneself that took `ms` took long. */
export function isSlow(ms: number): boolean {
  return ms > SLOW_MS;
}

/** What a mail to oneself that took `ms` means for whoever calls. */
export function selfTestWords(ms: number): Words {
  const time = seconds(t.language, ms);
  return isSlow(ms) ? t.selfTest.slow(time) : t.selfTest.good(time);
}

/** Whether the user did not get to talk to somebody who tried to reach them. */
export function wasMissed(entry: HistoryEntry): boolean {
  return entry.direction === "Incoming" && (entry.end?.type === "Missed" || entry.end?.type === "Cancelled");
}

/** What to tell of a failure, and the words of the server or the system for the details line. */
export function failureWords(error: unknown): Words & { readonly detail: string } {
  if (error instanceof CommandFailed) return { ...t.errors[error.code], detail: error.detail };
  return { ...t.errors.fault, detail: error instanceof Error ? error.message : "" };
}
