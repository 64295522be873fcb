import type { CallId } from "../bindings/CallId";
import { findCall, isTalking } from "../host";
import { t } from "../texts";
import { peerOf } from "../texts/words";
import type { App } from "./app.svelte";

/**
 * Offers to save what was written in a call that is over, once, unless the page of the call does so itself. As long as
 * its conference goes on by another call, nothing is lost yet.
 */
export function offerRecord(app: App, id: CallId): void {
  const { route, state } = app;
  const record = app.records.get(id);
  if (record === undefined || state === null) return;
  const call = findCall(state, id);
  const belongs = (other: CallId) => {
    const conference = findCall(state, other)?.conference?.id;
    return other === id || (conference !== undefined && conference === call?.conference?.id);
  };
  const isShown = "call" in route && belongs(route.call);
  if (isShown || state.calls.some((other) => isTalking(other) && belongs(other.call))) return;
  if (!app.records.offer(id)) return;
  const save = async () => (await import("./call/panel/record")).saveRecord(record);
  app.toast({
    title: t.written.title,
    text: call === undefined ? "" : t.written.text(call.conference?.topic || peerOf(call)),
    stays: true,
    action: { label: t.app.save, run: () => void save().catch(app.fault) },
  });
}
