import { MAX_RENEWALS } from "./overlay";
import type { ConferenceId, Refusal, Size, Wants } from "./types";

/** What two devices say to each other about their link, on its control channel or by way of others. */
export type Message =
  | {
      readonly type: "hello";
      /** The device's public key for this conference, base64url. */
      readonly key: string;
      /** By that key, over what {@link helloText} says, base64url. */
      readonly sig: string;
      /** In which conference it is; null: in none yet. */
      readonly conference: ConferenceId | null;
      /** Whether others are or were in it. */
      readonly running: boolean;
      /** How its seat in the conference of this call came to the key, from one under which it was in before. */
      readonly renewals?: readonly unknown[];
    }
  /** At which size the sender shows what the other sends. */
  | ({ readonly type: "want" } & Wants)
  | { readonly type: "signal"; readonly signal: object }
  /** A line of the chat for the other end of this link and nobody else. */
  | { readonly type: "private"; readonly line: object }
  /** The sender cannot let the other end of this link in. */
  | { readonly type: "refused"; readonly why: Refusal }
  | {
      readonly type: "candidate";
      readonly candidate: string;
      readonly mid: string;
      readonly ufrag: string | null;
    }
  /** `ufrag`: the ICE generation of the sender whose paths do not work. */
  | { readonly type: "restart"; readonly ufrag: string | null }
  /** Means nothing but that it came: there is a way again. */
  | { readonly type: "probe" }
  /** The offer of the sender's next ICE restart, which it may use without another word. */
  | { readonly type: "spare"; readonly sdp: string }
  | { readonly type: "description"; readonly kind: "offer" | "answer"; readonly sdp: string };

export type Hello = Extract<Message, { type: "hello" }>;

/** The largest message in bytes: every SCTP implementation takes it whole. */
export const MAX_MESSAGE = 16 * 1024 - 1;

/**
 * What a hello signs: both ends of the DTLS session it is said in, so that it is worth nothing on any other, and
 * what it claims.
 */
export function helloText(
  { conference, running }: Pick<Hello, "conference" | "running">,
  from: string,
  to: string,
): string {
  return ["mailcall/1 hello", from, to, conference ?? "none", running ? "running" : "new"].join("\n");
}

/** Whether who says this wants other paths, since these do not work. */
export function asksForPath(message: Message): boolean {
  return message.type === "restart" || (message.type === "description" && message.kind === "offer");
}

/** The JSON text of a message. Every message carries the version, so that none depends on another's arrival. */
export function writeMessage(message: Message): string {
  return JSON.stringify({ v: VERSION, ...message });
}

/** Null for other versions, unknown types and garbage of any kind; unknown fields are ignored. */
export function readMessage(data: unknown): Message | null {
  if (typeof data !== "string" || data.length > MAX_MESSAGE) return null;
  const fields = parseObject(data);
  return fields === null ? null : toMessage(fields);
}

/** The same of an object that was parsed already. */
export function toMessage(fields: Record<string, unknown>): Message | null {
  if (fields["v"] !== VERSION) return null;
  switch (fields["type"]) {
    case "hello": {
      const { key, sig, conference, running, renewals } = fields;
      if (!isBase64url(key) || !isBase64url(sig) || typeof running !== "boolean") return null;
      if (conference !== null && !isId(conference)) return null;
      const hello = { type: "hello", key, sig, conference, running } as const;
      return isList(renewals, MAX_RENEWALS) ? { ...hello, renewals } : hello;
    }
    case "want": {
      const [camera, screen] = [toSize(fields["camera"]), toSize(fields["screen"])];
      return camera === undefined || screen === undefined ? null : { type: "want", camera, screen };
    }
    case "signal": {
      const { signal } = fields;
      return isObject(signal) ? { type: "signal", signal } : null;
    }
    case "private": {
      const { line } = fields;
      return isObject(line) ? { type: "private", line } : null;
    }
    case "candidate": {
      const { candidate, mid, ufrag } = fields;
      if (typeof candidate !== "string" || typeof mid !== "string") return null;
      return { type: "candidate", candidate, mid, ufrag: typeof ufrag === "string" ? ufrag : null };
    }
    case "description": {
      const { kind, sdp } = fields;
      if ((kind !== "offer" && kind !== "answer") || typeof sdp !== "string") return null;
      return { type: "description", kind, sdp };
    }
    case "spare": {
      const { sdp } = fields;
      return typeof sdp === "string" ? { type: "spare", sdp } : null;
    }
    case "refused": {
      const why = REFUSALS.find((one) => one === fields["why"]);
      return why === undefined ? null : { type: "refused", why };
    }
    case "restart": {
      const { ufrag } = fields;
      return { type: "restart", ufrag: typeof ufrag === "string" ? ufrag : null };
    }
    case "probe":
      return { type: "probe" };
    default:
      return null;
  }
}

/** What one end of a call says to the other when its user hangs up. */
export const HUNG_UP = { type: "cancel", reason: "hung_up" } as const;

export function isCancel(signal: object): boolean {
  return "type" in signal && signal.type === "cancel";
}

const VERSION = 1;
const REFUSALS: readonly Refusal[] = ["full", "locked"];
/** Wider or higher than any screen, in device pixels. */
const MAX_SIDE = 16_384;

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown, most: number): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= most;
}

function isId(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
}

function isBase64url(value: unknown): value is string {
  return typeof value === "string" && /^[\w-]{1,128}$/.test(value);
}

function toSize(value: unknown): Size | null | undefined {
  if (value === null) return null;
  if (!isObject(value)) return undefined;
  const { width, height } = value;
  return isSide(width) && isSide(height) ? { width, height } : undefined;
}

function isSide(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value <= MAX_SIDE;
}
