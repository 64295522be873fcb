import type { AccountView } from "../bindings/AccountView";
import type { Answer } from "../bindings/Answer";
import type { CallState } from "../bindings/CallState";
import type { CallView } from "../bindings/CallView";
import type { Command } from "../bindings/Command";
import type { EndReason } from "../bindings/EndReason";
import type { Event } from "../bindings/Event";
import type { SignIn } from "../bindings/SignIn";
import type { Snapshot } from "../bindings/Snapshot";
import { CommandFailed, type Host, type HostStatus, Listeners, type Unsubscribe } from "./host";
import { isOver, isTalking } from "./store";

/** What the fake answers to a command instead of its own answer; undefined: its own. */
export type Scripted = (command: Command) => Answer | CommandFailed | undefined;

/** A step of a call that plays by itself: what it becomes, and after how many ms. */
type Step = readonly [after: number, state: CallState];

const ANSWERED: readonly Step[] = [
  [0, { type: "Preparing" }],
  [200, { type: "Sending", retrying: false }],
  [700, { type: "Sent" }],
  [1500, { type: "Ringing", device_name: "laptop" }],
  [2500, { type: "Connecting" }],
  [600, { type: "Connected" }],
];

const FAKE_KEY = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n(not a key)\n-----END PGP PRIVATE KEY BLOCK-----";

export interface FakeOptions {
  readonly snapshot: Snapshot;
  readonly scripted?: Scripted;
  /** Multiplies every pause; 0 plays calls at once. */
  readonly pace?: number;
  /** The page is not let in: it hears nothing. */
  readonly silent?: boolean;
}

/** A backend that is not there: for tests, and for work on the views without one. Keeps all it was told. */
export class FakeHost implements Host {
  readonly kind = "fake";
  readonly quit = (): Promise<void> => {
    this.setStatus("connecting");
    return Promise.resolve();
  };
  readonly commands: Command[] = [];
  #snapshot: Snapshot;
  readonly #scripted: Scripted;
  readonly #pace: number;
  readonly #events = new Listeners<Event>();
  readonly #statuses = new Listeners<HostStatus>();
  readonly #plays = new Map<string, ReturnType<typeof setTimeout>>();
  /** Calls that were accepted, and whether with picture. */
  readonly #taken = new Map<string, boolean>();
  readonly #silent: boolean;
  #status: HostStatus;
  #ids = 0;

  constructor({ snapshot, scripted = () => undefined, pace = 1, silent = false }: FakeOptions) {
    this.#snapshot = snapshot;
    this.#scripted = scripted;
    this.#pace = pace;
    this.#silent = silent;
    this.#status = silent ? "connecting" : "open";
  }

