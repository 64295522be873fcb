import { createContext } from "svelte";
import { createSubscriber, SvelteMap } from "svelte/reactivity";

import type { AccountId } from "../bindings/AccountId";
import type { AccountView } from "../bindings/AccountView";
import type { Address } from "../bindings/Address";
import type { Answer } from "../bindings/Answer";
import type { CallId } from "../bindings/CallId";
import type { CallView } from "../bindings/CallView";
import type { Conference } from "../bindings/Conference";
import type { Command } from "../bindings/Command";
import type { Event } from "../bindings/Event";
import type { PageEvent } from "../bindings/PageEvent";
import type { ConferenceView, Refusal, Room } from "../conference";
import {
  CommandFailed,
  endedBefore,
  type Host,
  type HostStatus,
  isOver,
  isTalking,
  reduce,
  type State,
} from "../host";
import type { Devices, LocalMediaView, SoundProcessing, Thrift } from "../media";
import { t } from "../texts";
import { failureWords, peerOf } from "../texts/words";
import { leaderOf } from "./conferences";
import { Deferrer } from "./deferred";
import type { Desk, DeskPorts } from "./desk/desk";
import { Dialling } from "./dialling.svelte";
import { endingWith, HangUps, hungUp } from "./hang-ups";
import { Links } from "./links.svelte";
import { offerRecord } from "./record-offer";
import { Records } from "./records.svelte";
import { hashOf, parseRoute, type Route } from "./route";
import { type NewToast, Toasts } from "./toasts.svelte";

/** How long another window may take to come to the front, in ms. */
const RAISE_MS = 1000;

export interface AppPorts {
  readonly host: Host;
  readonly canWebrtc: boolean;
  /** The conference is fetched after the first picture of the page. */
  loadDesk(ports: DeskPorts): Promise<Desk>;
}

/** What the views share: the state, where the user is, and the way to the backend. */
export class App {
  readonly host: Host;
  readonly canWebrtc: boolean;
  /** The call this window was opened for, if it was. */
  readonly openedFor: CallId | null;
  /** The browser refuses to play sound until the user has clicked. */
  soundBlocked = $state(false);
  /** How loud somebody is played here, 0 to 1, by the key of the participant; absent: as it comes. */
  readonly volumes = new SvelteMap<string, number>();
  /** Calls that the user was put out of, or not let into, and why. */
  readonly removedFrom = new SvelteMap<CallId, Refusal | "removed">();
  /** What was written in calls that are over. */
  readonly records = new Records();
  status = $state<HostStatus>("connecting");
  route = $state.raw<Route>(parseRoute(location.hash));
  readonly toasts = new Toasts();
  readonly dialling = new Dialling(this);
  #state = $state.raw<State | null>(null);
  #desk = $state.raw<Desk | null>(null);
  readonly #links = new Links();
  readonly #hangUps = new HangUps();
  #deferredVersion = $state(0);
  readonly #deferrer = new Deferrer(() => this.#deferredVersion++);
  readonly #followDesk = createSubscriber((update) => this.#desk?.subscribe(update));
  #early: PageEvent[] = [];

