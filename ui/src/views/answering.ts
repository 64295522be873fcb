import type { CallView } from "../bindings/CallView";
import { isTalking } from "../host";
import type { App } from "./app.svelte";
import { isLocked } from "./conferences";
import { crowdWords, headcount, oneMore } from "./headcount";

/** How somebody who calls can be answered, besides by declining. */
export interface Answers {
  /** The running call to whose conference they can be added. */
  readonly into: CallView | null;
  /** What it means for everybody that they are added, or why they cannot be; empty: nothing. */
  readonly crowd: string;
  /** They come to those who are talking already, and were in it before: nothing has to end for that. */
  readonly comesBack: boolean;
  /** Another call ends if this one is taken. */
  readonly switches: boolean;
}

export function answersTo(app: App, call: CallView): Answers {
  const switches = app.state?.calls.some((other) => isTalking(other) && !goTogether(call, other)) ?? false;
  const leader = call.calling_too && !switches ? null : adding(app, call);
  const view = leader && app.conference(leader.call);
  const count = leader && view && headcount(view, leader, app.state?.calls ?? [], call.peer);
  const meaning = count === null ? "seen" : oneMore(count);
  const into = meaning === "full" ? null : leader;
  return {
    into,
    // Where the pictures are gone already one more is no news.
    crowd: count === null || meaning === "heard" ? "" : crowdWords(count),
    comesBack: into !== null && call.conference !== null,
    switches,
  };
}

/** Two calls of one conference do, and of two who call each other one is as good as the other. */
function goTogether(call: CallView, other: CallView): boolean {
  const same = call.account === other.account && call.peer === other.peer;
  return (
    (call.calling_too && same) || (call.conference !== null && call.conference.id === other.conference?.id)
  );
}

/**
 * The running call to whose conference somebody who calls can be added if there is a place; null if there is none, or the
 * organiser locked it, or the caller invites into another one.
 */
function adding(app: App, call: CallView): CallView | null {
  const running = app.state?.calls.find(
    (other) => other.call !== call.call && other.state.type === "Connected" && other.conference !== null,
  );
  if (running === undefined) return null;
  const into = app.leaderOf(running);
  const another = call.conference !== null && call.conference.id !== into.conference?.id;
  return another || isLocked(app.conference(into.call)) ? null : into;
}
