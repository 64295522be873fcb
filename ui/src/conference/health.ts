import type { LinkState } from "../bindings/LinkState";
import type { Cancel, Clock } from "./types";

/** How long one waits for a link, in milliseconds. */
export interface Patience {
  /** The caller, once it has the answer: the callee may revive its side several times in between. */
  readonly callerOpens: number;
  /** The callee, once it answered: the longest invitation plus the caller's patience. */
  readonly calleeOpens: number;
  /** A participant who was introduced: no mail is in the way. */
  readonly introducedOpens: number;
  /** An open link that broke, before it is given up for a fresh one. */
  readonly returns: number;
}

export const PATIENCE: Patience = {
  callerOpens: 60_000,
  calleeOpens: 180_000,
  introducedOpens: 20_000,
  returns: 10_000,
};

/** A link on which nothing was heard for so long counts as broken, in milliseconds; heartbeats come each second. */
export const SILENCE = 2500;

/** The same when there is a reason to expect it, such as another network. */
export const HURRIED_SILENCE = 1300;

export type LinkPhase = "waiting" | "open" | "broken" | "lost";

export interface HealthEvents {
  state(state: LinkState): void;
  /** It does not work any more, and this side noticed. */
  broke(): void;
  /** It works again. */
  returned(): void;
}

/**
 * How a link is doing, from what its peer connection and its channel say.
 *
 *     waiting ──▶ open ◀──▶ broken
 *        └──────────┴─────────┴────▶ lost
 *
 * Reported as Open, Failing and Lost. A waiting link that fails is reported too, and goes on waiting. Lost is final.
 */
export class Health {
  #phase: LinkPhase = "waiting";
  #reported: LinkState | null = null;
  #patience: Cancel = () => undefined;
  readonly #clock: Clock;
  readonly #returns: number;
  readonly #events: HealthEvents;

  constructor(clock: Clock, returns: number, events: HealthEvents) {
    this.#clock = clock;
    this.#returns = returns;
    this.#events = events;
  }

  get phase(): LinkPhase {
    return this.#phase;
  }

  /** Both descriptions are known: from now on the link has so much time to open. */
  mayOpenWithin(ms: number): void {
    if (this.#phase === "waiting") this.#giveUpAfter(ms);
  }

  channelOpened(): void {
    if (this.#phase !== "waiting") return;
    this.#patience();
    this.#become("open", "Open");
  }

  channelClosed(): void {
    this.lose();
  }

  /** The peer connection changed its state; `iceWorks`: if it failed, it was not for want of a path. */
  connection(state: RTCPeerConnectionState, iceWorks: boolean): void {
    switch (state) {
      case "connected":
        if (this.#phase !== "broken") return;
        this.#patience();
        this.#become("open", "Open");
        return this.#events.returned();
      case "disconnected":
      case "failed":
        if (state === "failed" && iceWorks) return this.lose();
        if (this.#phase === "waiting" && state === "failed") this.#become("waiting", "Failing");
        if (this.#phase === "open") this.#break();
        return;
      case "closed":
        return this.lose();
      case "new":
      case "connecting":
        return;
    }
  }

  /** Nothing is heard, although the browser may not have noticed yet. */
  suspect(): void {
    if (this.#phase !== "open") return;
    this.#break();
  }

  /** The other side says that nothing gets through, and does something about it. */
  doubt(): void {
    if (this.#phase !== "open") return;
    this.#giveUpAfter(this.#returns);
    this.#become("broken", "Failing");
  }

  /** Something was heard after all. */
  heard(connection: RTCPeerConnectionState): void {
    if (connection === "connected") this.connection("connected", true);
  }

  /** Nothing can save it. */
  lose(): void {
    if (this.#phase === "lost") return;
    this.#patience();
    this.#become("lost", "Lost");
  }

  /** It is closed on purpose: says nothing any more. */
  end(): void {
    this.#patience();
    this.#phase = "lost";
  }

  #break(): void {
    this.doubt();
    this.#events.broke();
  }

  #giveUpAfter(ms: number): void {
    this.#patience();
    this.#patience = this.#clock.after(ms, () => this.lose());
  }

  #become(phase: LinkPhase, state: LinkState): void {
    this.#phase = phase;
    if (this.#reported === state) return;
    this.#reported = state;
    this.#events.state(state);
  }
}
