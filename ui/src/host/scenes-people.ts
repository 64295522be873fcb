import type { CallView } from "../bindings/CallView";
import type { EndReason } from "../bindings/EndReason";
import type { Servers } from "../bindings/Servers";
import type { Snapshot } from "../bindings/Snapshot";

/** The call that scenes show. */
export const CALL = "0".repeat(31) + "1";
/** The call that comes while that one goes on. */
export const OTHER_CALL = "0".repeat(31) + "2";

/** The conference they belong to. */
export const FAKE_CONFERENCE = "c".repeat(32);

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A call with Bob, before anything happened. */
export const bob: CallView = {
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
  ways: [],
};
export const servers: Servers = {
  imap: { host: "imap.example.test", port: 993, security: "tls" },
  smtp: { host: "smtp.example.test", port: 465, security: "tls" },
  login: null,
};
export const LINK = "0".repeat(31) + "a";

/** Alice with an account, contacts and a history. */
export function snapshot(now: number): Snapshot {
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
    ways: [],
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

/** Somebody Alice does not know asks to call. */
export const stranger: CallView = {
  ...bob,
  call: OTHER_CALL,
  peer: "mallory@elsewhere.example.test",
  peer_name: "Mallory",
  direction: "Incoming",
  state: { type: "Requested" },
  verified: false,
};

/** A second account that has to sign in again. */
export function twoAccounts({ accounts }: Snapshot): Snapshot["accounts"] {
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
