import type { CallId } from "../../bindings/CallId";
import type { App } from "../app.svelte";
import { Stage } from "./stage.svelte";

/** How many calls' stages are remembered: a user goes back and forth between a few. */
const REMEMBERED = 8;

const stages = new Map<CallId, Stage>();

/** The stage of a call, as the user left it. */
export function stageOf(app: App, call: CallId): Stage {
  const known = stages.get(call);
  if (known !== undefined) return known;
  const stage = new Stage(app, call);
  stages.set(call, stage);
  for (const old of [...stages.keys()].slice(0, -REMEMBERED)) stages.delete(old);
  return stage;
}
