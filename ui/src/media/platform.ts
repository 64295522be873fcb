import type { Platform } from "../conference";

/** Whether this page can make links at all: `Hello.can_webrtc`. */
export function canWebrtc(): boolean {
  return "RTCPeerConnection" in globalThis;
}

/** The browser as the conference sees it. */
export function browserPlatform(): Platform {
  return {
    clock: {
      now: () => performance.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    },
    createPeer: (configuration) => new RTCPeerConnection(configuration),
    createStream: () => new MediaStream(),
    randomId: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, "0"),
      ).join(""),
    // Only Firefox has a slash there; all others are "like Gecko".
    iceDiesForGood: navigator.userAgent.includes("Gecko/"),
  };
}
