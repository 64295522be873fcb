import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import { MAX_PARTICIPANTS, MAX_WITH_VIDEO } from "../limits";
import { Attention } from "./attention";
import { Attestations, type Claim } from "./attestations";
import { ConferenceLinks, type CallLink } from "./conference-links";
import { Entrance } from "./entrance";
import type { Ends } from "./greeting";
import { detourBody, Introductions } from "./introductions";
import { Link } from "./link";
import type { LinkPorts } from "./link-ports";
import { toMessage, type Hello, type Message } from "./message";
import {
  Overlay,
  type KeyRing,
  type Keys,
  type OverlayPorts,
  type OwnEntry,
  type RosterParticipant,
} from "./overlay";
import { People } from "./people";
import { bindChannel } from "./files";
import { Reports } from "./reports";
import { ConferenceRoom } from "./room";
import type { Senders } from "./tracks";
import type {
  Cancel,
  ConferenceId,
  ConferenceView,
  ParticipantId,
  ParticipantView,
  Refusal,
  Room,
  SessionPorts,
  Wants,
} from "./types";

/** What is different for each link. */
export type LinkBindings = Pick<
  LinkPorts,
  | "participant"
  | "hello"
  | "greeted"
  | "known"
  | "frame"
  | "detour"
  | "wanted"
  | "begins"
  | "resumed"
  | "refused"
  | "privately"
  | "state"
  | "signal"
  | "described"
>;

export interface ConferencePorts extends SessionPorts {
  readonly ring: KeyRing;
  linkPorts(): Omit<LinkPorts, keyof LinkBindings>;
  changed(): void;
  /** Whoever is at the other end of a lost link of a call is linked in another way. */
  reached(key: LinkId): void;
  /** Whoever was at the other end of a lost link of a call cannot be reached in any way. */
  unreached(key: LinkId): void;
  /** A signal for a call came on another link than its own. */
  signal(key: LinkId, signal: object): void;
}

interface Settled {
  readonly own: Keys;
  readonly overlay: Overlay;
  readonly introductions: Introductions;
  readonly room: ConferenceRoom;
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
  /** Whom the overlay knows to be linked. */
  readonly #up = new Set<ParticipantId>();
  #carriesFiles = new WeakSet<Link>();
  #settled: Settled | null = null;
  /** Whether others are or were in it. */
  #isRunning = false;
  #isOver = false;
  /** The organiser removed this device. */
  #isPutOut = false;
  readonly #reports: Reports;
  #farewell: Promise<void> | null = null;
  readonly #unsubscribe: Cancel;

