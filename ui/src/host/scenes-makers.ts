import type { CallState } from "../bindings/CallState";
import type { CallView } from "../bindings/CallView";
import type { EndReason } from "../bindings/EndReason";
import type { ProviderHint } from "../bindings/ProviderHint";
import type { Servers } from "../bindings/Servers";
import type { Snapshot } from "../bindings/Snapshot";
import type { FakeOptions } from "./fake";
import { CommandFailed, type FailureCode } from "./host";
import { bob, CALL, FAKE_CONFERENCE, LINK, OTHER_CALL } from "./scenes-people";

/** A conference that is not there. */
export interface FakeConference {
  readonly participants?: boolean;
  /** How many there are beside the user; absent: one. */
  readonly people?: number;
  /** Of the only other one. */
  readonly camera?: boolean;
  readonly muted?: boolean;
  /** The second of them shares a screen. */
  readonly sharing?: boolean;
  /** The user is the organiser. */
  readonly organiser?: boolean;
  readonly locked?: boolean;
  readonly topic?: string;
  /** False: the other end has not said hello. */
  readonly ready?: boolean;
}

/** A scene: what the backend says, where the page starts, and what happens once it is open. */
export interface Scene extends FakeOptions {
  readonly hash: string;
  /** Picture and sound come: the scene shows a conference. */
  readonly media: FakeConference | null;
  readonly canWebrtc?: boolean;
  readonly quality?: "good" | "poor";
}

/** Makes a scene of what Alice has. */
export type Make = (base: Snapshot) => Omit<Partial<Scene>, "snapshot"> & { readonly snapshot: Snapshot };

/** A call with Bob in this state. */
export const withCall = (state: CallState, part: Partial<CallView> = {}): Make => {
  const taken = ["Connecting", "Connected", "Reconnecting"].includes(state.type);
  const call = { ...bob, state, link: taken ? LINK : null, ...part };
  return (base) => ({
    snapshot: { ...base, calls: [call] },
    hash: `#/call/${CALL}`,
    media: { participants: state.type === "Connected" || state.type === "Reconnecting" },
  });
};
/** Who else may call. */
export const CAROL = { peer: "carol@example.test", peer_name: "Carol Weiß" };
export const GRACE = { peer: "grace@example.test", peer_name: "Grace Ito" };
/** What an invitation into it says. */
export const conference = (topic = "", people: string[] = []) => ({ id: FAKE_CONFERENCE, topic, people });
/** A running conference, and further calls beside the one that leads it. */
export const together = (
  people: number,
  media: FakeConference = {},
  calls: readonly CallView[] = [],
): Make => {
  const make = withCall({ type: "Connected" }, { conference: conference(media.topic) });
  return (base) => {
    const { snapshot, ...rest } = make(base);
    return {
      ...rest,
      snapshot: { ...snapshot, calls: [...snapshot.calls, ...calls] },
      media: { participants: true, people, ...media },
    };
  };
};
/** An invitation into it. */
export const guest = (peer: string, name: string, state: CallState): CallView => ({
  ...bob,
  call: [...peer]
    .map((letter) => (letter.charCodeAt(0) % 16).toString(16))
    .join("")
    .padStart(32, "d")
    .slice(0, 32),
  peer,
  peer_name: name,
  state,
  conference: conference(),
});
/** Somebody calls during that call. */
export const caller = (part: Partial<CallView>): CallView => ({
  ...bob,
  call: OTHER_CALL,
  direction: "Incoming",
  state: { type: "Ringing", device_name: "" },
  waiting: true,
  ...part,
});
/** A call with Bob that is over. */
export const ended = (reason: EndReason, part: Partial<CallView> = {}) =>
  withCall({ type: "Ended", reason }, part);
/** Bob calls. */
export const incoming = (part: Partial<CallView> = {}): Make => {
  const make = withCall({ type: "Ringing", device_name: "" }, { direction: "Incoming", ...part });
  return (base) => ({ ...make(base), hash: `#/ring/${CALL}` });
};
/** Nobody has signed in yet. */
export const firstRun = (part: Omit<Partial<Scene>, "snapshot"> = {}, keyStore = true): Make => {
  return (base) => ({
    snapshot: { ...base, accounts: [], contacts: [], history: [], key_store: keyStore },
    ...part,
  });
};
/** Signing in does not work. */
export const failing = (code: FailureCode, detail = "") =>
  firstRun({
    scripted: ({ type }) => {
      if (type !== "SignIn") return undefined;
      const certificate = { host: "imap.example.test", sha256: "9f86d081884c7d659a2feaa0c55ad015".repeat(2) };
      return new CommandFailed({ code, detail, certificate: code === "certificate" ? certificate : null });
    },
  });
/** Each server has a certificate of its own that nobody vouches for. */
export const twoCertificates = firstRun({
  scripted: (command) => {
    if (command.type !== "SignIn") return undefined;
    const certificate = ["imap", "smtp"]
      .map((name, at) => ({ host: `${name}.example.test`, sha256: String(at).repeat(64) }))
      .find(({ sha256 }) => command.pin !== sha256 && command.other_pin !== sha256);
    return certificate && new CommandFailed({ code: "certificate", detail: "", certificate });
  },
});
/** Something is known of the provider. */
export const hinted = (hint: ProviderHint, servers: Servers | null) =>
  firstRun({
    scripted: ({ type }) =>
      type === "Discover" ? { type: "Discovered", servers, confirm: false, hint } : undefined,
  });
