import type { LinkSettings } from "./types";

/** The user's servers and wishes as a browser takes them. */
export function configuration(settings: LinkSettings): RTCConfiguration {
  const stun = settings.stun.map((urls) => ({ urls }));
  const turn = settings.turn.map(({ url, username, credential }) => ({ urls: url, username, credential }));
  return {
    iceServers: [...stun, ...turn],
    iceTransportPolicy: settings.relay_only ? "relay" : "all",
    bundlePolicy: "max-bundle",
    rtcpMuxPolicy: "require",
  };
}
