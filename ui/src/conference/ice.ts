import { CandidateGate, parseCandidate, ufragOf, type Candidate, type CandidatePolicy } from "./candidate";
import { MAX_TOLD } from "./limits";
import type { Message } from "./message";
import type { Cancel, Clock } from "./types";

/** The shortest time between two ICE restarts of a link when the network of this device changes, in milliseconds. */
export const BETWEEN_CHANGES = 1000;
/**
 * How long a restart has to lead somewhere before there is another, in milliseconds. One that comes earlier throws away
 * the paths that were just found, and both sides often notice a break within the same second.
 */
export const BETWEEN_RESTARTS = 3000;

/** The shortest time between two sayings of the same offer or plea, in milliseconds. */
export const BETWEEN_REPEATS = 400;

export interface IcePorts {
  readonly clock: Clock;
  readonly candidates: CandidatePolicy;
  isPolite(): boolean;
  /** Whether nothing gets through. */
  isBroken(): boolean;
  say(message: Message): void;
  /** Finds new paths. */
  restart(): void;
  /** Whether somebody can pass on what is said while nothing gets through. */
  canDetour(): boolean;
  /** Whether the other side can go along with a restart that it is not told of. */
  isAgreed(): boolean;
  /** Says again the offer that waits for its answer. False: there is none. */
  repeatOffer(): boolean;
  /** Hands a candidate that is taken to the peer connection, in its turn. */
  add(candidate: RTCIceCandidateInit): void;
}

/** The paths of a link: the candidates of both sides that come one by one, and restarts. */
export class Ice {
  readonly #ports: IcePorts;
  readonly #gate: CandidateGate;
  readonly #peer: RTCPeerConnection;
  #restartedAt = -Infinity;
  #repeatedAt = -Infinity;
  #pleadedAt = -Infinity;
  /** A restart was asked of the browser, and nothing was settled since. */
  #isUnsettled = false;
  /** What was told of the newest own generation. */
  #told: Extract<Message, { type: "candidate" }>[] = [];
  /** A restart that waits until the one before it had its time. */
  #waiting: { readonly at: number; readonly cancel: Cancel } | null = null;

  constructor(peer: RTCPeerConnection, ports: IcePorts) {
    this.#peer = peer;
    this.#ports = ports;
    this.#gate = new CandidateGate(ports.candidates);
    peer.addEventListener("signalingstatechange", () => {
      if (peer.signalingState === "stable") this.#isUnsettled = false;
    });
  }

