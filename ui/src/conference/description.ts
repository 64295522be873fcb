import { ADDRESS_BYTES, type Address } from "./address";
import { fromBase64url, regroup, toBase64url } from "./base64url";
import {
  MAX_CANDIDATES,
  best,
  formatCandidate,
  parseCandidate,
  type Candidate,
  type CandidateType,
  ufragOf,
} from "./candidate";

/** Which half of a link a description is. */
export type Role = "offer" | "answer";

/** What a description says. */
export interface Description {
  readonly type: Role;
  readonly ufrag: string;
  readonly password: string;
  /** SHA-256 of the DTLS certificate, `AB:CD:…`. */
  readonly fingerprint: string;
  /** In order of priority. */
  readonly candidates: readonly Candidate[];
}

/** Why a text is not a description, or an SDP cannot become one. */
export class DescriptionError extends Error {
  override readonly name = "DescriptionError";
  constructor(
    readonly code:
      "too_long" | "not_base64url" | "unknown_version" | "truncated" | "bad_field" | "not_a_link",
    detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}

/** The most characters of a description's text. */
export const MAX_DESCRIPTION = 1024;

/**
 * The compact text of a data-channel-only SDP.
 *
 * Version 1, before base64url:
 *
 *     1 byte    version (high nibble, 1), 0 0 0, role (0 offer, 1 answer)
 *     ufrag     1 byte length in characters, high bit set if hex; then 4 (hex) or 6 bits a character, zero filled
 *     password  the same
 *     32 bytes  SHA-256 fingerprint
 *     then candidates to the end, in order of priority:
 *     1 byte    0 0 0, address (2 bits: IPv4, IPv6, mDNS UUID), transport (0 UDP, 1 passive TCP),
 *               type (2 bits: host, srflx, prflx, relay)
 *     4 or 16 bytes address, 2 bytes port
 *
 * @throws DescriptionError if it is another kind of SDP.
 */
export function encode(sdp: string, role: Role): string {
  const description = readSdp(sdp, role);
  const bytes: number[] = [(VERSION << 4) | ROLES.indexOf(role)];
  bytes.push(...packWord(description.ufrag), ...packWord(description.password));
  bytes.push(...description.fingerprint.split(":").map((pair) => parseInt(pair, 16)));
  for (const { type, transport, address, port } of description.candidates) {
    const kind =
      (FAMILIES.indexOf(address.family) << 3) | (transport === "tcp" ? 4 : 0) | TYPES.indexOf(type);
    bytes.push(kind, ...address.bytes, port >> 8, port & 0xff);
  }
  return toBase64url(Uint8Array.from(bytes));
}

/**
 * What a description's text says; {@link toSdp} makes an SDP of it.
 *
 * @throws DescriptionError on any text that {@link encode} cannot have made.
 */
export function decode(text: string): Description {
  if (text.length > MAX_DESCRIPTION) throw new DescriptionError("too_long", `${text.length} characters`);
  const bytes = fromBase64url(text);
  if (bytes === null) throw new DescriptionError("not_base64url", "");
  const reader = new Reader(bytes);
  const head = reader.byte();
  if (head >> 4 !== VERSION) throw new DescriptionError("unknown_version", `${head >> 4}`);
  const type = ROLES[head & 0x0f];
  if (type === undefined) throw new DescriptionError("bad_field", "role");
  const ufrag = unpackWord(reader, "ufrag", MIN_UFRAG);
  const password = unpackWord(reader, "password", MIN_PASSWORD);
  const fingerprint = Array.from(reader.bytes(32), (byte) =>
    byte.toString(16).padStart(2, "0").toUpperCase(),
  );
  const candidates: Candidate[] = [];
  while (!reader.atEnd) candidates.push(readCandidate(reader));
  return { type, ufrag, password, fingerprint: fingerprint.join(":"), candidates };
}

/** The SDP that a browser takes. */
export function toSdp(description: Description): string {
  const lines = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "c=IN IP4 0.0.0.0",
    "a=mid:0",
    "a=sendrecv",
    `a=ice-ufrag:${description.ufrag}`,
    `a=ice-pwd:${description.password}`,
    "a=ice-options:trickle",
    `a=fingerprint:sha-256 ${description.fingerprint}`,
    `a=setup:${description.type === "offer" ? "actpass" : "active"}`,
    "a=sctp-port:5000",
    "a=max-message-size:262144",
    ...description.candidates.map((candidate, rank) => `a=${formatCandidate(candidate, rank)}`),
  ];
  return `${lines.join("\r\n")}\r\n`;
}

