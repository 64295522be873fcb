import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import { MAX_PARTICIPANTS } from "../limits";
import { Attention } from "./attention";
import { Attestations, type Claim } from "./attestations";
import { ConferenceLinks, type CallLink } from "./conference-links";
import { Entrance, type EntrancePorts } from "./entrance";
import { Introductions } from "./introductions";
import { Link } from "./link";
import type { LinkBindings, LinkPorts } from "./link-ports";
import {
  Overlay,
  type KeyRing,
  type Keys,
  type OverlayPorts,
  type OwnEntry,
  type RosterParticipant,
  type RosterView,
} from "./overlay";
import { People } from "./people";
import { Reports } from "./reports";
import { Reunion } from "./reunion";
import { ConferenceRoom } from "./room";
import { Settled } from "./settled";
import { Traffic } from "./traffic";
import type {
  Cancel,
  ConferenceId,
  ConferenceView,
  ParticipantId,
  ParticipantView,
  Refusal,
  Room,
  SessionPorts,
} from "./types";

export interface ConferencePorts extends SessionPorts {
  readonly ring: KeyRing;
  linkPorts(): Omit<LinkPorts, keyof LinkBindings>;
  changed(): void;
  /** Whoever is at the other end of a link of a call that is lost or broken is linked in another way. */
  reached(key: LinkId): void;
  /** Whoever was at the other end of a link of a call that is lost or broken cannot be reached in any way. */
  unreached(key: LinkId): void;
  /** A signal for a call came on another link than its own. */
  signal(key: LinkId, signal: object): void;
}

/**
 * The participants who are connected, as this device takes part in it: the links of its calls, the links to those who
 * were introduced, and the overlay over both.
 *
 * It begins with the first call whose media is allowed, is settled by the hellos of its link, and grows from there.
 */
export class Conference {
  readonly #ports: ConferencePorts;
  readonly #entrance: Entrance;
  readonly #people: People;
  readonly #calls = new Set<CallId>();
  readonly #links = new ConferenceLinks();
  readonly #attention: Attention;
  /** What comes over its links. */
  readonly traffic: Traffic;
  #settled: Settled | null = null;
  /** Whether others are or were in it. */
  #isRunning = false;
  #isOver = false;
  /** The organiser removed this device. */
  #isPutOut = false;
  readonly #reports: Reports;
  #farewell: Promise<void> | null = null;
  readonly #unsubscribe: Cancel;

