import type { LinkSettings } from "./types";

/** The user's servers and wishes as a browser takes them: one TURN server it does not take would cost every call. */
export function configuration(settings: LinkSettings): RTCConfiguration {
  const stun = settings.stun.map((urls) => ({ urls }));
  const turn = settings.turn
    .filter(({ username, credential }) => username !== "" && credential !== "")
    .map(({ url, username, credential }) => ({ urls: url, username, credential }));
  return {
    iceServers: [...stun, ...turn],
    iceTransportPolicy: settings.relay_only ? "relay" : "all",
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
  };
}
