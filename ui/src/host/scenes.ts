import type { CallState } from "../bindings/CallState";
import type { CallView } from "../bindings/CallView";
import type { EndReason } from "../bindings/EndReason";
import type { ProviderHint } from "../bindings/ProviderHint";
import type { Servers } from "../bindings/Servers";
import type { Snapshot } from "../bindings/Snapshot";
import type { FakeOptions } from "./fake";
import { CommandFailed, type FailureCode } from "./host";

/** The call that scenes show. */
export const CALL = "0".repeat(31) + "1";
/** The call that comes while that one goes on. */
export const OTHER_CALL = "0".repeat(31) + "2";

/** The conference they belong to. */
export const FAKE_CONFERENCE = "c".repeat(32);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const bob: CallView = {
  call: CALL,
  account: 1,
  direction: "Outgoing",
  peer: "bob@example.test",
  peer_name: "Bob Okafor",
  verified: true,
  key_changed: false,
  video: true,
  state: { type: "Preparing" },
  link: null,
  calling_too: false,
  waiting: false,
  conference: null,
};
const servers: Servers = {
  imap: { host: "imap.example.test", port: 993, security: "tls" },
  smtp: { host: "smtp.example.test", port: 465, security: "tls" },
  login: null,
};
const LINK = "0".repeat(31) + "a";

function snapshot(now: number): Snapshot {
  const entry = (n: number, ago: number, rest: Partial<Snapshot["history"][number]>) => ({
    call: n.toString(16).padStart(32, "a"),
    account: 1,
    direction: "Outgoing" as const,
    peer: "bob@example.test",
    peer_name: "Bob Okafor",
    video: true,
    began: now - ago,
    talked_s: null,
    conference: null,
    end: { type: "HungUp", by_peer: true } as EndReason,
    ...rest,
  });
  const contact = (address: string, name: string, rest: Partial<Snapshot["contacts"][number]> = {}) => ({
    account: 1,
    address,
    name,
    fingerprint: "a94f5bd0c2e87713f06e4b9d1c35ae8802d46f7b",
    changed_key: null,
    ...rest,
  });
  return {
    version: "0.1.0",
    key_store: true,
    accounts: [
      {
        account: 1,
        address: "alice@example.test",
        name: "Alice Martin",
        state: { type: "Ready" },
        fingerprint: "5d1f0c3b7a9e2468ace0135799bbddff01234567",
        sealed_elsewhere: false,
        servers,
        secrets: "key_store",
      },
    ],
    contacts: [
      contact("bob@example.test", "Bob Okafor"),
      contact("carol@example.test", "Carol Weiß", {
        changed_key: "77aa0c2e87713f06e4b9d1c35ae8802d46f7b001",
      }),
      contact("dora.lindqvist@a-rather-long-domain.example.test", "", { fingerprint: null }),
      contact("erik@example.test", "Erik Sørensen"),
    ],
    calls: [],
    history: [
      entry(1, 12 * MINUTE, { talked_s: 754 }),
      entry(2, 55 * MINUTE, {
        direction: "Incoming",
        peer: "carol@example.test",
        peer_name: "Carol Weiß",
        end: { type: "Missed" },
      }),
      entry(3, DAY, {
        video: false,
        end: { type: "NoDevice" },
        peer: "erik@example.test",
        peer_name: "Erik Sørensen",
      }),
      entry(4, 3 * DAY, { direction: "Incoming", end: { type: "AnsweredElsewhere" } }),
      entry(5, 9 * DAY, {
        peer: "dora.lindqvist@a-rather-long-domain.example.test",
        peer_name: "",
        end: { type: "Unreachable", words: "550 5.1.1 User unknown" },
      }),
    ],
    settings: {
      device_name: "laptop",
      hide_until_answer: false,
      ring_seconds: 60,
      stun: ["stun:stun.example.test:3478"],
      turn: [{ url: "turn:turn.example.test:3478", username: "alice", credential: "secret" }],
      relay_only: false,
      file_invitations: false,
    },
  };
}

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

