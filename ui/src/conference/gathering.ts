import { parseCandidate } from "./candidate";
import type { Cancel, Clock } from "./types";

/** When a description is sent although more candidates may come, in milliseconds. */
export const AFTER_REFLEXIVE = 150;
export const AT_MOST = 2000;
/** A second attempt carries all candidates, as far as they come in this time. */
export const AT_MOST_THOROUGH = 10_000;

/**
 * What a description waits for: `quick` for what usually leads through, `relay` for the relay candidate, because
 * the user has a TURN server, `all` for everything.
 */
export type Wanted = "quick" | "relay" | "all";

export interface Gathering {
  /** The local description is there, and gathering began: from now on it takes its time. */
  begun(): void;
  close(): void;
}

/**
 * Watches a peer connection gather. Calls `ready` once, when its description is there and worth sending: gathering
 * ended, the first relay candidate is there, or some time passed since the first server-reflexive one or since it
 * began. Every candidate found later goes to `later`.
 *
 * A relay candidate takes several round trips, and behind a symmetric NAT it is the only one that leads through: a
 * description without it cannot open the channel on which it would follow.
 */
export function watchGathering(
  peer: RTCPeerConnection,
  clock: Clock,
  wanted: Wanted,
  events: { ready(): void; later(candidate: RTCIceCandidate): void },
): Gathering {
  let hasBegun = false;
  let isWorthIt = false;
  let isReady = false;
  let limit: Cancel = () => undefined;
  let reflexive: Cancel | null = null;
  const cancelTimers = (): void => {
    limit();
    reflexive?.();
  };
  const ready = (): void => {
    isWorthIt = true;
    if (isReady || !hasBegun) return;
    isReady = true;
    cancelTimers();
    events.ready();
  };
  const onCandidate = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (candidate === null || candidate.candidate === "") return;
    if (isReady) return events.later(candidate);
    if (wanted === "all") return;
    const type = parseCandidate(candidate.candidate)?.type;
    if (type === "relay") ready();
    else if (type === "srflx" && wanted === "quick") reflexive ??= clock.after(AFTER_REFLEXIVE, ready);
  };
  const onState = (): void => {
    if (peer.iceGatheringState === "complete") ready();
  };
  peer.addEventListener("icecandidate", onCandidate);
  peer.addEventListener("icegatheringstatechange", onState);
  return {
    begun: () => {
      hasBegun = true;
      if (isWorthIt) ready();
      else limit = clock.after(wanted === "all" ? AT_MOST_THOROUGH : AT_MOST, ready);
    },
    close: () => {
      cancelTimers();
      peer.removeEventListener("icecandidate", onCandidate);
      peer.removeEventListener("icegatheringstatechange", onState);
    },
  };
}

/** Hands on every candidate as it is found. */
export function trickle(peer: RTCPeerConnection, found: (candidate: RTCIceCandidate) => void): Cancel {
  const onCandidate = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (candidate !== null && candidate.candidate !== "") found(candidate);
  };
  peer.addEventListener("icecandidate", onCandidate);
  return () => peer.removeEventListener("icecandidate", onCandidate);
}