  /** `named`: into which conference its first call leads; null: it begins one. */
  constructor(ports: ConferencePorts, named: ConferenceId | null) {
    this.#ports = ports;
    this.#unsubscribe = ports.local.subscribe(() => this.tell());
    const entrance: EntrancePorts = {
      clock: ports.platform.clock,
      ring: ports.ring,
      keyStore: ports.keyStore,
      identity: ports.identity,
      overlay: () => this.#settled?.overlay ?? null,
      isRunning: () => this.#isRunning,
      found: (keys) => this.#found(keys),
      join: (keys, conference) => this.#join(keys, conference),
      legs: () => this.#links.legs,
      isFull: () => (this.#settled?.present ?? 0) >= MAX_PARTICIPANTS,
      refuse: (leg, why) => this.#refuse(leg, why),
      fault: ports.fault,
    };
    this.#entrance = new Entrance(entrance, named);
    const attestations = new Attestations({
      check: (claim) => ports.identity.check(this.#anyCall, claim),
      changed: () => this.#rosterChanged(),
      fault: ports.fault,
    });
    this.#people = new People(ports.identity, attestations);
    this.#reports = new Reports({
      clock: ports.platform.clock,
      calls: this.#calls,
      idOf: (call) => this.#people.idOf(call),
      ownAddress: () => ports.identity.own(this.#anyCall).address,
      out: () => this.#out,
      isGone: (id) => this.#settled?.overlay.isGone(id) === true,
      isOpen: (call, id) =>
        this.#links.legs.some((leg) => leg.call === call && leg.link.id === id && leg.link.isOpen),
      refuse: (call) => {
        for (const leg of this.#links.legs) if (leg.call === call) leg.link.refuse("locked");
      },
      report: ports.report,
    });
    this.#attention = new Attention({
      links: this.#links,
      direct: (directed) => ports.direct(directed),
      participants: () => this.#participants(),
      wantOf: (key) => this.#settled?.room.wantOf(key) ?? null,
      changed: () => {
        this.#settled?.overlay.tell({ quality: this.#attention.grade });
        ports.changed();
      },
    });
    this.traffic = new Traffic({
      ...{ entrance: this.#entrance, people: this.#people, links: this.#links, attention: this.#attention },
      settled: () => this.#settled,
      removed: (call, why) => ports.removed(call, why),
      known: () => this.#rosterChanged(),
    });
  }

  /** Null until it is settled which conference it is. */
  get id(): ConferenceId | null {
    return this.#settled?.overlay.id ?? null;
  }

  /** Whether this is the one, or is to become it. */
  isNamed(conference: ConferenceId): boolean {
    return this.id === conference || this.#entrance.leadsTo(conference);
  }

  get participant(): ParticipantId | null {
    return this.#settled?.own.id ?? null;
  }

  /** Whether anybody is in it now besides the other end of a call. */
  goesOnWithout(call: CallId): boolean {
    const other = this.#people.idOf(call);
    const isOther = (ids: readonly ParticipantId[]): boolean => other !== null && ids.includes(other);
    return this.#roster.some(({ ids, connection }) => !isOther(ids) && connection === "connected");
  }

  addLink(leg: CallLink): void {
    this.#calls.add(leg.call);
    this.#links.add(leg);
    this.#rosterChanged();
  }

  removeLink(key: LinkId): void {
    const id = this.#links.get(key)?.id ?? null;
    this.#links.remove(key);
    if (id !== null) this.#settled?.follow(id);
  }

  /** A call is over; with the last one this device leaves. What {@link leave} returns if it leaves. */
  removeCall(call: CallId): Promise<void> | null {
    this.#calls.delete(call);
    this.#reports.forget(call);
    if (this.#calls.size === 0) return this.leave();
    // Whoever leaves ends all its calls, and what it says last is to come over every link.
    if (this.#farewell === null)
      for (const leg of this.#links.legs) if (leg.call === call) this.removeLink(leg.key);
    return this.#farewell;
  }

  /** Says goodbye, and ends. Resolves when the links of its calls may be closed. */
  leave(): Promise<void> {
    if (!this.#isOver) this.#retire();
    this.#entrance.seat.forget();
    return (this.#farewell ??= this.#sayFarewell().catch(this.#ports.fault));
  }

  async #sayFarewell(): Promise<void> {
    if (this.#settled === null) return;
    const { overlay, introductions, reunion, room } = this.#settled;
    reunion.close();
    try {
      room.documents.flush();
      await overlay.leave();
    } finally {
      room.close();
      introductions.close();
    }
  }

  /** What this device says of itself changed. */
  tell(): void {
    this.#settled?.overlay.tell(this.#ownEntry());
    this.#attention.tell();
  }

  networkChanged(): void {
    for (const link of this.#links.introduced) link.networkChanged();
    this.#settled?.reunion.networkChanged();
  }

  /** Another participant, or whoever says so, writes by mail. */
  takeCourier(text: string): void {
    if (!this.#isOver) this.#settled?.reunion.take(text);
  }

  /** One of its links. */
  link(key: LinkId): Link | null {
    return this.#links.get(key);
  }

  get room(): Room | null {
    return this.#isOver ? null : (this.#settled?.room ?? null);
  }

  /** Null once this device has left. */
  view(call: CallId): ConferenceView | null {
    if (this.#isOver) return null;
    const overlay = this.#settled?.overlay;
    const roster = overlay?.view;
    return {
      call,
      id: this.id,
      topic: roster?.topic ?? "",
      locked: roster?.locked ?? false,
      own: {
        id: this.participant ?? "",
        hand: roster?.own.hand ?? null,
        organiser: roster?.own.organiser ?? false,
        screen: this.#ports.local.screenStream,
        quality: this.#attention.grade,
      },
      participants: this.#participants(),
      speaker: this.#attention.speaker,
    };
  }

  /** The page goes away. */
  close(): void {
    this.#retire();
    this.#settled?.close();
  }

  #retire(): void {
    this.#isOver = true;
    this.#entrance.seat.close();
    this.#unsubscribe();
    this.#attention.close();
  }

  async #found(keys: Keys): Promise<void> {
    if (this.#settled !== null) return;
    const overlay = await Overlay.found(this.#overlayPorts(keys), this.#wholeEntry());
    // Meanwhile the other side's may have been joined, or the call may be over.
    if (this.#settled !== null || this.#isOver) overlay.close();
    else this.#use(overlay, keys);
  }

  #join(keys: Keys, conference: ConferenceId): void {
    if (this.#isOver) return;
    this.#settled?.close();
    this.#use(Overlay.join(this.#overlayPorts(keys), this.#wholeEntry(), conference), keys);
  }

  #use(overlay: Overlay, own: Keys): void {
    const { platform } = this.#ports;
    const introductions = new Introductions({
      clock: platform.clock,
      own: own.id,
      randomId: () => platform.randomId(),
      make: (id, key, begins) => Link.toParticipant(this.#introducedPorts(id, key), id, { begins }),
      // Who is let in may begin a link before its first word about itself has come.
      isIn: (id) => !this.#isOver && overlay.isMember(id),
      isPresent: (id) => this.#settled?.isPresent(id) === true,
      isLinked: (id) => this.#links.to(id) !== null,
      fault: this.#ports.fault,
    });
    const room = new ConferenceRoom({
      clock: platform.clock,
      overlay,
      own,
      verifier: this.#ports.ring.verifier,
      local: this.#ports.local,
      sayPrivately: (to, line) => this.#links.to(to)?.sendPrivately(line) ?? false,
      ownName: () => this.#ports.identity.own(this.#anyCall).name,
      shownChanged: () => this.#attention.tell(),
      fault: this.#ports.fault,
    });
    room.documents.subscribe(() => this.#ports.changed());
    const { verifier } = this.#ports.ring;
    const reunion = new Reunion({
      ...{ clock: platform.clock, own, verifier, overlay, introductions, links: this.#links },
      randomId: () => platform.randomId(),
      make: (id, key, offer, options) => Link.byMail(this.#introducedPorts(id, key), id, offer, options),
      ownAddress: () => this.#ports.identity.own(this.#anyCall).address,
      post: (address, text) => this.#reports.post(address, text),
      changed: () => this.#rosterChanged(),
      fault: this.#ports.fault,
    });
    this.#links.introductions = introductions;
    this.#settled = new Settled({
      ...{ own, overlay, introductions, reunion, room, links: this.#links },
      reached: (key) => this.#ports.reached(key),
      unreached: (key) => this.#ports.unreached(key),
      signal: (key, signal) => this.#ports.signal(key, signal),
    });
    this.#entrance.seat.keep(overlay.id);
    this.#prove(overlay, own).catch(this.#ports.fault);
    this.#rosterChanged();
  }

  /** Says, in the words of the user's OpenPGP key, who this participant is. */
  async #prove(overlay: Overlay, { id }: Keys): Promise<void> {
    const proof = await this.#ports.identity.prove(this.#anyCall, overlay.id, id);
    if (proof !== null) overlay.tell({ proof });
  }

  #overlayPorts(keys: Keys): OverlayPorts {
    const { platform, ring, fault } = this.#ports;
    return {
      clock: platform.clock,
      keys,
      verifier: ring.verifier,
      randomId: () => platform.randomId(),
      connect: (id) => this.#settled?.introductions.begin(id),
      disconnect: (id) => this.#settled?.disconnect(id),
      routed: (from, kind, body) => this.#settled?.routed(from, kind, body),
      changed: () => this.#rosterChanged(),
      fault,
    };
  }

  #introducedPorts(id: ParticipantId, key: LinkId): LinkPorts {
    return { ...this.#ports.linkPorts(), ...this.traffic.introduced(id, key) };
  }

  #rosterChanged(): void {
    const view = this.#settled?.overlay.view;
    if (view !== undefined) {
      if (view.participants.length > 0) this.#isRunning = true;
      this.#settled?.followRoster();
      if (view.standing === "in") this.#entrance.isIn();
      const people = this.#participants();
      this.#reports.follow(view, this.#settled?.shown ?? [], people);
      this.#settled?.room.rosterChanged(new Set(people.map(({ key }) => key)));
      if (view.standing === "removed" && !this.#isOver && !this.#isPutOut) {
        this.#isPutOut = true;
        this.#entrance.seat.forget();
        for (const call of this.#calls) this.#ports.removed(call, "removed");
      }
    }
    this.#attention.tell();
    this.#ports.changed();
  }

  get #out(): RosterView["out"] {
    return this.#settled?.overlay.view.out ?? new Map();
  }

  get #roster(): readonly RosterParticipant[] {
    return this.#settled?.roster ?? [];
  }

  /** The other end of a call is told why it is not let in, and the call is over. */
  #refuse({ call, link }: CallLink, why: Refusal): void {
    link.refuse(why);
    this.#reports.expel(call);
  }

  #participants(): ParticipantView[] {
    return this.#people.view(this.#settled?.shown ?? [], this.#links.known, {
      claimOf: (one) => this.#claimOf(one),
      isApart: (id) => this.#links.introductions?.isApart(id) === true,
    });
  }

  #claimOf({ id, entry, proof }: RosterParticipant): Claim {
    return { conference: this.id ?? "", participant: id, address: entry.address, proof };
  }

  #ownEntry(): Omit<OwnEntry, "proof" | "hand" | "quality"> {
    const { identity, local } = this.#ports;
    const { muted, cameraOn: camera, sharing } = local;
    return { ...identity.own(this.#anyCall), muted, camera, sharing };
  }

  #wholeEntry(): OwnEntry {
    return { ...this.#ownEntry(), proof: "", hand: false, quality: "unknown" };
  }

  /** The backend asks by calls; the user is the same in all of one conference. */
  get #anyCall(): CallId {
    const [call = ""] = this.#calls;
    return call;
  }
}
