import type { LinkId } from "../bindings/LinkId";
import type { ConferenceLinks } from "./conference-links";
import { Couriers, type CourierPorts } from "./couriers";
import type { Introductions } from "./introductions";
import { Bucket, type Keys, type Overlay, type RosterParticipant, type Verifier } from "./overlay";
import { Search } from "./search";
import type { Clock, ParticipantId } from "./types";

/** How many mails one conference may cost this device: so many at once, and after that so many a second. */
const LETTERS = { burst: 40, perSecond: 1 / 15 } as const;
/** Of how many it is known that they were there, in a conference that somebody fills with names. */
const MAX_SEEN = 64;

export interface ReunionPorts extends Pick<CourierPorts, "clock" | "randomId" | "make" | "fault"> {
  readonly clock: Clock;
  readonly own: Keys;
  readonly verifier: Verifier;
  readonly overlay: Overlay;
  readonly links: ConferenceLinks;
  readonly introductions: Introductions;
  /** The address of this device, to which it does not write. */
  ownAddress(): string;
  post(address: string, text: string): void;
  /** Nobody is awaited any more who was. */
  changed(): void;
}

/** How those come together again whom nothing but mail joins any more. */
export class Reunion {
  readonly #ports: ReunionPorts;
  readonly #search: Search;
  readonly #couriers: Couriers;
  /** As everybody who was ever seen stated it last, also who is out. */
  readonly #addresses = new Map<ParticipantId, string>();
  /** Who was there at some time, those seen last at the end: nobody else is looked for. */
  readonly #seen = new Set<ParticipantId>();
  readonly #letters: Bucket;

  constructor(ports: ReunionPorts) {
    this.#ports = ports;
    const { clock, own, overlay, links } = ports;
    this.#letters = new Bucket(clock, LETTERS);
    this.#couriers = new Couriers({
      ...ports,
      conference: overlay.id,
      isIn: (id) => overlay.isMember(id),
      isOwn: (id) => overlay.idsOf(own.id).includes(id),
      row: () => overlay.row,
      takeRow: (row) => overlay.takeRow(row),
      isLinked: (id) => links.to(id) !== null,
      post: (to, text) => {
        const address = this.#addressOf(to);
        if (address !== "" && this.#letters.take()) ports.post(address, text);
      },
    });
    this.#search = new Search({
      clock,
      own: own.id,
      write: (id) => this.#couriers.write(id),
      changed: () => ports.changed(),
    });
  }

  /** Those who were lost lately, as they were seen last. */
  get awaited(): readonly RosterParticipant[] {
    return this.#search.awaited;
  }

  followRoster(): void {
    const { overlay } = this.#ports;
    const { view } = overlay;
    const own = this.#ports.ownAddress();
    for (const { id, entry } of [...view.participants, ...view.absent])
      this.#addresses.set(id, entry.address);
    for (const { id, connection } of view.participants) if (connection === "connected") this.#see(id);
    const isLost = ({ id, entry }: RosterParticipant): boolean => this.#seen.has(id) && entry.address !== own;
    this.#search.follow({ ...view, absent: view.absent.filter(isLost) });
    this.#couriers.keepOnly((id) => overlay.isMember(id));
  }

  #see(id: ParticipantId): void {
    this.#seen.delete(id);
    this.#seen.add(id);
    for (const one of this.#seen) {
      if (this.#seen.size <= MAX_SEEN) return;
      this.#seen.delete(one);
    }
  }

  /** Of a page that was reloaded there may be nothing yet but its new key. */
  #addressOf(id: ParticipantId): string {
    const known = this.#ports.overlay.idsOf(id).map((one) => this.#addresses.get(one) ?? "");
    return known.findLast((one) => one !== "") ?? "";
  }

  networkChanged(): void {
    this.#couriers.networkChanged();
    this.#search.hurry();
  }

  /** What came by mail. */
  take(text: string): void {
    this.#couriers.take(text).catch(this.#ports.fault);
  }

  /** The description of a link that was made for a letter. */
  describe(id: ParticipantId, key: LinkId, description: string): void {
    this.#couriers.describe(id, key, description).catch(this.#ports.fault);
  }

  /** It is proven who is at the other end of a link, by whatever way it was made. */
  opened(id: ParticipantId, key: LinkId): void {
    const found = this.#couriers.opened(id, key);
    if (found === null) return;
    // Meanwhile the way that was broken has come back.
    if (this.#ports.links.to(id) !== null) found.link.close();
    else this.#ports.introductions.adopt(id, key, found);
  }

  lost(id: ParticipantId, key: LinkId): void {
    this.#couriers.lost(id, key);
  }

  /** For good. */
  close(): void {
    this.#search.close();
    this.#couriers.close();
  }
}
