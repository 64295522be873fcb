import type { CallView } from "../../../src/bindings/CallView";
import type { ParticipantView } from "../../../src/conference";

/** Somebody in a conference, as views see them. */
export function participant(name: string, part: Partial<ParticipantView> = {}): ParticipantView {
  return {
    key: name.toLowerCase(),
    calls: [],
    link: null,
    id: null,
    name,
    address: `${name.toLowerCase()}@example.test`,
    proof: "proven",
    introducedBy: "",
    device: "",
    stream: null,
    screen: null,
    muted: false,
    camera: true,
    hand: null,
    organiser: false,
    connection: "connected",
    quality: "unknown",
    ...part,
  };
}

/** Alice's call to Bob. */
export function callTo(peer: string, part: Partial<CallView> = {}): CallView {
  return {
    call: peer,
    account: 1,
    direction: "Outgoing",
    peer: `${peer}@example.test`,
    peer_name: "",
    verified: true,
    key_changed: false,
    video: true,
    state: { type: "Connected" },
    link: null,
    calling_too: false,
    waiting: false,
    conference: null,
    ways: [],
    ...part,
  };
}