  constructor(ports: AppPorts) {
    this.host = ports.host;
    this.canWebrtc = ports.canWebrtc;
    this.openedFor = "call" in this.route ? this.route.call : null;
    ports.host.onStatus((status) => {
      this.status = status;
    });
    ports.host.onEvent((event) => this.#take(event));
    addEventListener("hashchange", () => {
      this.route = parseRoute(location.hash);
    });
    addEventListener("focus", () => this.tell({ type: "Focused" }));
    if (document.hasFocus()) this.tell({ type: "Focused" });
    addEventListener("online", () => this.#networkChanged());
    // Only Chromium tells of a change that leaves the device online, such as from Wi-Fi to a cable.
    const { connection } = navigator as { connection?: EventTarget };
    connection?.addEventListener("change", () => this.#networkChanged());
    addEventListener("pagehide", () => this.#deferrer.flush());
    if (ports.canWebrtc) this.#openDesk(ports);
  }

  /** Null until the first snapshot. */
  get state(): State | null {
    return this.#state;
  }

  /** Null until it is loaded, and where this page cannot make links. */
  get desk(): Desk | null {
    return this.#desk;
  }

  /** The own sound and picture; a view that reads it follows its changes. */
  get local(): LocalMediaView | null {
    this.#deskChanges();
    return this.#desk?.local() ?? null;
  }

  /** Who is in a call; a view that reads it follows its changes. */
  conference(call: CallId): ConferenceView | null {
    this.#deskChanges();
    return this.#desk?.conference(call) ?? null;
  }

  /** What the user can do in a call's conference; null until the other end is ready. */
  room(call: CallId): Room | null {
    this.#deskChanges();
    return this.#desk?.room(call) ?? null;
  }

  /** How the microphone's sound is treated; null until it is known. */
  get processing(): SoundProcessing | null {
    this.#deskChanges();
    return this.#desk?.processing() ?? null;
  }

  /** How much the user wants to spend on pictures. */
  get thrift(): Thrift {
    this.#deskChanges();
    return this.#desk?.thrift() ?? "none";
  }

  /** The devices; a view that reads them follows their changes. */
  get devices(): Devices | null {
    this.#deskChanges();
    return this.#desk?.devices ?? null;
  }

  /** Whether a call's picture and sound are on this page. */
  carries(call: CallId): boolean {
    return this.#links.of(call).length > 0;
  }

  account(id: AccountId): AccountView | undefined {
    return this.#state?.accounts.find(({ account }) => account === id);
  }

  go(route: Route, how: "push" | "replace" = "push"): void {
    if (how === "replace") location.replace(hashOf(route));
    else location.hash = hashOf(route);
    this.route = route;
  }

  /** Rejects with a `CommandFailed`; for a view that shows the failure itself. */
  send(command: Command): Promise<Answer> {
    return this.host.send(command);
  }

  /** Sends a command; a failure is shown as a message. True if it was done. */
  async run(command: Command): Promise<boolean> {
    try {
      await this.host.send(command);
      return true;
    } catch (error) {
      this.fault(error);
      return false;
    }
  }

  /** Sends a report nobody waits for. That the backend is away is shown already. */
  tell(command: Command, failed = (): void => undefined): void {
    this.host.send(command).catch((error: unknown) => {
      failed();
      if (!(error instanceof CommandFailed && error.code === "disconnected")) this.fault(error);
    });
  }

  /** The one place for errors nobody else shows. */
  fault = (error: unknown): void => {
    this.toast({ kind: "error", ...failureWords(error) });
  };

  /** Calls somebody, and shows the call; asks first if another one would end. `conference`: to come back into it. */
  call(
    account: AccountId,
    address: Address,
    video: boolean,
    conference: Conference | null = null,
  ): Promise<boolean> {
    return this.dialling.call({ account, address, video, conference });
  }

  /** Takes a call. What it cannot go together with ends in the same step, and only if it is taken. */
  async accept(call: CallView, video: boolean): Promise<void> {
    // What the preview shows is not shown to the other side against the user's word.
    if (!video) this.#desk?.setCamera(false);
    const { route } = this;
    if (await this.run({ type: "Accept", call: call.call, video })) {
      if (this.canWebrtc) this.go({ view: "call", call: call.call }, "replace");
      // The page of a call that ended for this one was there too short a time to be read.
      if ("call" in route) offerRecord(this, route.call);
    }
  }

  /** Ends a call, and with it its conference; here at once, should the backend be away. */
  hangUp(call: CallView): void {
    if (this.status !== "open") this.#endHere(call);
    this.#sayHungUp(call.call);
  }

  /** Invites somebody into a conference in which the user is; what is shown stays. */
  invite(call: CallView, address: Address, conference: Conference): Promise<boolean> {
    return this.run({ type: "Call", account: call.account, address, video: call.video, conference });
  }

  /** Takes a call into the conference in which the user is. */
  async add(call: CallView, into: CallView, video: boolean): Promise<void> {
    const conference = into.conference?.id ?? null;
    if (await this.run({ type: "Accept", call: call.call, video, conference })) {
      if (this.canWebrtc) this.go({ view: "call", call: into.call });
    }
  }

  /** The call that stands for all of the conference of this one. */
  leaderOf(call: CallView): CallView {
    return this.#state === null ? call : leaderOf(call, this.#state);
  }

  /** Calls, those of one conference as one. */
  leading(calls: readonly CallView[]): CallView[] {
    return calls.filter((call) => this.leaderOf(call) === call);
  }

  /**
   * Leaves the page of a call that is over. A window that was opened for the call closes; a browser lets it, as long
   * as it went nowhere else.
   */
  leave(call: CallId): void {
    if (this.openedFor === call) {
      this.tell({ type: "Closed" });
      window.close();
    }
    this.go({ view: "main" }, "replace");
  }

  /** Brings the window of a call to the front, or says where to find it: browsers let nobody raise their windows. */
  async show(call: CallView): Promise<void> {
    try {
      await this.host.send({ type: "ShowCall", call: call.call });
    } catch (error) {
      // Without a native window there is nobody to raise it.
      const nobody = error instanceof CommandFailed && error.code === "no_browser" && this.canWebrtc;
      if (!nobody) return this.fault(error);
    }
    setTimeout(() => {
      if (document.hasFocus()) this.toast(t.call.behind(peerOf(call)));
    }, RAISE_MS);
  }

  /** Shown as done at once; done when it can no longer be undone. `kept`: it was undone, or could not be done. */
  later(key: string, done: string, command: Command, kept = (): void => undefined): void {
    const deferred = this.#deferrer.defer(key, () => this.tell(command, kept));
    const undo = () => deferred.undo() && kept();
    this.toast({ title: done, action: { label: t.app.undo, run: undo } });
  }

  isDeferred(key: string): boolean {
    return this.#deferredVersion >= 0 && this.#deferrer.has(key);
  }

  toast(toast: NewToast): void {
    this.toasts.add(toast);
  }

  #take(told: Event): void {
    const event = this.#hangUps.seen(told);
    const gone = event.type === "Snapshot" ? endedBefore(event, this.#state, this.#links.calls) : [];
    this.#state = reduce(this.#state, event);
    for (const call of gone) this.#ended(call);
    switch (event.type) {
      case "Snapshot":
      case "SettingsChanged":
      case "AccountChanged":
        this.#configure();
        break;
      case "NetworkChanged":
        this.#desk?.networkChanged();
        break;
      case "MakeOffer":
      case "MakeAnswer":
      case "CloseLink":
      case "UseAnswer":
      case "UseMedia":
      case "SendOnLink":
      case "TakeCourier":
        this.#links.follow(event);
        this.#handle(event);
        break;
      case "CallChanged":
        if (isOver(event.call)) this.#ended(event.call.call);
        break;
      case "AccountRemoved":
      case "ContactsChanged":
      case "HistoryChanged":
        break;
    }
    // Nobody closes what the backend has forgotten.
    for (const call of gone) this.#closeLinks(call);
    for (const call of this.#hangUps.unheard(told)) this.#sayHungUp(call);
  }

  /** Without the backend: the other side hears it from this page. */
  #endHere(call: CallView): void {
    const ending = endingWith(call, this.#state?.calls ?? []);
    for (const one of ending) {
      this.#hangUps.add(one.call);
      this.#keepRecord(one.call);
    }
    for (const one of ending) {
      this.#desk?.hangUp(one.call);
      this.#take({ type: "CallChanged", call: hungUp(one) });
      this.#closeLinks(one.call);
    }
  }

  #sayHungUp(id: CallId): void {
    this.host.send({ type: "HangUp", call: id }).catch((error: unknown) => {
      const code = error instanceof CommandFailed ? error.code : null;
      if (code !== "disconnected" && code !== "unknown_call") return this.fault(error);
      const call = this.#state?.calls.find((one) => one.call === id);
      if (call !== undefined) this.#endHere(call);
    });
  }

  #keepRecord(call: CallId): void {
    if (this.#desk !== null) this.records.keep(call, this.#desk);
  }

  #closeLinks(call: CallId): void {
    for (const link of this.#links.of(call)) this.#take({ type: "CloseLink", link });
  }

  #ended(call: CallId): void {
    this.#keepRecord(call);
    this.#desk?.callEnded(call);
    if (this.#state?.calls.some(isTalking) !== true) this.volumes.clear();
    offerRecord(this, call);
  }

  /** A desk that comes later is noticed by reading `#desk`. */
  #deskChanges(): void {
    if (this.#desk !== null) this.#followDesk();
  }

  #handle(event: PageEvent): void {
    if (this.#desk === null) this.#early.push(event);
    else this.#desk.handle(event);
  }

  #networkChanged(): void {
    this.#desk?.networkChanged();
    this.tell({ type: "NetworkChanged" });
  }

  #configure(): void {
    if (this.#state === null) return;
    this.#desk?.configure(this.#state.settings);
  }

  #removed(call: CallId, why: Refusal | "removed"): void {
    this.removedFrom.set(call, why);
    // The page of the call says it itself, for as long as the user looks.
    if (this.route.view !== "call") this.toast(t.call.putOut[why]);
    const known = this.#state?.calls.find((one) => one.call === call);
    if (known !== undefined) this.hangUp(known);
  }

  #openDesk(ports: AppPorts): void {
    ports
      .loadDesk({
        send: (command) => this.tell(command),
        ask: (command) => this.host.send(command),
        state: () => this.#state,
        removed: (call, why) => this.#removed(call, why),
        fault: this.fault,
      })
      .then((desk) => {
        this.#desk = desk;
        this.#configure();
        for (const event of this.#early.splice(0)) desk.handle(event);
        addEventListener("pagehide", ({ persisted }) => {
          if (!persisted) desk.close();
        });
      })
      .catch(this.fault);
  }
}

export const [useApp, provideApp] = createContext<App>();