/** Every fingerprint that an SDP names, each once: SHA-256 as `AB:CD:…`, all else as it stands there. */
export function fingerprintsOf(sdp: string): string[] {
  const lines = Array.from(sdp.matchAll(/^a=fingerprint:(.*)$/gim), ([, value]) => (value ?? "").trim());
  const sha256 = /^sha-256 (([0-9a-f]{2}:){31}[0-9a-f]{2})$/i;
  return [...new Set(lines.map((value) => sha256.exec(value)?.[1]?.toUpperCase() ?? value))];
}

const VERSION = 1;
const ROLES: readonly Role[] = ["offer", "answer"];
const FAMILIES: readonly Address["family"][] = ["ip4", "ip6", "mdns"];
const TYPES: readonly CandidateType[] = ["host", "srflx", "prflx", "relay"];
/** The ice-char of RFC 8839: exactly 64 of them. */
const ICE_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MIN_UFRAG = 4;
const MIN_PASSWORD = 22;
const MAX_WORD = 127;

function readSdp(sdp: string, role: Role): Description {
  const media = sdp.match(/^m=.*$/gm) ?? [];
  if (media.length !== 1 || !media[0]?.startsWith("m=application ")) {
    throw new DescriptionError("not_a_link", "one data channel section is wanted");
  }
  const ufrag = ufragOf(sdp) ?? "";
  const password = /^a=ice-pwd:(\S+)\s*$/m.exec(sdp)?.[1] ?? "";
  const fingerprint = fingerprintsOf(sdp).find((value) => /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(value));
  if (!isWord(ufrag, MIN_UFRAG) || !isWord(password, MIN_PASSWORD) || fingerprint === undefined) {
    throw new DescriptionError("not_a_link", "ICE credentials and a SHA-256 fingerprint are wanted");
  }
  const candidates = (sdp.match(/^a=candidate:.*$/gm) ?? [])
    .map(parseCandidate)
    .filter((found) => found !== null);
  candidates.sort((a, b) => b.priority - a.priority);
  return { type: role, ufrag, password, fingerprint, candidates: best(candidates, MAX_CANDIDATES) };
}

function isWord(word: string, shortest: number): boolean {
  return word.length >= shortest && word.length <= MAX_WORD && /^[A-Za-z0-9+/]*$/.test(word);
}

function packWord(word: string): number[] {
  if (/^([0-9a-f]{2})+$/.test(word)) {
    return [
      word.length | 0x80,
      ...regroup(
        Array.from(word, (char) => parseInt(char, 16)),
        4,
        8,
      ),
    ];
  }
  return [
    word.length,
    ...regroup(
      Array.from(word, (char) => ICE_CHARS.indexOf(char)),
      6,
      8,
    ),
  ];
}

function unpackWord(reader: Reader, what: string, shortest: number): string {
  const head = reader.byte();
  const length = head & 0x7f;
  const bits = head & 0x80 ? 4 : 6;
  const packed = reader.bytes(Math.ceil((length * bits) / 8));
  const digits = regroup(packed, 8, bits).slice(0, length);
  const word = digits.map((digit) => (bits === 4 ? digit.toString(16) : ICE_CHARS.charAt(digit))).join("");
  const canonical = packWord(word);
  if (
    word.length < shortest ||
    canonical[0] !== head ||
    packed.some((byte, i) => byte !== canonical[i + 1])
  ) {
    throw new DescriptionError("bad_field", what);
  }
  return word;
}

function readCandidate(reader: Reader): Candidate {
  const kind = reader.byte();
  const family = FAMILIES[(kind >> 3) & 3];
  const type = TYPES[kind & 3];
  if (kind >> 5 !== 0 || family === undefined || type === undefined) {
    throw new DescriptionError("bad_field", "candidate");
  }
  const bytes = reader.bytes(ADDRESS_BYTES[family]);
  const port = (reader.byte() << 8) | reader.byte();
  if (port === 0) throw new DescriptionError("bad_field", "port");
  return { type, transport: kind & 4 ? "tcp" : "udp", address: { family, bytes }, port };
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw new DescriptionError("truncated", `at byte ${this.#at}`);
    this.#at += 1;
    return value;
  }

  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new DescriptionError("truncated", `at byte ${this.#at}`);
    this.#at += count;
    return this.#bytes.slice(this.#at - count, this.#at);
  }
}