type Make = (base: Snapshot) => Omit<Partial<Scene>, "snapshot"> & { readonly snapshot: Snapshot };

const withCall = (state: CallState, part: Partial<CallView> = {}): Make => {
  const taken = ["Connecting", "Connected", "Reconnecting"].includes(state.type);
  const call = { ...bob, state, link: taken ? LINK : null, ...part };
  return (base) => ({
    snapshot: { ...base, calls: [call] },
    hash: `#/call/${CALL}`,
    media: { participants: state.type === "Connected" || state.type === "Reconnecting" },
  });
};
const CAROL = { peer: "carol@example.test", peer_name: "Carol Weiß" };
const GRACE = { peer: "grace@example.test", peer_name: "Grace Ito" };
const conference = (topic = "", people: string[] = []) => ({ id: FAKE_CONFERENCE, topic, people });
/** A running conference, and further calls beside the one that leads it. */
const together = (people: number, media: FakeConference = {}, calls: readonly CallView[] = []): Make => {
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
const guest = (peer: string, name: string, state: CallState): CallView => ({
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
const caller = (part: Partial<CallView>): CallView => ({
  ...bob,
  call: OTHER_CALL,
  direction: "Incoming",
  state: { type: "Ringing", device_name: "" },
  waiting: true,
  ...part,
});
const ended = (reason: EndReason, part: Partial<CallView> = {}) => withCall({ type: "Ended", reason }, part);
const incoming = (part: Partial<CallView> = {}): Make => {
  const make = withCall({ type: "Ringing", device_name: "" }, { direction: "Incoming", ...part });
  return (base) => ({ ...make(base), hash: `#/ring/${CALL}` });
};
const firstRun = (part: Omit<Partial<Scene>, "snapshot"> = {}, keyStore = true): Make => {
  return (base) => ({
    snapshot: { ...base, accounts: [], contacts: [], history: [], key_store: keyStore },
    ...part,
  });
};
const failing = (code: FailureCode, detail = "") =>
  firstRun({
    scripted: ({ type }) => {
      if (type !== "SignIn") return undefined;
      const certificate = { host: "imap.example.test", sha256: "9f86d081884c7d659a2feaa0c55ad015".repeat(2) };
      return new CommandFailed({ code, detail, certificate: code === "certificate" ? certificate : null });
    },
  });
/** Each server has a certificate of its own that nobody vouches for. */
const twoCertificates = firstRun({
  scripted: (command) => {
    if (command.type !== "SignIn") return undefined;
    const certificate = ["imap", "smtp"]
      .map((name, at) => ({ host: `${name}.example.test`, sha256: String(at).repeat(64) }))
      .find(({ sha256 }) => command.pin !== sha256 && command.other_pin !== sha256);
    return certificate && new CommandFailed({ code: "certificate", detail: "", certificate });
  },
});
const hinted = (hint: ProviderHint, servers: Servers | null) =>
  firstRun({
    scripted: ({ type }) =>
      type === "Discover" ? { type: "Discovered", servers, confirm: false, hint } : undefined,
  });
const url = "https://provider.example.test/app-passwords";

/** Every state of every view, by name. */
export const SCENES = {
  "first-run": firstRun(),
  "first-run-app-password": hinted({ provider: "Gmail", needs: "app_password", url }, servers),
  "first-run-no-passwords": hinted({ provider: "Outlook.com", needs: "no_passwords", url }, null),
  "first-run-unknown": firstRun({
    scripted: ({ type }) =>
      type === "Discover" ? { type: "Discovered", servers: null, confirm: false, hint: null } : undefined,
  }),
  "first-run-unsure": firstRun({
    scripted: ({ type }) =>
      type === "Discover" ? { type: "Discovered", servers, confirm: true, hint: null } : undefined,
  }),
  "first-run-wrong-password": failing("wrong_password", "[AUTHENTICATIONFAILED] Authentication failed."),
  "first-run-certificate": failing("certificate"),
  "first-run-two-certificates": twoCertificates,
  "first-run-no-key-store": firstRun({}, false),
  "first-run-slow": firstRun({
    scripted: ({ type }) => (type === "SelfTest" ? { type: "SelfTested", ms: 21_400 } : undefined),
  }),
  main: (base) => ({ snapshot: base }),
  "main-empty": (base) => ({ snapshot: { ...base, contacts: [], history: [] } }),
  "main-rejoin": (base) => ({
    snapshot: {
      ...base,
      history: base.history.map((entry, n) => ({
        ...entry,
        conference: n === 0 ? conference("Harbour budget 2027") : null,
      })),
    },
  }),
  "main-two-accounts": (base) => ({ snapshot: { ...base, accounts: twoAccounts(base) } }),
  "main-sealed": (base) => ({
    snapshot: { ...base, accounts: base.accounts.map((account) => ({ ...account, sealed_elsewhere: true })) },
  }),
  "main-request": (base) => ({ snapshot: { ...base, calls: [stranger] } }),
  "main-ringing": (base) => ({
    snapshot: {
      ...base,
      calls: [{ ...bob, direction: "Incoming", state: { type: "Ringing", device_name: "" } }],
    },
  }),
  "main-ongoing": (base) => ({
    snapshot: { ...base, calls: [{ ...bob, state: { type: "Connected" }, link: LINK }] },
  }),
  settings: (base) => ({ snapshot: { ...base, accounts: twoAccounts(base) }, hash: "#/settings" }),
  "call-preparing": withCall({ type: "Preparing" }),
  "call-sending": withCall({ type: "Sending", retrying: false }),
  "call-retrying": withCall({ type: "Sending", retrying: true }),
  "call-sent": withCall({ type: "Sent" }, { verified: false }),
  "call-ringing": withCall({ type: "Ringing", device_name: "laptop" }),
  "call-connecting": withCall({ type: "Connecting" }),
  "call-connected": withCall({ type: "Connected" }),
  "call-poor": (base) => ({ ...withCall({ type: "Connected" })(base), quality: "poor" }),
  "call-camera-off": (base) => ({
    ...withCall({ type: "Connected" })(base),
    media: { participants: true, camera: false, muted: true },
  }),
  "call-reconnecting": withCall({ type: "Reconnecting" }),
  "call-unverified": withCall({ type: "Connected" }, { verified: false }),
  "call-key-changed": withCall({ type: "Connected" }, { verified: false, key_changed: true }),
  "call-elsewhere": (base) => ({ ...withCall({ type: "Connected" })(base), canWebrtc: false, media: null }),
  "conference-3": together(2),
  "conference-4": together(3, { topic: "Harbour budget 2027", organiser: true }),
  "conference-8": together(7),
  "conference-9": together(8),
  "conference-16": together(15),
  "conference-screen": together(5, { sharing: true }),
  "conference-invite": together(2, { organiser: true, topic: "Harbour budget 2027" }, [
    guest("erik@example.test", "Erik Sørensen", { type: "Ringing", device_name: "phone" }),
    guest("dora.lindqvist@a-rather-long-domain.example.test", "", { type: "Sent" }),
    guest("carol@example.test", "Carol Weiß", { type: "Connected" }),
    guest("femi@example.test", "Femi", { type: "Ended", reason: { type: "Declined", reason: "busy" } }),
  ]),
  "conference-full": together(14, {}, [
    guest("quinn@example.test", "Quinn", { type: "Sending", retrying: false }),
  ]),
  "conference-locked": together(2, { topic: "Harbour budget 2027", locked: true }),
  "conference-waiting": together(3, {}, [caller(GRACE)]),
  "conference-comes-back": together(3, {}, [caller({ ...GRACE, conference: conference() })]),
  "call-not-ready": (base) => ({
    ...withCall({ type: "Connected" })(base),
    media: { participants: true, ready: false },
  }),
  "call-waiting": (base) => ({
    ...withCall({ type: "Connected" })(base),
    snapshot: { ...base, calls: [{ ...bob, state: { type: "Connected" }, link: LINK }, caller(CAROL)] },
  }),
  "call-glare": (base) => ({
    ...withCall({ type: "Sent" })(base),
    snapshot: {
      ...base,
      calls: [
        { ...bob, state: { type: "Sent" } },
        {
          ...bob,
          call: OTHER_CALL,
          direction: "Incoming",
          state: { type: "Ringing", device_name: "" },
          calling_too: true,
        },
      ],
    },
  }),
  ring: incoming(),
  "ring-conference": incoming({
    conference: conference("Harbour budget 2027", ["Bob Okafor", "Carol Weiß", "Erik Sørensen", "Grace Ito"]),
  }),
  "ring-audio": incoming({ video: false }),
  "ring-unverified": incoming({ verified: false }),
  "ring-key-changed": incoming({ verified: false, key_changed: true }),
  "ring-native": (base) => ({ ...incoming()(base), canWebrtc: false, media: null }),
  "ring-request": (base) => ({
    snapshot: { ...base, calls: [{ ...stranger, call: CALL }] },
    hash: `#/ring/${CALL}`,
  }),
  "ended-hung-up": ended({ type: "HungUp", by_peer: true }),
  "ended-hung-up-here": ended({ type: "HungUp", by_peer: false }),
  "ended-cancelled": ended({ type: "Cancelled" }),
  "ended-cancelled-incoming": ended({ type: "Cancelled" }, { direction: "Incoming" }),
  "ended-declined": ended({ type: "Declined", reason: "declined" }),
  "ended-busy": ended({ type: "Declined", reason: "busy" }),
  "ended-declined-here": ended({ type: "Declined", reason: "declined" }, { direction: "Incoming" }),
  "ended-no-answer": ended({ type: "NoAnswer" }),
  "ended-no-device": ended({ type: "NoDevice" }),
  "ended-missed": ended({ type: "Missed" }, { direction: "Incoming" }),
  "ended-elsewhere": ended({ type: "AnsweredElsewhere" }, { direction: "Incoming" }),
  "ended-link-lost": ended({ type: "LinkLost" }),
  "ended-never-connected": ended({ type: "NeverConnected" }),
  "ended-unreachable": ended({
    type: "Unreachable",
    words: "550 5.1.1 <bob@example.test>: Recipient address rejected: User unknown",
  }),
  "ended-not-sent": ended({ type: "NotSent" }),
  "ended-no-page": ended({ type: "NoPage" }),
  "ended-interrupted": ended({ type: "Interrupted" }),
  "call-gone": (base) => ({ snapshot: base, hash: `#/call/${OTHER_CALL}` }),
} satisfies Record<string, Make>;

export type SceneName = keyof typeof SCENES;

/** The scene with this name; `main` for a name there is none of. */
export function scene(name: string, now: number): Scene {
  const make: Make = name in SCENES ? SCENES[name as SceneName] : SCENES.main;
  return { hash: "#/", media: null, ...make(snapshot(now)) };
}

/** The events that give a page the links of its calls, as the backend does after `Hello`. */
export const CARRIED = { call: CALL, link: LINK } as const;

const stranger: CallView = {
  ...bob,
  call: OTHER_CALL,
  peer: "mallory@elsewhere.example.test",
  peer_name: "Mallory",
  direction: "Incoming",
  state: { type: "Requested" },
  verified: false,
};

function twoAccounts({ accounts }: Snapshot): Snapshot["accounts"] {
  return accounts.flatMap((account) => [
    account,
    {
      ...account,
      account: 2,
      address: "alice@work.example.test",
      secrets: "file" as const,
      state: {
        type: "SignedOut" as const,
        code: "wrong_password" as const,
        detail: "[AUTHENTICATIONFAILED] Invalid credentials",
      },
    },
  ]);
}
