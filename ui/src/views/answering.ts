import type { CallView } from "../bindings/CallView";
import type { App } from "./app.svelte";
import { isOpen } from "./conferences";

/**
 * The running call to whose conference somebody who calls can be added; null if there is none, or the organiser locked
 * it, or it is full, or the caller invites into another one.
 */
export function adding(app: App, call: CallView): CallView | null {
  const running = app.state?.calls.find(
    (other) => other.call !== call.call && other.state.type === "Connected" && other.conference !== null,
  );
  if (running === undefined) return null;
  const into = app.leaderOf(running);
  const another = call.conference !== null && call.conference.id !== into.conference?.id;
  return another || !isOpen(app.conference(into.call)) ? null : into;
}
