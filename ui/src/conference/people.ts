import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import { Attestations, type Claim } from "./attestations";
import type { LinkPhase } from "./health";
import type { LinkView } from "./link-ports";
import type { RosterParticipant } from "./overlay";
import type { Connection, Identity, ParticipantId, ParticipantView, Person, Proof, Proven } from "./types";

/** One link as it is known here. */
export interface KnownLink extends LinkView {
  readonly key: LinkId;
  /** The call it belongs to; null for a link to somebody who was introduced. */
  readonly call: CallId | null;
}

/**
 * The link that stands for somebody, of several, oldest first: a lost one and the one that replaces it, or a second
 * attempt beside a first that does not open. Of equally good ones the newest; a lost link whose participant was known
 * keeps the place until another opens.
 */
export function bestLink<T extends LinkView>(links: readonly T[]): T | null {
  return [...links].sort((a, b) => rank(a) - rank(b)).at(-1) ?? null;
}

function rank({ phase, id }: LinkView): number {
  return phase === "lost" && id === null ? -1 : RANK[phase];
}

const RANK: Record<LinkPhase, number> = { waiting: 0, lost: 1, broken: 2, open: 3 };
/** Lost is the link, not the participant: another is on its way. */
const CONNECTION: Record<LinkPhase, Connection> = {
  open: "connected",
  broken: "reconnecting",
  waiting: "connecting",
  lost: "reconnecting",
};

/** What the conference knows of those in the roster. */
export interface Knowledge {
  claimOf(participant: RosterParticipant): Claim;
  /** Whether no way to somebody was found. */
  isApart(id: ParticipantId): boolean;
}

/** The other participants as tiles show them, from the roster, the links, and what the backend knows of people. */
export class People {
  readonly #identity: Identity;
  readonly #attestations: Attestations;
  /** The newest participant that was at the other end of a call. */
  readonly #ofCall = new Map<CallId, ParticipantId>();
  /** Who was at the other end of a call under an id that a reload made old. */
  readonly #former = new Set<ParticipantId>();
  readonly #keys = new Map<ParticipantId, string>();
  /** What everybody who was ever seen called itself, also who has left since. */
  readonly #names = new Map<ParticipantId, string>();

  constructor(identity: Identity, attestations: Attestations) {
    this.#identity = identity;
    this.#attestations = attestations;
  }

  /** Who is at the other end of a call, once it is proven. */
  met(call: CallId, id: ParticipantId): void {
    const before = this.#ofCall.get(call);
    if (before === id) return;
    if (before !== undefined) this.#former.add(before);
    this.#ofCall.set(call, id);
    this.#keys.set(id, before === undefined ? call : (this.#keys.get(before) ?? call));
  }

  idOf(call: CallId): ParticipantId | null {
    return this.#ofCall.get(call) ?? null;
  }

  /** Everybody but oneself. `roster` is empty as long as the conference is not settled. */
  view(
    roster: readonly RosterParticipant[],
    links: readonly KnownLink[],
    knowledge: Knowledge,
  ): ParticipantView[] {
    for (const { id, entry } of roster) this.#names.set(id, entry.name);
    const shown = roster.filter(({ id, connection }) => connection === "connected" || !this.#former.has(id));
    const listed = new Set(shown.map(({ id }) => id));
    for (const { id, ids } of shown) this.#renewed(id, ids);
    const known = shown.map((participant) => {
      const link = bestLink(links.filter(({ id }) => id === participant.id));
      return this.#known(participant, link, knowledge);
    });
    const calls = new Set(links.flatMap(({ call }) => call ?? []));
    const unknown = [...calls].flatMap((call) => {
      const id = this.#ofCall.get(call);
      const link = bestLink(links.filter((one) => one.call === call));
      // Who was known keeps the place while a fresh link is on its way, but not in a conference that goes on.
      const isGone = id !== undefined && (listed.has(id) || listed.size > 0);
      return link === null || isGone ? [] : [this.#unknown(call, link)];
    });
    return [...unknown, ...known];
  }

  /** A tile stays when whoever it shows has another id. */
  #renewed(id: ParticipantId, ids: readonly ParticipantId[]): void {
    const [key = ids[0]] = ids.flatMap((one) => this.#keys.get(one) ?? []);
    if (ids.length > 1 && key !== undefined && !this.#keys.has(id)) this.#keys.set(id, key);
  }

  #known(participant: RosterParticipant, link: KnownLink | null, knowledge: Knowledge): ParticipantView {
    const { id, ids, entry, invitedBy, organiser, hand } = participant;
    const person = link?.call == null ? null : this.#identity.personOf(link.call);
    const isApart = link?.phase !== "open" && knowledge.isApart(id);
    const found = isApart ? "apart" : CONNECTION[link?.phase ?? "waiting"];
    return {
      key: this.#keys.get(id) ?? id,
      calls: [...this.#ofCall].filter(([, other]) => ids.includes(other)).map(([call]) => call),
      link: link?.key ?? null,
      id,
      name: entry.name,
      address: person?.address ?? entry.address,
      proof: proofOf(person, this.#proven(person, knowledge.claimOf(participant))),
      introducedBy: person === null && invitedBy !== null ? (this.#names.get(invitedBy) ?? "") : "",
      device: entry.device,
      stream: link?.stream ?? null,
      screen: entry.sharing ? (link?.screen ?? null) : null,
      muted: entry.muted,
      camera: entry.camera,
      hand,
      organiser,
      connection: participant.connection === "reconnecting" ? "reconnecting" : found,
      quality: entry.quality,
    };
  }

  /** What a proof is worth for the address that is shown: that of a call is the backend's, and not what it claims. */
  #proven(person: Person | null, claim: Claim): Proven | null {
    const isShown = person === null || person.address === claim.address;
    return isShown && claim.proof !== "" ? this.#attestations.of(claim) : null;
  }

  /** The other end of a call whose hello has not come. */
  #unknown(call: CallId, { key, stream, phase }: KnownLink): ParticipantView {
    const person = this.#identity.personOf(call);
    const before = this.#ofCall.get(call);
    return {
      key: (before === undefined ? undefined : this.#keys.get(before)) ?? call,
      calls: [call],
      link: key,
      id: before ?? null,
      name: person?.name ?? "",
      address: person?.address ?? "",
      proof: proofOf(person, null),
      introducedBy: "",
      device: "",
      stream,
      screen: null,
      muted: false,
      camera: stream !== null,
      hand: null,
      organiser: false,
      connection: CONNECTION[phase],
      quality: "unknown",
    };
  }
}

function proofOf(person: Person | null, proven: "proven" | "changed" | "unknown" | null): Proof {
  if (person?.keyChanged === true || proven === "changed") return "changed";
  if (person?.verified === true || proven === "proven") return "proven";
  return person === null ? "introduced" : "unproven";
}
