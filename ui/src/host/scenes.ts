import { CommandFailed } from "./host";
import {
  caller,
  CAROL,
  conference,
  ended,
  failing,
  firstRun,
  GRACE,
  guest,
  hinted,
  incoming,
  type Make,
  type Scene,
  together,
  twoCertificates,
  withCall,
} from "./scenes-makers";
import { bob, CALL, LINK, OTHER_CALL, servers, snapshot, stranger, twoAccounts } from "./scenes-people";

export type { FakeConference, Scene } from "./scenes-makers";
export { CALL, FAKE_CONFERENCE, OTHER_CALL } from "./scenes-people";

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
  "first-run-mistyped": firstRun({
    scripted: (command) =>
      command.type === "Discover" && !command.address.endsWith("@example.test")
        ? { type: "Discovered", servers: null, confirm: false, hint: null }
        : undefined,
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
  "not-let-in": (base) => ({ snapshot: base, silent: true }),
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
  "main-long-history": (base) => {
    const [newest] = base.history;
    const entries = (newest === undefined ? [] : Array.from({ length: 102 }, () => newest)).map(
      (entry, n) => ({
        ...entry,
        call: n.toString(16).padStart(32, "0"),
        began: entry.began - n * 60_000,
        peer_name: `Guest ${n}`,
      }),
    );
    const older = { type: "History", entries: entries.slice(100) } as const;
    return {
      snapshot: { ...base, history: entries.slice(0, 100) },
      scripted: ({ type }) => (type === "History" ? older : undefined),
    };
  },
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
  "main-ringing-unverified": (base) => ({
    snapshot: { ...base, calls: [caller({ ...CAROL, verified: false, waiting: false })] },
  }),
  "main-ongoing": (base) => ({
    snapshot: { ...base, calls: [{ ...bob, state: { type: "Connected" }, link: LINK }] },
  }),
  settings: (base) => ({ snapshot: { ...base, accounts: twoAccounts(base) }, hash: "#/settings" }),
  "settings-slow-mail": (base) => ({
    snapshot: base,
    hash: "#/settings",
    scripted: ({ type }) => (type === "SelfTest" ? { type: "SelfTested", ms: 40_000 } : undefined),
  }),
  "settings-not-saved": (base) => ({
    snapshot: base,
    hash: "#/settings",
    scripted: ({ type }) => (type === "SetSettings" ? CommandFailed.disconnected() : undefined),
  }),
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
  "conference-5": together(4, { topic: "Harbour budget 2027" }),
  "conference-7": together(6),
  "conference-8": together(7),
  "conference-9": together(8),
  "conference-12": together(11, { topic: "Harbour budget 2027, second reading, with all offices" }),
  "conference-16": together(15),
  "conference-screen": together(5, { sharing: true }),
  "conference-invite": together(2, { organiser: true, topic: "Harbour budget 2027" }, [
    guest("erik@example.test", "Erik Sørensen", { type: "Ringing", device_name: "phone" }),
    guest("dora.lindqvist@a-rather-long-domain.example.test", "", { type: "Sent" }),
    guest("carol@example.test", "Carol Weiß", { type: "Connected" }),
    guest("femi@example.test", "Femi", { type: "Ended", reason: { type: "Declined", reason: "busy" } }),
  ]),
  "conference-7-inviting": together(6, {}, [
    guest("quinn@example.test", "Quinn", { type: "Ringing", device_name: "phone" }),
    guest("rosa@example.test", "Rosa", { type: "Sent" }),
  ]),
  "conference-full": together(14, {}, [
    guest("quinn@example.test", "Quinn", { type: "Sending", retrying: false }),
  ]),
  "conference-locked": together(2, { topic: "Harbour budget 2027", locked: true }),
  "conference-waiting": together(3, {}, [caller(GRACE)]),
  "conference-calls-waiting": together(3, {}, [
    guest("carol@example.test", "Carol Weiß", { type: "Connected" }),
    guest("erik@example.test", "Erik Sørensen", { type: "Connected" }),
    caller(GRACE),
  ]),
  "conference-8-waiting": together(7, {}, [caller({ peer: "quinn@example.test", peer_name: "Quinn" })]),
  "conference-16-waiting": together(15, {}, [caller({ peer: "quinn@example.test", peer_name: "Quinn" })]),
  "conference-8-comes-back": together(7, {}, [
    caller({ peer: "femi@example.test", peer_name: "Femi", conference: conference() }),
  ]),
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
  "waiting-ring": (base) => ({ ...together(3, {}, [caller(GRACE)])(base), hash: `#/ring/${OTHER_CALL}` }),
  "ring-audio": incoming({ video: false }),
  "ring-unverified": incoming({ verified: false }),
  "ring-key-changed": incoming({ verified: false, key_changed: true }),
  "ring-native": (base) => ({ ...incoming()(base), canWebrtc: false, media: null }),
  "ring-request": (base) => ({
    snapshot: { ...base, calls: [{ ...stranger, call: CALL }] },
    hash: `#/ring/${CALL}`,
  }),
  "ended-hung-up": ended({ type: "HungUp", by_peer: true }),
  "ended-conference": (base) => {
    const left = conference("Harbour budget 2027", ["Bob Okafor", "Carol Weiß", "Erik Sørensen"]);
    const { snapshot, ...rest } = ended({ type: "HungUp", by_peer: false }, { conference: left })(base);
    const [newest, ...older] = snapshot.history;
    const entry = newest && { ...newest, call: CALL, conference: left };
    return { ...rest, snapshot: { ...snapshot, history: entry === undefined ? older : [entry, ...older] } };
  },
  "ended-conference-ways": (base) => {
    const left = conference("Harbour budget 2027", ["Bob Okafor", "Carol Weiß", "Erik Sørensen"]);
    const { snapshot, ...rest } = ended({ type: "HungUp", by_peer: false }, { conference: left })(base);
    const [newest] = snapshot.history;
    const bobs = newest && { ...newest, call: CALL, conference: left };
    const history = bobs === undefined ? [] : [bobs, { ...bobs, ...CAROL, call: OTHER_CALL }];
    return { ...rest, snapshot: { ...snapshot, history } };
  },
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