  constructor(ports: ConferencePorts) {
    this.#ports = ports;
    this.#unsubscribe = ports.local.subscribe(() => this.tell());
    this.#entrance = new Entrance({
      ring: ports.ring,
      identity: ports.identity,
      overlay: () => this.#settled?.overlay ?? null,
      isRunning: () => this.#isRunning,
      found: (keys) => this.#found(keys),
      join: (keys, conference) => this.#join(keys, conference),
      isFull: () => this.#present >= MAX_PARTICIPANTS,
      refuse: (leg, why) => this.#refuse(leg, why),
      fault: ports.fault,
    });
    const attestations = new Attestations({
      check: (claim) => ports.identity.check(this.#anyCall, claim),
      changed: () => ports.changed(),
      fault: ports.fault,
    });
    this.#people = new People(ports.identity, attestations);
    this.#reports = new Reports({
      clock: ports.platform.clock,
      calls: this.#calls,
      idOf: (call) => this.#people.idOf(call),
      removed: () => this.#settled?.overlay.view.removed ?? new Set(),
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
  }

  /** Null until it is settled which conference it is. */
  get id(): ConferenceId | null {
    return this.#settled?.overlay.id ?? null;
  }

  get participant(): ParticipantId | null {
    return this.#settled?.own.id ?? null;
  }

  /** Whether anybody is in it now besides the other end of a call. */
  goesOnWithout(call: CallId): boolean {
    const other = this.#people.idOf(call);
    return this.#roster.some(({ id, connection }) => id !== other && connection === "connected");
  }

  addLink(leg: CallLink): void {
    this.#calls.add(leg.call);
    this.#links.add(leg);
    this.#rosterChanged();
  }

  removeLink(key: LinkId): void {
    const id = this.#links.get(key)?.id ?? null;
    this.#links.remove(key);
    if (id !== null) this.#follow(id);
  }

  /** A call is over. True: it was the last one, and this device leaves. */
  removeCall(call: CallId): boolean {
    this.#calls.delete(call);
    this.#reports.forget(call);
    if (this.#calls.size === 0) return true;
    for (const leg of this.#links.legs) if (leg.call === call) this.removeLink(leg.key);
    return false;
  }

  /** Says goodbye, and ends. Resolves when the links of its calls may be closed. */
  leave(): Promise<void> {
    if (!this.#isOver) this.#retire();
    return (this.#farewell ??= this.#sayFarewell().catch(this.#ports.fault));
  }

  async #sayFarewell(): Promise<void> {
    if (this.#settled === null) return;
    const { overlay, introductions, room } = this.#settled;
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

  hello(key: LinkId, ends: Ends): Promise<Hello> {
    return this.#entrance.hello(ends, this.#links.leg(key)?.hosts === true);
  }

  async greeted(key: LinkId, hello: Hello, ends: Ends): Promise<ParticipantId | null> {
    const id = await this.#entrance.provenBy(hello, ends);
    const leg = this.#links.leg(key);
    if (id !== null && leg !== null) {
      this.#people.met(leg.call, id);
      await this.#entrance.settle(leg, hello);
    }
    return id;
  }

  /** It is proven who is at the other end of a link. */
  known(id: ParticipantId): void {
    this.#follow(id);
    this.#bindFiles();
  }

  /**
   * A link of a call changed its state. True: if it is lost, whoever is at its other end can be reached all the same.
   */
  followLink(key: LinkId): boolean {
    const id = this.#links.get(key)?.id ?? null;
    if (id === null) return false;
    this.#follow(id);
    return this.#isPresent(id);
  }

  frame(key: LinkId, text: string): void {
    const id = this.#links.get(key)?.id ?? null;
    if (id !== null) this.#settled?.overlay.receive(id, text);
  }

  detour(key: LinkId, message: Message): boolean {
    const id = this.#links.get(key)?.id ?? null;
    return id !== null && this.#detour(id, key, message);
  }

  /** What the other end of a link says of how it shows this device. */
  wanted(key: LinkId, want: Wants): void {
    const link = this.#links.get(key);
    if (link !== null) this.#attention.hear(link, want);
  }

  begins(senders: Senders): void {
    this.#attention.begin(senders);
  }

  /** There is a way again to the other end of a link. */
  resumed(key: LinkId): void {
    const link = this.#links.get(key);
    if (link !== null) this.#attention.resume(link);
  }

  /** The other end of a call says that it cannot let this device in. */
  refused(key: LinkId, why: Refusal): void {
    const leg = this.#links.leg(key);
    if (leg !== null && this.#roster.length === 0) this.#ports.removed(leg.call, why);
  }

  /** A line for this device only. */
  privately(key: LinkId, line: object): void {
    const from = this.#links.get(key)?.id ?? null;
    if (from !== null && this.#isListed(from)) this.#settled?.room.documents.takePrivate(from, line);
  }

  /** Says something about a call whose own link is lost. */
  signal(key: LinkId, signal: object): void {
    const id = this.#links.get(key)?.id ?? null;
    if (id === null) return;
    const link = this.#links.to(id);
    if (link !== null) link.sendSignal(signal);
    else this.#settled?.overlay.send(id, "signal", { signal });
  }

  networkChanged(): void {
    for (const link of this.#links.introduced) link.networkChanged();
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
      },
      participants: this.#participants(),
      speaker: this.#attention.speaker,
    };
  }

  /** The page goes away. */
  close(): void {
    this.#retire();
    this.#settled?.room.close();
    this.#settled?.introductions.close();
    this.#settled?.overlay.close();
  }

  #retire(): void {
    this.#isOver = true;
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

  /** Only a conference that nobody else ever was in is left for another. */
  #join(keys: Keys, conference: ConferenceId): void {
    if (this.#isOver) return;
    this.#settled?.introductions.close();
    this.#settled?.overlay.close();
    this.#up.clear();
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
      isLinked: (id) => this.#links.to(id) !== null,
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
    this.#settled?.room.close();
    this.#links.introductions = introductions;
    this.#carriesFiles = new WeakSet();
    this.#settled = { own, overlay, introductions, room };
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
      disconnect: (id) => this.#disconnect(id),
      routed: (from, kind, body) => this.#routed(from, kind, body),
      changed: () => this.#rosterChanged(),
      fault,
    };
  }

  #introducedPorts(id: ParticipantId, key: LinkId): LinkPorts {
    return {
      ...this.#ports.linkPorts(),
      participant: () => this.participant,
      hello: (ends) => this.hello(key, ends),
      greeted: (hello, ends) => this.greeted(key, hello, ends),
      known: () => this.known(id),
      frame: (text) => this.#settled?.overlay.receive(id, text),
      detour: (message) => this.#detour(id, key, message),
      wanted: (want) => this.wanted(key, want),
      begins: (senders) => this.begins(senders),
      resumed: () => this.resumed(key),
      refused: () => undefined,
      privately: (line) => this.privately(key, line),
      described: () => undefined,
      state: (state) => {
        if (state === "Lost") this.#settled?.introductions.lost(id, key);
        this.#follow(id);
      },
      signal: (signal) => this.#signalled(id, signal),
    };
  }

  #detour(id: ParticipantId, key: LinkId, message: Message): boolean {
    return this.#settled?.overlay.send(id, "link", detourBody(key, message)) ?? false;
  }

  #routed(from: ParticipantId, kind: string, body: Readonly<Record<string, unknown>>): void {
    const { key, signal } = body;
    if (kind === "signal" && typeof signal === "object" && signal !== null) this.#signalled(from, signal);
    if (kind !== "link") return;
    const leg = typeof key === "string" ? this.#links.leg(key) : null;
    const message = toMessage(body);
    if (leg === null) this.#settled?.introductions.hear(from, body);
    else if (leg.link.id === from && message !== null) leg.link.hearByDetour(message);
  }

  /** What somebody says about the call with this device, whose own link is lost. */
  #signalled(from: ParticipantId, signal: object): void {
    for (const { key, link } of this.#links.legs)
      if (link.id === from && link.isLost) return this.#ports.signal(key, signal);
  }

  /** Keeps the overlay in step with the links to somebody. */
  #follow(id: ParticipantId): void {
    const overlay = this.#settled?.overlay;
    const isUp = this.#links.to(id) !== null;
    if (overlay === undefined || isUp === this.#up.has(id)) return;
    if (isUp) {
      this.#up.add(id);
      overlay.linkUp(id, (text, urgency) => this.#links.to(id)?.sendFrame(text, urgency));
      for (const { key, link } of this.#links.legs)
        if (link.id === id && link.isLost) this.#ports.reached(key);
    } else {
      this.#up.delete(id);
      overlay.linkDown(id);
    }
  }

  #rosterChanged(): void {
    const view = this.#settled?.overlay.view;
    if (view !== undefined) {
      if (view.participants.length > 0) this.#isRunning = true;
      for (const { key, link } of this.#links.legs) {
        if (link.id === null) continue;
        this.#follow(link.id);
        if (link.isLost && !this.#isPresent(link.id)) this.#ports.unreached(key);
      }
      this.#settled?.introductions.keepOnly((id) => this.#settled?.overlay.isMember(id) === true);
      this.#bindFiles();
      this.#linkAll();
      this.#reports.follow(view);
      this.#settled?.room.rosterChanged(new Set(this.#participants().map(({ key }) => key)));
      if (view.standing === "removed" && !this.#isOver && !this.#isPutOut) {
        this.#isPutOut = true;
        for (const call of this.#calls) this.#ports.removed(call, "removed");
      }
    }
    this.#attention.tell();
    this.#ports.changed();
  }

  /** Whoever is in may fetch files over its link, and nobody else. */
  #bindFiles(): void {
    const transfers = this.#settled?.room.documents.transfers;
    if (transfers === undefined) return;
    for (const link of this.#links.live) {
      if (link.id === null || !this.#isListed(link.id) || this.#carriesFiles.has(link)) continue;
      this.#carriesFiles.add(link);
      bindChannel(transfers, link.id, link.files);
    }
  }

  /**
   * Everybody hears everybody, so everybody is linked to everybody, also where the overlay would do with fewer links.
   * Of two whom the overlay does not ask to be linked the one with the smaller id begins.
   */
  #linkAll(): void {
    const { own, introductions } = this.#settled ?? {};
    if (own === undefined || this.#roster.length < MAX_WITH_VIDEO || this.#roster.length >= MAX_PARTICIPANTS)
      return;
    for (const { id, connection } of this.#roster)
      if (connection === "connected" && own.id < id && this.#links.to(id) === null) introductions?.begin(id);
  }

  get #roster(): readonly RosterParticipant[] {
    return this.#settled?.overlay.view.participants ?? [];
  }

  /** Links of calls are the backend's affair. */
  #disconnect(id: ParticipantId): void {
    // The overlay can do without a link over which people still talk.
    if (!this.#isListed(id)) this.#settled?.introductions.end(id);
  }

  /** The other end of a call is told why it is not let in, and the call is over. */
  #refuse({ call, link }: CallLink, why: Refusal): void {
    link.refuse(why);
    this.#reports.expel(call);
  }

  /** How many there are now, oneself included. */
  get #present(): number {
    return 1 + this.#roster.filter(({ connection }) => connection === "connected").length;
  }

  #isListed(id: ParticipantId): boolean {
    return this.#roster.some((one) => one.id === id);
  }

  #isPresent(id: ParticipantId): boolean {
    return this.#roster.some((one) => one.id === id && one.connection === "connected");
  }

  #participants(): ParticipantView[] {
    return this.#people.view(this.#roster, this.#links.known, {
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
