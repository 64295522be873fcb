import type { AccountId } from "../bindings/AccountId";
import type { Address } from "../bindings/Address";
import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { Conference } from "../bindings/Conference";
import { isTalking } from "../host";
import type { App } from "./app.svelte";
import { isLocked } from "./conferences";
import { crowdWords, type Headcount, headcount, isIn, oneMore } from "./headcount";
import { participantName } from "./names";

/** A call that the user wants to make. */
export interface Attempt {
  readonly account: AccountId;
  readonly address: Address;
  readonly video: boolean;
  /** To come back into it. */
  readonly conference: Conference | null;
}

/** What to do with what goes on, before another call takes its place. */
export type Reply = "invite" | "instead" | "cancel";

export interface Question {
  readonly attempt: Attempt;
  /** What would end. */
  readonly running: CallId;
  answer(reply: Reply): void;
}

/** Makes calls, and asks first when that ends another one. */
export class Dialling {
  question = $state.raw<Question | null>(null);
  readonly #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  /** True if the call was made, or the other person invited. */
  async call(attempt: Attempt): Promise<boolean> {
    const running = this.#inTheWay(attempt);
    if (running === null) return this.#dial(attempt);
    const reply = await this.#ask(attempt, running.call);
    if (reply === "instead") return this.#dial(attempt);
    return reply === "invite" && this.#invite(attempt, running.call);
  }

  /** What an invitation into the call that goes on says; null: this person cannot be invited from here, or is in. */
  invitation(question: Pick<Question, "attempt" | "running">): Conference | null {
    const call = this.#invitable(question);
    const count = this.#count(question);
    return call === null || (count !== null && oneMore(count) === "full")
      ? null
      : invitationInto(this.#app, call);
  }

  /** What it means for everybody that this person is invited, or why there is no place; empty: nothing. */
  crowd(question: Pick<Question, "attempt" | "running">): string {
    const count = this.#count(question);
    return count === null ? "" : crowdWords(count);
  }

  /** Null: this person cannot be invited anyway, or it is not known how many there are. */
  #count(question: Pick<Question, "attempt" | "running">): Headcount | null {
    const call = this.#invitable(question);
    const view = call && this.#app.conference(call.call);
    return call && view && headcount(view, call, this.#app.state?.calls ?? [], question.attempt.address);
  }

  /** The call that goes on, if this person can be invited into it as long as there is a place. */
  #invitable({ attempt, running }: Pick<Question, "attempt" | "running">): CallView | null {
    const call = this.#app.state?.calls.find((one) => one.call === running);
    if (call?.state.type !== "Connected" || attempt.conference !== null || call.account !== attempt.account)
      return null;
    const view = this.#app.conference(running);
    const isInside = view !== null && isIn(view.participants, call, attempt.address);
    return isInside || isLocked(view) ? null : call;
  }

  /** The call that goes on and would end; null if this one takes nothing's place. */
  #inTheWay({ account, address, conference }: Attempt): CallView | null {
    const talking = this.#app.state?.calls.filter(isTalking) ?? [];
    if (talking.some((call) => call.account === account && call.peer === address && !isOnlyCarried(call)))
      return null;
    const ending = talking.filter((call) => conference === null || call.conference?.id !== conference.id);
    const running = ending.find(({ state }) => state.type === "Connected") ?? ending[0];
    return running === undefined ? null : this.#app.leaderOf(running);
  }

  #ask(attempt: Attempt, running: CallId): Promise<Reply> {
    this.question?.answer("cancel");
    return new Promise((resolve) => {
      const answer = (reply: Reply) => {
        this.question = null;
        resolve(reply);
      };
      this.question = { attempt, running, answer };
    });
  }

  async #dial({ account, address, video, conference }: Attempt): Promise<boolean> {
    try {
      const answer = await this.#app.send({ type: "Call", account, address, video, conference });
      if (answer.type === "Called") this.#app.go({ view: "call", call: answer.call });
      return true;
    } catch (error) {
      this.#app.fault(error);
      return false;
    }
  }

  async #invite(attempt: Attempt, running: CallId): Promise<boolean> {
    const conference = this.invitation({ attempt, running });
    const call = this.#app.state?.calls.find((one) => one.call === running);
    if (conference === null || call === undefined) return false;
    const invited = await this.#app.invite(call, attempt.address, conference);
    if (invited) this.#app.go({ view: "call", call: running });
    return invited;
  }
}

/** Whoever it reached is gone from it; the others of its conference keep it alive. */
function isOnlyCarried({ state, link }: CallView): boolean {
  return state.type === "Connected" && link === null;
}

/** What an invitation into the conference of a call says; null until it can be invited into. */
export function invitationInto(app: App, call: CallView): Conference | null {
  const account = app.account(call.account);
  const own = account === undefined ? [] : [account.name.trim() || account.address];
  const view = app.conference(call.call);
  if (view === null) {
    const { conference } = call;
    return conference && { ...conference, people: [...own, ...conference.people] };
  }
  if (view.id === null) return null;
  const contacts = app.state?.contacts ?? [];
  const others = view.participants.map((one) => participantName(one, call, contacts));
  return { id: view.id, topic: view.topic, people: [...own, ...others] };
}
