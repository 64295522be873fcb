import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";

import { WebSocket } from "ws";

import type { AccountView } from "../../ui/src/bindings/AccountView.ts";
import type { Answer } from "../../ui/src/bindings/Answer.ts";
import type { CallState } from "../../ui/src/bindings/CallState.ts";
import type { CallView } from "../../ui/src/bindings/CallView.ts";
import type { ClientMessage } from "../../ui/src/bindings/ClientMessage.ts";
import type { Command } from "../../ui/src/bindings/Command.ts";
import type { CommandError } from "../../ui/src/bindings/CommandError.ts";
import type { Event } from "../../ui/src/bindings/Event.ts";
import type { HistoryEntry } from "../../ui/src/bindings/HistoryEntry.ts";
import type { ServerMessage } from "../../ui/src/bindings/ServerMessage.ts";
import type { Settings } from "../../ui/src/bindings/Settings.ts";
import { PATIENCE_MS, within } from "./wait.ts";

/** A command was not done. */
export class Refused extends Error {
  constructor(readonly error: CommandError) {
    super(`${error.code} ${error.detail}`);
  }
}

/** The states of a call by name. */
export type StateName = CallState["type"];

export interface ConnectOptions {
  readonly canWebrtc?: boolean;
  /** Makes the connection, if the backend is not on this machine's own network. */
  readonly dial?: () => Socket;
}

/** An event with the moment it was read. */
export interface Seen {
  readonly at: number;
  readonly event: Event;
}

/** A program at the automation socket of a backend, and what it has been told. */
export class Client {
  /** Every call it heard of, as it was last described; ended ones stay. */
  readonly calls = new Map<string, CallView>();
  accounts: AccountView[] = [];
  history: HistoryEntry[] = [];
  settings: Settings | undefined;
  /** All events, in order. */
  readonly seen: Seen[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { done: (answer: Answer) => void; failed: (error: Error) => void }>();
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<(event: Event) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("message", (data: Buffer) => this.#receive(JSON.parse(data.toString("utf8")) as ServerMessage));
    socket.on("close", () => {
      for (const { failed } of this.#waiting.values()) failed(new Error("the backend closed the connection"));
      this.#waiting.clear();
    });
    // A close follows, which fails whatever waits.
    socket.on("error", () => undefined);
  }

  /** Connects and says hello; `canWebrtc` if the story makes descriptions itself. */
  static async connect(
    url: string,
    token: string,
    { canWebrtc = false, dial }: ConnectOptions = {},
  ): Promise<Client> {
    const options = dial === undefined ? {} : { createConnection: dial };
    const socket = new WebSocket(new URL("/ws", url.replace(/^http/, "ws")), options);
    const opened = new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    await within(PATIENCE_MS, "the automation socket opens", opened);
    const client = new Client(socket);
    socket.send(token);
    await client.command({ type: "Hello", page: randomBytes(16).toString("hex"), can_webrtc: canWebrtc });
    return client;
  }

  onEvent(listener: (event: Event) => void): void {
    this.#listeners.add(listener);
  }

  close(): void {
    this.#socket.terminate();
  }

  async command(command: Command, ms = PATIENCE_MS): Promise<Answer> {
    const id = ++this.#lastId;
    const reply = new Promise<Answer>((done, failed) => this.#waiting.set(id, { done, failed }));
    this.#socket.send(JSON.stringify({ id, command } satisfies ClientMessage));
    return within(ms, `the reply to ${command.type}`, reply);
  }

  /** Waits until what it has been told satisfies `look`; looks at every event. */
  async until<T>(what: string, look: () => T | undefined, ms = PATIENCE_MS): Promise<T> {
    let watcher: (() => void) | undefined;
    const found = new Promise<T>((resolve) => {
      watcher = () => {
        const value = look();
        if (value !== undefined) resolve(value);
      };
      this.#watchers.add(watcher);
      watcher();
    });
    try {
      return await within(ms, what, found);
    } catch (error) {
      const states = [...this.calls.values()].map(({ state }) => JSON.stringify(state));
      const heard = states.length === 0 ? "no calls" : states.join(", ");
      throw new Error(`not in time: ${what}; the backend knows ${heard}`, { cause: error });
    } finally {
      if (watcher !== undefined) this.#watchers.delete(watcher);
    }
  }

  /** Waits for a call in this state; with `call`, for that one. */
  async untilCall<N extends StateName>(
    name: N,
    { call, ms }: { call?: string; ms?: number } = {},
  ): Promise<CallView & { state: Extract<CallState, { type: N }> }> {
    const is = (view: CallView): view is CallView & { state: Extract<CallState, { type: N }> } =>
      view.state.type === name && (call === undefined || view.call === call);
    return this.until(`a call is ${name}`, () => [...this.calls.values()].find(is), ms);
  }

  /** All states a call went through since the connection began. */
  statesOf(call: string): StateName[] {
    const names: StateName[] = [];
    for (const { event } of this.seen) {
      if (
        event.type === "CallChanged" &&
        event.call.call === call &&
        names.at(-1) !== event.call.state.type
      ) {
        names.push(event.call.state.type);
      }
    }
    return names;
  }

  /** Fails if something that must not happen happens within `ms`: the one wait that cannot be for an event. */
  async never(what: string, look: () => boolean, ms: number): Promise<void> {
    const happened = this.until(what, () => (look() ? true : undefined), ms).catch(() => false);
    if (await happened) throw new Error(`this must not happen: ${what}`);
  }

  #receive(message: ServerMessage): void {
    if ("reply" in message) {
      const waiting = this.#waiting.get(message.reply);
      this.#waiting.delete(message.reply);
      if ("ok" in message.result) waiting?.done(message.result.ok);
      else waiting?.failed(new Refused(message.result.error));
      return;
    }
    this.#learn(message.event);
    this.seen.push({ at: performance.now(), event: message.event });
    for (const listener of this.#listeners) listener(message.event);
    for (const watcher of this.#watchers) watcher();
  }

  #learn(event: Event): void {
    if (event.type === "Snapshot") {
      this.accounts = event.accounts;
      this.history = event.history;
      this.settings = event.settings;
      for (const call of event.calls) this.calls.set(call.call, call);
    } else if (event.type === "CallChanged") {
      this.calls.set(event.call.call, event.call);
    } else if (event.type === "HistoryChanged") {
      this.history = event.entries;
    } else if (event.type === "SettingsChanged") {
      this.settings = event.settings;
    } else if (event.type === "AccountChanged") {
      const { account } = event;
      this.accounts = [...this.accounts.filter((known) => known.account !== account.account), account];
    }
  }
}
