import { CandidateGate, parseCandidate, type Candidate, type CandidatePolicy } from "./candidate";
import type { Message } from "./message";
import { spaced } from "./spaced";
import type { Clock } from "./types";

/** The shortest time between two ICE restarts of a link, in milliseconds. */
export const BETWEEN_RESTARTS = 1000;

export interface IcePorts {
  readonly clock: Clock;
  readonly candidates: CandidatePolicy;
  isPolite(): boolean;
  say(message: Message): void;
  /** Hands a candidate that is taken to the peer connection, in its turn. */
  add(candidate: RTCIceCandidateInit): void;
}

/** The paths of a link: the candidates of both sides that come one by one, and restarts. */
export class Ice {
  readonly #ports: IcePorts;
  readonly #gate: CandidateGate;
  readonly #restarts: ReturnType<typeof spaced>;

  constructor(peer: RTCPeerConnection, ports: IcePorts) {
    this.#ports = ports;
    this.#gate = new CandidateGate(ports.candidates);
    this.#restarts = spaced(ports.clock, BETWEEN_RESTARTS, () => peer.restartIce());
  }

  /** Those of a description that may be tried. */
  admit(candidates: readonly Candidate[], ufrag: string): Candidate[] {
    return candidates.filter((candidate) => this.#gate.takes(candidate, ufrag));
  }

  tell({ candidate, sdpMid, usernameFragment }: RTCIceCandidate): void {
    this.#ports.say({ type: "candidate", candidate, mid: sdpMid ?? "0", ufrag: usernameFragment });
  }

  /** `described`: the ICE generation of the other side's description. `only`: no other is taken yet. */
  hear(message: Extract<Message, { type: "candidate" }>, described: string, only: boolean): void {
    const candidate = parseCandidate(message.candidate);
    const ufrag = message.ufrag ?? described;
    if (candidate === null || (only && ufrag !== described)) return;
    if (!this.#gate.takes(candidate, ufrag)) return;
    this.#ports.add({
      candidate: message.candidate,
      sdpMid: message.mid,
      usernameFragment: message.ufrag,
    });
  }

  /** Always the impolite one restarts: Chromium can lose its path for good when it takes back a restart. */
  restart(): void {
    if (this.#ports.isPolite()) this.#ports.say({ type: "restart" });
    else this.#restarts.request();
  }

  hearRestart(): void {
    if (!this.#ports.isPolite()) this.#restarts.request();
  }

  close(): void {
    this.#restarts.cancel();
  }
}
