import { formatCandidate, type Candidate } from "./candidate";
import type { Cancel, Clock } from "./types";

/** How often a waiting link is kept alive where ICE dies for good, in milliseconds. */
export const KEEP_ALIVE_EVERY = 5000;

/**
 * Keeps the callee's side of a link ready for an answer that travels slowly.
 *
 * The callee's browser checks the offer's candidates for some seconds and then fails, and its NAT forgets the hole
 * soon after; a caller who learns the answer later would find nothing. Adding the same candidates again with a new
 * foundation makes the browser check them again. On the caller's side this would do nothing: its NAT opens with the
 * first check it sends.
 */
export function keepReady(
  peer: RTCPeerConnection,
  clock: Clock,
  offered: { readonly ufrag: string; readonly candidates: readonly Candidate[] },
  options: { iceDiesForGood: boolean; fault: (error: unknown) => void },
): Cancel {
  const distant = offered.candidates.filter(({ type, transport }) => type !== "host" && transport === "udp");
  // Between two devices of one network there is nothing but host candidates.
  const candidates = distant.length > 0 ? distant : offered.candidates;
  let round = 0;
  const again = (): void => {
    round += 1;
    candidates.forEach((candidate, rank) => {
      const init = {
        candidate: formatCandidate(candidate, rank, round),
        sdpMid: "0",
        usernameFragment: offered.ufrag,
      };
      peer.addIceCandidate(init).catch(options.fault);
    });
  };
  if (options.iceDiesForGood) {
    let cancel: Cancel;
    const tick = (): void => {
      again();
      cancel = clock.after(KEEP_ALIVE_EVERY, tick);
    };
    cancel = clock.after(KEEP_ALIVE_EVERY, tick);
    return () => cancel();
  }
  const onState = (): void => {
    if (peer.connectionState === "failed") again();
  };
  peer.addEventListener("connectionstatechange", onState);
  return () => peer.removeEventListener("connectionstatechange", onState);
}
