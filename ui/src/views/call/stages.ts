import type { CallView } from "../../bindings/CallView";
import type { App } from "../app.svelte";
import { Stage } from "./stage.svelte";

/** How many stages are remembered: a user goes back and forth between a few. */
const REMEMBERED = 8;

/** The last one used first. */
let stages: readonly Stage[] = [];

/**
 * The stage of a call, as the user left it. A conference has one: when the call that led it ends, the stage goes to
 * the next one, which {@link Stage.id} has yet to be told.
 */
export function stageOf(app: App, call: CallView): Stage {
  const stage = stages.find((one) => one.id === call.call || leads(call, one)) ?? new Stage(app, call.call);
  stages = [stage, ...stages.filter((one) => one !== stage)].slice(0, REMEMBERED);
  return stage;
}

/** Only who is in takes it over: whoever comes back later begins anew. */
function leads({ state, conference }: CallView, stage: Stage): boolean {
  const isIn = state.type === "Connected" || state.type === "Reconnecting";
  return isIn && conference !== null && stage.call?.conference?.id === conference.id;
}
