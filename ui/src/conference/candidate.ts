import { formatAddress, isNoPeer, parseAddress, type Address } from "./address";
import { MAX_OUTER } from "./limits";

export type CandidateType = "host" | "srflx" | "prflx" | "relay";

/** One ICE candidate, without what can be derived. */
export interface Candidate {
  readonly type: CandidateType;
  /** `tcp` means passive ICE-TCP (RFC 6544); active candidates say nothing that is of use to a peer. */
  readonly transport: "udp" | "tcp";
  readonly address: Address;
  readonly port: number;
}

/** The most candidates of any type that are taken from a peer per ICE generation, and the most a description carries. */
export const MAX_CANDIDATES = 10;

/** What candidates of a peer are acceptable. */
export interface CandidatePolicy {
  /** For tests on one machine whose browser shows its loopback address. */
  readonly allowLoopback: boolean;
}

/**
 * Reads `candidate:…` (with or without `a=`). Null for what a description does not carry: other components, active
 * TCP, names that are not mDNS, and everything that is not a candidate.
 */
export function parseCandidate(line: string): (Candidate & { readonly priority: number }) | null {
  if (line.length > 512) return null;
  const fields = line.trim().replace(/^a=/, "").split(/ +/);
  const [, component, transport, priority, host, port, typ, type] = fields;
  if (!fields[0]?.startsWith("candidate:") || component !== "1" || typ !== "typ") return null;
  const protocol = transport?.toLowerCase();
  if (protocol !== "udp" && protocol !== "tcp") return null;
  if (protocol === "tcp" && fields[fields.indexOf("tcptype") + 1] !== "passive") return null;
  if (type !== "host" && type !== "srflx" && type !== "prflx" && type !== "relay") return null;
  const address = parseAddress(host ?? "");
  const number = /^\d{1,5}$/.test(port ?? "") ? Number(port) : 0;
  if (address === null || number === 0 || number > 65535 || !/^\d{1,10}$/.test(priority ?? "")) return null;
  return { type, transport: protocol, address, port: number, priority: Number(priority) };
}

/**
 * `candidate:…` with everything derivable derived. `rank` is the place in the order of priority, from 0. The
 * foundation is unique for each (rank, round), so that no check waits for another's (RFC 8445, 6.1.2.6) and a
 * candidate added again in a later round counts as a new one.
 */
export function formatCandidate(candidate: Candidate, rank: number, round = 0): string {
  const preference = candidate.transport === "tcp" ? TCP_PREFERENCE : TYPE_PREFERENCE[candidate.type];
  const priority = preference * 2 ** 24 + (65535 - rank) * 2 ** 8 + 255;
  // Browsers want a related address where there can be one; this is what they themselves say when they hide it.
  const related =
    candidate.type === "host"
      ? ""
      : ` raddr ${candidate.address.family === "ip6" ? "::" : "0.0.0.0"} rport 0`;
  const tcp = candidate.transport === "tcp" ? " tcptype passive" : "";
  const foundation = round * 1000 + rank + 1;
  const address = formatAddress(candidate.address);
  return `candidate:${foundation} 1 ${candidate.transport} ${priority} ${address} ${candidate.port} typ ${candidate.type}${related}${tcp}`;
}

/** The ICE generation that an SDP is about. */
export function ufragOf(sdp: string): string | null {
  return /^a=ice-ufrag:(\S+)\s*$/m.exec(sdp)?.[1] ?? null;
}

/** Whether a peer's candidate may be tried: no address without a peer, no outgoing TCP. */
export function isAdmissible(candidate: Candidate, policy: CandidatePolicy): boolean {
  if (candidate.transport === "tcp") return false;
  if (policy.allowLoopback && formatAddress(candidate.address).startsWith("127.")) return true;
  return !isNoPeer(candidate.address);
}

/**
 * Counts what is taken of a peer: {@link MAX_CANDIDATES} in each ICE generation, and in any case
 * {@link MAX_OUTER} of each type that is found later than a device's own addresses, of which there may be many.
 */
export class CandidateGate {
  readonly #policy: CandidatePolicy;
  /** What was taken of the generations that were described, by ufrag; the newest last. */
  readonly #described = new Map<string, CandidateType[]>();
  /** What came before its description. A peer can make up ufrags, so that all of these are counted as one. */
  #coming: { readonly ufrag: string; readonly type: CandidateType }[] = [];

  constructor(policy: CandidatePolicy) {
    this.#policy = policy;
  }

  /** Of the newest description; null: there is none. */
  get current(): string | null {
    return [...this.#described.keys()].at(-1) ?? null;
  }

  /** A description of this generation holds. */
  describe(ufrag: string): void {
    let taken = this.#described.get(ufrag);
    if (taken === undefined) {
      taken = this.#coming.filter((one) => one.ufrag === ufrag).map(({ type }) => type);
      this.#coming = [];
    }
    this.#described.delete(ufrag);
    this.#described.set(ufrag, taken);
    const [oldest] = this.#described.keys();
    if (this.#described.size > MAX_GENERATIONS && oldest !== undefined) this.#described.delete(oldest);
  }

  takes(candidate: Candidate, ufrag: string): boolean {
    if (!isAdmissible(candidate, this.#policy)) return false;
    const described = this.#described.get(ufrag);
    const { type } = candidate;
    if (!hasRoom(described ?? this.#coming.map((one) => one.type), type)) return false;
    if (described === undefined) this.#coming.push({ ufrag, type });
    else described.push(type);
    return true;
  }
}

function hasRoom(taken: readonly CandidateType[], type: CandidateType): boolean {
  if (taken.length < MAX_CANDIDATES) return true;
  return (type === "srflx" || type === "relay") && taken.filter((one) => one === type).length < MAX_OUTER;
}

/** The best `count` of candidates in order of priority, so that no type is lost while another has several. */
export function best<T extends Candidate>(ordered: readonly T[], count: number): T[] {
  const kept = [...ordered];
  while (kept.length > count) {
    const sizes = new Map<CandidateType, number>();
    for (const { type } of kept) sizes.set(type, (sizes.get(type) ?? 0) + 1);
    const most = Math.max(...sizes.values());
    const victim = kept.findLastIndex(({ type }) => sizes.get(type) === most);
    kept.splice(victim, 1);
  }
  return kept;
}

const TYPE_PREFERENCE: Record<CandidateType, number> = { host: 126, prflx: 110, srflx: 100, relay: 0 };
const TCP_PREFERENCE = 90;
/** Of how many described ICE generations the candidates are counted; older ones are over. */
const MAX_GENERATIONS = 8;
