import { Adrift } from "./adrift";
import type { CandidatePolicy } from "./candidate";
import type { Role } from "./description";
import { Ice } from "./ice";
import type { Message } from "./message";
import { Negotiation } from "./negotiation";
import type { Clock } from "./types";
import type { Words } from "./words";

/** How long after a change of this device's network a link that breaks is taken to break for that, in milliseconds. */
const CHANGE_MATTERS = 5000;

/** What is said about the paths of a link once it may have media. */
export type OfPaths = Extract<Message, { type: "description" | "restart" | "spare" }>;

export interface PathsPorts {
  readonly peer: RTCPeerConnection;
  readonly role: Role;
  readonly clock: Clock;
  readonly candidates: CandidatePolicy;
  readonly words: Words;
  isOpen(): boolean;
  isBroken(): boolean;
  isPolite(): boolean;
  /** Whether media runs, so that there may be later descriptions. */
  isAllowed(): boolean;
  canDetour(): boolean;
  /** The certificate of the other side; empty as long as it is not known. */
  fingerprint(): string;
  /** Before the other side's offer is answered. */
  beforeAnswer(): void;
  /** Both sides have described the same. */
  negotiated(): void;
  /** Does it after what was begun before; a failure ends the link only if the other side broke a rule. */
  run(work: () => Promise<unknown>): void;
  readonly fault: (error: unknown) => void;
}

/** How both sides of a link agree on media and on paths, and find other paths when these break. */
export class Paths {
  readonly ice: Ice;
  readonly #ports: PathsPorts;
  readonly #negotiation: Negotiation;
  readonly #adrift: Adrift;
  /** When the network of this device changed last. */
  #changedAt = -Infinity;

  constructor(ports: PathsPorts) {
    this.#ports = ports;
    const { peer, role, clock, words, fault } = ports;
    const run = (work: () => Promise<unknown>): void => ports.run(work);
    const state = {
      isBroken: () => ports.isBroken(),
      isPolite: () => ports.isPolite(),
      canDetour: () => ports.canDetour(),
    };
    this.ice = new Ice(peer, {
      ...state,
      clock,
      candidates: ports.candidates,
      say: (message) => words.sayOfLink(message),
      restart: () => run(() => this.#negotiation.restart()),
      isAgreed: () => this.#negotiation.isAgreed,
      repeatOffer: () => this.#negotiation.repeat(),
      add: (candidate) => run(() => this.#negotiation.candidate(candidate)),
    });
    this.#adrift = new Adrift({
      ...state,
      clock,
      stats: () => peer.getStats(),
      knowsRestart: () => this.#negotiation.knowsRestart,
      goAlong: () => run(() => this.#negotiation.goAlong()),
      isRestarting: () => peer.signalingState === "have-local-offer",
      restart: () => this.ice.restart("broken"),
      restartAlone: () => this.ice.restartAlone(),
      fault,
    });
    this.#negotiation = new Negotiation(peer, {
      clock,
      isAllowed: () => ports.isAllowed(),
      isPolite: () => ports.isPolite(),
      dtlsRole: role === "answer" ? "active" : "passive",
      fingerprint: () => ports.fingerprint(),
      described: (sdp) => this.ice.describe(sdp),
      beforeAnswer: () => ports.beforeAnswer(),
      send: (kind, sdp) => words.sayOfLink({ type: "description", kind, sdp }),
      agree: (sdp) => ports.isOpen() && words.say({ type: "spare", sdp }),
      askedAgain: () => {
        if (!ports.isOpen()) this.ice.tellAgain();
      },
      negotiated: () => {
        this.#adrift.settled();
        ports.negotiated();
      },
      fault,
    });
  }

  hear(message: OfPaths): void {
    switch (message.type) {
      case "restart":
        if (this.ice.isOfNow(message)) this.ice.hearRestart();
        return;
      case "spare":
        return this.#ports.run(() => {
          this.#negotiation.agree(message.sdp);
          return this.#adrift.agreed();
        });
      case "description":
        return this.#ports.run(() => this.#negotiation.take(message.kind, message.sdp));
    }
  }

  /** Nothing gets through. `asked`: the other side does something about it already. */
  broke({ asked }: { asked: boolean }): void {
    if (!this.#ports.isAllowed()) return;
    const { words, clock } = this.#ports;
    // As long as both sides take it for broken nothing else is said on it, and so heard.
    words.say({ type: "probe" });
    this.#adrift.begin({ knowing: clock.now() < this.#changedAt + CHANGE_MATTERS, asked });
  }

  /** There is a way again. */
  returned(): void {
    this.#negotiation.repeat();
  }

  /** The network of this device changed: paths may be of the old one, and others are looked for. */
  networkChanged(): void {
    const ports = this.#ports;
    this.#changedAt = ports.clock.now();
    if (!ports.isAllowed()) return;
    if (ports.isOpen()) this.ice.restart("changed");
    else if (ports.isBroken()) this.broke({ asked: false });
  }

  close(): void {
    this.ice.close();
    this.#adrift.end();
    this.#negotiation.close();
  }
}
