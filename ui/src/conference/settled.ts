import type { LinkId } from "../bindings/LinkId";
import { MAX_PARTICIPANTS, MAX_WITH_VIDEO } from "../limits";
import type { ConferenceLinks } from "./conference-links";
import { bindChannel } from "./files";
import { detourBody, type Introductions } from "./introductions";
import type { Link } from "./link";
import { toMessage, type Message } from "./message";
import type { Keys, Overlay, RosterParticipant } from "./overlay";
import type { Reunion } from "./reunion";
import type { ConferenceRoom } from "./room";
import type { ParticipantId } from "./types";

export interface SettledParts {
  readonly own: Keys;
  readonly overlay: Overlay;
  readonly introductions: Introductions;
  readonly reunion: Reunion;
  readonly room: ConferenceRoom;
  readonly links: ConferenceLinks;
  /** Whoever is at the other end of a link of a call that is lost or broken is linked in another way. */
  reached(key: LinkId): void;
  /** Whoever was at the other end of a link of a call that is lost or broken cannot be reached in any way. */
  unreached(key: LinkId): void;
  /** A signal for a call came on another link than its own. */
  signal(key: LinkId, signal: object): void;
}

/** What there is once it is settled which conference it is, and how its links and its overlay are kept in step. */
export class Settled {
  readonly own: Keys;
  readonly overlay: Overlay;
  readonly introductions: Introductions;
  readonly reunion: Reunion;
  readonly room: ConferenceRoom;
  readonly #parts: SettledParts;
  /** Whom the overlay knows to be linked. */
  readonly #up = new Set<ParticipantId>();
  readonly #carriesFiles = new WeakSet<Link>();

  constructor(parts: SettledParts) {
    this.#parts = parts;
    this.own = parts.own;
    this.overlay = parts.overlay;
    this.introductions = parts.introductions;
    this.reunion = parts.reunion;
    this.room = parts.room;
  }

  get roster(): readonly RosterParticipant[] {
    return this.overlay.view.participants;
  }

  /** How many there are now, oneself included. */
  get present(): number {
    return 1 + this.roster.filter(({ connection }) => connection === "connected").length;
  }

  /**
   * Whom to show: who is there, and who was a moment ago. Whoever is left alone waits for the others longer: it is this
   * device that was cut off.
   */
  get shown(): readonly RosterParticipant[] {
    if (this.present > 1) return this.roster;
    return [...this.roster, ...this.reunion.awaited.filter(({ id }) => !this.isListed(id))];
  }

  isListed(id: ParticipantId): boolean {
    return this.roster.some((one) => one.id === id);
  }

  isPresent(id: ParticipantId): boolean {
    return this.roster.some((one) => one.id === id && one.connection === "connected");
  }

  /** Keeps the overlay in step with the links to somebody. */
  follow(id: ParticipantId): void {
    const { links } = this.#parts;
    const up = links.to(id);
    const isUp = up !== null;
    if (isUp === this.#up.has(id)) return;
    if (isUp) {
      this.#up.add(id);
      this.overlay.linkUp(id, (text, urgency) => links.to(id)?.sendFrame(text, urgency));
      // Of two links of one call the backend knows itself which is open.
      const call = links.legs.find(({ link }) => link === up)?.call;
      for (const leg of links.legs)
        if (leg.link.id === id && !leg.link.isOpen && leg.call !== call) this.#parts.reached(leg.key);
    } else {
      this.#up.delete(id);
      this.overlay.linkDown(id);
    }
  }

  /** Keeps the links in step with who is in. */
  followRoster(): void {
    for (const { key, link } of this.#parts.links.legs) {
      if (link.id === null) continue;
      this.follow(link.id);
      if (!link.isOpen && !this.isPresent(link.id)) this.#parts.unreached(key);
    }
    this.introductions.keepOnly((id) => this.overlay.isMember(id) || this.overlay.isInDoubt(id));
    this.introductions.followPresence();
    this.reunion.followRoster();
    this.bindFiles();
    this.#linkAll();
  }

  /** Whoever is in may fetch files over its link, and nobody else. */
  bindFiles(): void {
    const { transfers } = this.room.documents;
    for (const link of this.#parts.links.live) {
      if (link.id === null || !this.isListed(link.id) || this.#carriesFiles.has(link)) continue;
      this.#carriesFiles.add(link);
      bindChannel(transfers, link.id, link.files);
    }
  }

  /** The overlay can do without a link to somebody, over which people still talk. Links of calls are the backend's affair. */
  disconnect(id: ParticipantId): void {
    if (!this.isListed(id)) this.introductions.end(id);
  }

  /** Says something about a link by way of others. False: there is no way. */
  detour(to: ParticipantId, key: LinkId, message: Message): boolean {
    return this.overlay.send(to, "link", detourBody(key, message));
  }

  /** Says something about a call whose own link is lost. */
  signal(to: ParticipantId, signal: object): void {
    const link = this.#parts.links.to(to);
    if (link !== null) link.sendSignal(signal);
    else this.overlay.send(to, "signal", { signal });
  }

  /** What somebody said by way of others. */
  routed(from: ParticipantId, kind: string, body: Readonly<Record<string, unknown>>): void {
    const { key, signal } = body;
    if (kind === "signal" && typeof signal === "object" && signal !== null) this.signalled(from, signal);
    if (kind !== "link") return;
    const leg = typeof key === "string" ? this.#parts.links.leg(key) : null;
    const message = toMessage(body);
    if (leg === null) this.introductions.hear(from, body);
    else if (leg.link.id === from && message !== null) leg.link.hearByDetour(message);
  }

  /** What somebody says about the call with this device, whose own link is lost. */
  signalled(from: ParticipantId, signal: object): void {
    for (const { key, link } of this.#parts.links.legs)
      if (link.id === from && link.isLost) return this.#parts.signal(key, signal);
  }

  /** Ends without a word. */
  close(): void {
    this.room.close();
    this.reunion.close();
    this.introductions.close();
    this.overlay.close();
  }

  /**
   * Everybody hears everybody, so everybody is linked to everybody, also where the overlay would do with fewer links.
   * Of two whom the overlay does not ask to be linked the one with the smaller id begins.
   */
  #linkAll(): void {
    const { own, roster } = this;
    if (roster.length < MAX_WITH_VIDEO || this.present > MAX_PARTICIPANTS) return;
    for (const { id, connection } of roster)
      if (connection === "connected" && own.id < id && this.#parts.links.to(id) === null)
        this.introductions.begin(id);
  }
}