  /** Those of a description that may be tried. */
  admit(candidates: readonly Candidate[], ufrag: string): Candidate[] {
    this.#gate.describe(ufrag);
    return candidates.filter((candidate) => this.#gate.takes(candidate, ufrag));
  }

  tell({ candidate, sdpMid, usernameFragment }: RTCIceCandidate): void {
    // No peer takes it: there is no outgoing TCP.
    if (parseCandidate(candidate)?.transport === "tcp") return;
    const message = { type: "candidate", candidate, mid: sdpMid ?? "0", ufrag: usernameFragment } as const;
    this.#told = this.#told.filter(({ ufrag }) => ufrag === usernameFragment);
    if (this.#told.length < MAX_TOLD) this.#told.push(message);
    this.#ports.say(message);
  }

  /** The other side may not have heard of the own paths. */
  tellAgain(): void {
    for (const message of this.#told) this.#ports.say(message);
  }

  /** Says again the offer that waits for its answer, with the own paths. False: there is none. */
  repeat(): boolean {
    if (!this.#ports.repeatOffer()) return false;
    this.tellAgain();
    return true;
  }

  /** A later description of the other side holds. */
  describe(sdp: string): void {
    const ufrag = ufragOf(sdp);
    if (ufrag !== null) this.#gate.describe(ufrag);
  }

  /** `only`: none is taken yet but of the ICE generation that was described. */
  hear(message: Extract<Message, { type: "candidate" }>, only: boolean): void {
    const candidate = parseCandidate(message.candidate);
    const described = this.#gate.current;
    const ufrag = message.ufrag ?? described ?? "";
    if (candidate === null || (only && ufrag !== described)) return;
    if (!this.#gate.takes(candidate, ufrag)) return;
    this.#ports.add({
      candidate: message.candidate,
      sdpMid: message.mid,
      usernameFragment: message.ufrag,
    });
  }

  /**
   * Nothing gets through, or the network of this device changed. Always the impolite one restarts, where both can be
   * told: Chromium can lose its path for good when it takes back a restart.
   */
  restart(why: "broken" | "changed"): void {
    if (!this.#ports.isBroken() && !this.#ports.isPolite()) return this.#request(why);
    this.#repeatSometimes();
    this.#plead();
  }

  /** The same where the other side may not hear of it. */
  restartAlone(): void {
    if (this.#ports.isAgreed()) this.#request("broken");
    else this.restart("broken");
  }

  /** Whether a plea is about the other side's newest paths: it can be older than what came of it. */
  isOfNow({ ufrag }: Extract<Message, { type: "restart" }>): boolean {
    return ufrag === null || ufrag === ufragOf(this.#peer.remoteDescription?.sdp ?? "");
  }

  hearRestart(): void {
    if (!this.#ports.isPolite()) this.#request("broken");
    // The impolite one asks whether there is a way between them.
    else if (this.#ports.isBroken()) this.#plead();
  }

  close(): void {
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  #plead(): void {
    const now = this.#ports.clock.now();
    if (now < this.#pleadedAt + BETWEEN_REPEATS || (this.#ports.isBroken() && !this.#ports.canDetour()))
      return;
    this.#pleadedAt = now;
    this.#ports.say({ type: "restart", ufrag: ufragOf(this.#peer.localDescription?.sdp ?? "") });
  }

  #request(why: "broken" | "changed"): void {
    const { clock } = this.#ports;
    const at = this.#restartedAt + (why === "changed" ? BETWEEN_CHANGES : BETWEEN_RESTARTS);
    if (at <= clock.now()) return this.#restart(why);
    this.#repeatSometimes();
    if (this.#waiting !== null && this.#waiting.at <= at) return;
    this.#waiting?.cancel();
    const cancel = clock.after(at - clock.now(), () => {
      this.#waiting = null;
      // The one before may have led somewhere; after a change it was about a network that is no more.
      if (why === "changed" || this.#ports.isBroken()) this.#restart(why);
    });
    this.#waiting = { at, cancel };
  }

  #restart(why: "broken" | "changed"): void {
    this.close();
    this.#restartedAt = this.#ports.clock.now();
    const isOffered = this.#repeatSometimes() && this.#isUnsettled;
    if (isOffered && why === "broken") return;
    this.#isUnsettled = true;
    this.#ports.restart();
  }

  /**
   * An offer that was said when this side still took the link for open went into a channel that is dead, and as long as
   * it is not answered the browser makes no other. Now it goes another way, with what was told of its paths. True if one
   * waits for its answer.
   */
  #repeatSometimes(): boolean {
    const now = this.#ports.clock.now();
    if (!this.#ports.isBroken()) return false;
    if (now < this.#repeatedAt + BETWEEN_REPEATS) return this.#peer.signalingState === "have-local-offer";
    if (!this.repeat()) return false;
    this.#repeatedAt = now;
    return true;
  }
}

/** Calls when the browser chose another path, if it says so: that is sooner than anything is heard on it. */
export function followPaths(peer: RTCPeerConnection, changed: () => void): void {
  let known: RTCIceTransport | null = null;
  const look = (): void => {
    const transport = peer.sctp?.transport.iceTransport ?? null;
    if (transport === null || transport === known) return;
    known = transport;
    transport.addEventListener("selectedcandidatepairchange", changed);
  };
  peer.addEventListener("connectionstatechange", look);
}

/** How much has come over all paths of a connection so far, media as well. */
export async function bytesReceived(peer: RTCPeerConnection): Promise<number> {
  let sum = 0;
  for (const { type, bytesReceived: bytes } of (await peer.getStats()).values() as Iterable<Received>)
    if (type === "candidate-pair") sum += bytes ?? 0;
  return sum;
}

type Received = RTCStats & Pick<RTCIceCandidatePairStats, "bytesReceived">;