  onEvent(listener: (event: Event) => void): Unsubscribe {
    if (!this.#silent) listener({ type: "Snapshot", ...this.#snapshot });
    return this.#events.add(listener);
  }

  onStatus(listener: (status: HostStatus) => void): Unsubscribe {
    listener(this.#status);
    return this.#statuses.add(listener);
  }

  close(): void {
    for (const timer of this.#plays.values()) clearTimeout(timer);
  }

  /** Lets the connection break or come back. */
  setStatus(status: HostStatus): void {
    this.#status = status;
    this.#statuses.tell(status);
  }

  /** Lets something happen. */
  emit(event: Event): void {
    this.#events.tell(event);
  }

  async send(command: Command): Promise<Answer> {
    this.commands.push(command);
    await this.#pause(commandPause(command));
    const scripted = this.#scripted(command);
    if (scripted instanceof CommandFailed) throw scripted;
    if (scripted === undefined && this.#isTooLate(command)) throw unknownCall();
    return scripted ?? this.#obey(command);
  }

  #obey(command: Command): Answer {
    switch (command.type) {
      case "Discover":
        return { type: "Discovered", servers: serversOf(command.address), confirm: false, hint: null };
      case "SignIn":
        return { type: "SignedIn", account: this.#signIn(command) };
      case "SelfTest":
        return { type: "SelfTested", ms: 840 };
      case "Call":
        return { type: "Called", call: this.#call(command) };
      case "Accept":
        this.#endBusy(command.conference ?? this.#find(command.call)?.conference?.id, command.call);
        this.#taken.set(command.call, command.video);
        this.#play(command.call, [
          [0, { type: "Connecting" }],
          [400, { type: "Connected" }],
        ]);
        break;
      case "AcceptRequest":
        this.#play(command.call, [[0, { type: "Ringing", device_name: "" }]]);
        break;
      case "Decline":
        this.#end(command.call, { type: "Declined", reason: "declined" });
        break;
      case "HangUp":
        this.#hangUp(command.call);
        break;
      case "Expel":
        this.#end(command.call, { type: "HungUp", by_peer: false });
        break;
      case "SignOut":
        this.#forgetAccount(command.account);
        break;
      case "SetName":
        this.#rename(command.account, command.name);
        break;
      case "PutContact":
      case "RemoveContact":
        this.#contacts(command);
        break;
      case "ExportKey":
        return { type: "Key", key: FAKE_KEY };
      case "ImportKey":
        this.#unseal(command.account);
        return { type: "SignedIn", account: command.account };
      case "Prove":
        return { type: "Proof", proof: "a-proof" };
      case "CheckProof":
        return { type: "Proven", state: "proven" };
      case "History":
        return { type: "History", entries: [] };
      case "Forget":
        this.#history(({ call }) => command.call !== null && call !== command.call);
        break;
      case "SetSettings":
        this.#keep({ settings: command.settings });
        this.emit({ type: "SettingsChanged", settings: command.settings });
        break;
      case "Hello":
      case "Focused":
      case "Closed":
      case "OpenContact":
      case "ShowCall":
      case "OpenPage":
      case "Conference":
      case "Courier":
      case "Described":
      case "LinkState":
      case "SignalFromLink":
      case "SetPassword":
      case "AcceptKey":
      case "NetworkChanged":
        break;
    }
    return { type: "Done" };
  }

  #rename(account: number, name: string): void {
    const known = this.#snapshot.accounts.find((one) => one.account === account);
    if (known === undefined) return;
    const renamed = { ...known, name };
    this.#keep({ accounts: this.#snapshot.accounts.map((one) => (one === known ? renamed : one)) });
    this.emit({ type: "AccountChanged", account: renamed });
  }

  #signIn({ address, name, servers, secrets }: SignIn): number {
    const account: AccountView = {
      account: this.#snapshot.accounts.length + 1,
      address,
      name,
      state: { type: "Ready" },
      fingerprint: "5d1f0c3b7a9e2468ace0135799bbddff01234567",
      sealed_elsewhere: false,
      servers: servers ?? serversOf(address),
      secrets,
    };
    this.#keep({ accounts: [...this.#snapshot.accounts, account] });
    this.emit({ type: "AccountChanged", account });
    return account.account;
  }

  #unseal(id: number): void {
    const accounts = this.#snapshot.accounts.map((one) =>
      one.account === id ? { ...one, sealed_elsewhere: false } : one,
    );
    this.#keep({ accounts });
    for (const account of accounts) this.emit({ type: "AccountChanged", account });
  }

  #forgetAccount(account: number): void {
    this.#keep({ accounts: this.#snapshot.accounts.filter((one) => one.account !== account) });
    this.emit({ type: "AccountRemoved", account });
  }

  #call({ account, address, video, conference = null }: Extract<Command, { type: "Call" }>): string {
    const id = (++this.#ids).toString(16).padStart(32, "f");
    const contact = this.#snapshot.contacts.find((one) => one.address === address);
    this.#endBusy(conference?.id);
    this.#change({
      call: id,
      account,
      direction: "Outgoing",
      peer: address,
      peer_name: contact?.name ?? "",
      verified: contact?.fingerprint != null,
      key_changed: false,
      video,
      state: { type: "Preparing" },
      link: null,
      calling_too: false,
      waiting: false,
      conference,
      ways: [],
    });
    // Whoever is invited into a conference lets it ring: who is in it, the fake room says.
    this.#play(id, conference === null ? ANSWERED : ANSWERED.slice(0, -2));
    return id;
  }

  #isTooLate(command: Command): boolean {
    if (command.type !== "Accept" && command.type !== "HangUp") return false;
    const call = this.#find(command.call);
    return call === undefined || isOver(call);
  }

  /** Ends what the user is busy with, but not the conference to which the next call belongs. */
  #endBusy(conference: string | undefined, next = ""): void {
    const goesOn = (call: CallView) => conference !== undefined && call.conference?.id === conference;
    for (const call of this.#snapshot.calls)
      if (isTalking(call) && call.call !== next && !goesOn(call)) this.#hangUp(call.call);
  }

  /** Who hangs up on one leaves the conference. */
  #hangUp(id: string): void {
    const call = this.#find(id);
    if (call === undefined || isOver(call)) return;
    const connected = call.state.type === "Connected";
    this.#end(id, connected ? { type: "HungUp", by_peer: false } : { type: "Cancelled" });
    const { conference } = call;
    if (!connected || conference === null) return;
    for (const other of this.#snapshot.calls)
      if (isTalking(other) && other.conference?.id === conference.id) this.#hangUp(other.call);
  }

  #end(id: string, reason: EndReason): void {
    clearTimeout(this.#plays.get(id));
    this.#advance(id, { type: "Ended", reason });
  }

  #play(id: string, [step, ...rest]: readonly Step[]): void {
    if (step === undefined) return;
    const timer = setTimeout(() => {
      this.#advance(id, step[1]);
      this.#play(id, rest);
    }, step[0] * this.#pace);
    this.#plays.set(id, timer);
  }

  #advance(id: string, state: CallState): void {
    const call = this.#find(id);
    if (call === undefined) return;
    const link = id.replace(/^./, "e");
    if (state.type === "Connecting") this.emit({ type: "MakeOffer", call: id, link });
    const video = this.#taken.get(id) ?? call.video;
    if (state.type === "Connected") {
      this.emit({ type: "UseMedia", link, video, hosts: call.direction === "Outgoing", conference: null });
    }
    this.#change({ ...call, state, link: state.type === "Connecting" || call.link !== null ? link : null });
  }

  #find(id: string): CallView | undefined {
    return this.#snapshot.calls.find(({ call }) => call === id);
  }

  #change(call: CallView): void {
    this.#keep({ calls: [...this.#snapshot.calls.filter((one) => one.call !== call.call), call] });
    this.emit({ type: "CallChanged", call });
  }

  #contacts(command: Extract<Command, { type: "PutContact" | "RemoveContact" }>): void {
    const { account, address } = command;
    const old = this.#snapshot.contacts.find((one) => one.account === account && one.address === address);
    const others = this.#snapshot.contacts.filter((one) => one !== old);
    const base = old ?? { account, address, name: "", fingerprint: null, changed_key: null };
    const contacts = command.type === "PutContact" ? [...others, { ...base, name: command.name }] : others;
    this.#keep({ contacts });
    this.emit({ type: "ContactsChanged", contacts });
  }

  #history(stays: (entry: Snapshot["history"][number]) => boolean): void {
    const entries = this.#snapshot.history.filter(stays);
    this.#keep({ history: entries });
    this.emit({ type: "HistoryChanged", entries });
  }

  #keep(part: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...part };
  }

  #pause(ms: number): Promise<void> {
    return ms * this.#pace === 0
      ? Promise.resolve()
      : new Promise((resolve) => setTimeout(resolve, ms * this.#pace));
  }
}

function unknownCall(): CommandFailed {
  return new CommandFailed({ code: "unknown_call", detail: "", certificate: null });
}

function commandPause({ type }: Command): number {
  return type === "Discover" ? 700 : type === "SignIn" ? 1200 : type === "SelfTest" ? 900 : 0;
}

function serversOf(address: string): AccountView["servers"] {
  const domain = address.split("@")[1] ?? "";
  return {
    imap: { host: `imap.${domain}`, port: 993, security: "tls" },
    smtp: { host: `smtp.${domain}`, port: 465, security: "tls" },
    login: null,
  };
}
