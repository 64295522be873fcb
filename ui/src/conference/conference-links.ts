import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import type { Introductions } from "./introductions";
import type { Link } from "./link";
import type { KnownLink } from "./people";
import type { ParticipantId } from "./types";

/** A link of a call whose media was allowed. */
export interface CallLink {
  readonly key: LinkId;
  readonly call: CallId;
  readonly link: Link;
  /** If no conference is running on either side, this side's goes on and lets the other in. */
  readonly hosts: boolean;
}

/** All links of this device in one conference: those of its calls, and those to participants who were introduced. */
export class ConferenceLinks {
  readonly #legs = new Map<LinkId, CallLink>();
  /** Null as long as the conference is not settled. */
  introductions: Introductions | null = null;

  add(leg: CallLink): void {
    this.#legs.set(leg.key, leg);
  }

  remove(key: LinkId): void {
    this.#legs.delete(key);
  }

  /** The link of a call. */
  leg(key: LinkId): CallLink | null {
    return this.#legs.get(key) ?? null;
  }

  /** The links of calls. */
  get legs(): readonly CallLink[] {
    return [...this.#legs.values()];
  }

  /** The link that has this key, of whichever kind. */
  get(key: LinkId): Link | null {
    const leg = this.#legs.get(key);
    if (leg !== undefined) return leg.link;
    for (const [, one] of this.#introduced) if (one.key === key) return one.link;
    return null;
  }

  /** Empty for a link that is over. */
  keyOf(link: Link): LinkId {
    const all = [...this.#legs.values(), ...this.#introduced.map(([, one]) => one)];
    return all.find((one) => one.link === link)?.key ?? "";
  }

  /**
   * The link over which somebody can be reached now. Of several both sides choose the same: that of the call, for of
   * calls there is one between two people.
   */
  to(id: ParticipantId): Link | null {
    for (const { link } of this.#legs.values()) if (link.id === id && link.isOpen) return link;
    const link = this.introductions?.get(id)?.link;
    return link?.id === id && link.isOpen ? link : null;
  }

  /** Those whose media counts: one for each participant, and those whose other end is not known yet. */
  get live(): Link[] {
    const all = [...this.legs, ...this.#introduced.map(([, one]) => one)];
    const links = all.map(({ link }) => link);
    return links.filter((link) => link.isOpen && (link.id === null || this.to(link.id) === link));
  }

  /** Those to participants who were introduced. */
  get introduced(): Link[] {
    return this.#introduced.map(([, { link }]) => link);
  }

  /** For {@link People}: oldest first. */
  get known(): KnownLink[] {
    const legs = this.legs.map(({ key, call, link }) => ({ ...link.view, key, call }));
    return [
      ...this.#introduced.map(([id, { key, link }]) => ({ ...link.view, id, key, call: null })),
      ...legs,
    ];
  }

  get #introduced(): [ParticipantId, { key: LinkId; link: Link }][] {
    return [...(this.introductions?.entries() ?? [])];
  }
}
