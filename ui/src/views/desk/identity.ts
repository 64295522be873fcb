import type { Answer } from "../../bindings/Answer";
import type { CallId } from "../../bindings/CallId";
import type { CallView } from "../../bindings/CallView";
import type { Command } from "../../bindings/Command";
import type { Identity, Person, Proven } from "../../conference";
import { CommandFailed, findCall, type State } from "../../host";

/** Who people are, as the backend knows it. */
export class BackendIdentity implements Identity {
  readonly #state: () => State | null;
  readonly #ask: (command: Command) => Promise<Answer>;

  constructor(state: () => State | null, ask: (command: Command) => Promise<Answer>) {
    this.#state = state;
    this.#ask = ask;
  }

  personOf(call: CallId): Person | null {
    const view = this.#call(call);
    if (view === undefined) return null;
    const { peer_name: name, peer: address, verified, key_changed: keyChanged } = view;
    return { name, address, verified, keyChanged };
  }

  own(call: CallId): { name: string; address: string; device: string } {
    const state = this.#state();
    const account = state?.accounts.find((one) => one.account === this.#call(call)?.account);
    return {
      name: account?.name ?? "",
      address: account?.address ?? "",
      device: state?.settings.device_name ?? "",
    };
  }

  async prove(call: CallId, conference: string, participant: string): Promise<string | null> {
    const view = this.#call(call);
    if (view === undefined) return null;
    const answer = await this.#askOrNull({
      type: "Prove",
      account: view.account,
      conference,
      participant,
    });
    return answer?.type === "Proof" ? answer.proof : null;
  }

  async check(call: CallId, claim: Parameters<Identity["check"]>[1]): Promise<Proven> {
    const view = this.#call(call);
    if (view === undefined) return "unknown";
    const answer = await this.#askOrNull({ type: "CheckProof", account: view.account, ...claim });
    return answer?.type === "Proven" ? answer.state : "unknown";
  }

  /** Null if the backend is away or does not understand: nothing is proven then, and nothing is wrong. */
  async #askOrNull(command: Command): Promise<Answer | null> {
    try {
      return await this.#ask(command);
    } catch (error) {
      if (error instanceof CommandFailed) return null;
      throw error;
    }
  }

  #call(call: CallId): CallView | undefined {
    const state = this.#state();
    return state === null ? undefined : findCall(state, call);
  }
}
