import { parseCandidate } from "./candidate";
import type { Cancel, Clock } from "./types";

/** When a description is sent although more candidates may come, in milliseconds. */
export const AFTER_REFLEXIVE = 150;
export const AT_MOST = 2000;
/** A second attempt carries all candidates, as far as they come in this time. */
export const AT_MOST_THOROUGH = 10_000;

/**
 * Watches a peer connection gather. Calls `ready` once, when its description is worth sending: gathering ended, the
 * first relay candidate is there, or some time passed since the first server-reflexive one or since the beginning.
 * Every candidate found later goes to `later`.
 */
export function watchGathering(
  peer: RTCPeerConnection,
  clock: Clock,
  options: { thorough: boolean },
  events: { ready(): void; later(candidate: RTCIceCandidate): void },
): Cancel {
  let isReady = false;
  let reflexive: Cancel | null = null;
  const ready = (): void => {
    if (isReady) return;
    isReady = true;
    cancelTimers();
    events.ready();
  };
  const limit = clock.after(options.thorough ? AT_MOST_THOROUGH : AT_MOST, ready);
  const cancelTimers = (): void => {
    limit();
    reflexive?.();
  };
  const onCandidate = ({ candidate }: RTCPeerConnectionIceEvent): void => {
    if (candidate === null || candidate.candidate === "") return;
    if (isReady) return events.later(candidate);
    if (options.thorough) return;
    const type = parseCandidate(candidate.candidate)?.type;
    if (type === "relay") ready();
    else if (type === "srflx") reflexive ??= clock.after(AFTER_REFLEXIVE, ready);
  };
  const onState = (): void => {
    if (peer.iceGatheringState === "complete") ready();
  };
  peer.addEventListener("icecandidate", onCandidate);
  peer.addEventListener("icegatheringstatechange", onState);
  return () => {
    cancelTimers();
    peer.removeEventListener("icecandidate", onCandidate);
    peer.removeEventListener("icegatheringstatechange", onState);
  };
}
