import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import { Attestations, type Claim } from "./attestations";
import type { Ends } from "./greeting";
import { detourBody, Introductions } from "./introductions";
import { Link, type LinkPorts } from "./link";
import { helloText, toMessage, type Hello, type Message, type Want } from "./message";
import {
  Overlay,
  OverlayError,
  participantIdOf,
  type KeyRing,
  type Keys,
  type OverlayPorts,
  type OwnEntry,
  type PublicKey,
  type RosterParticipant,
  type RosterView,
} from "./overlay";
import { People, type KnownLink } from "./people";
import { bindChannel } from "./files";
import { ConferenceRoom } from "./room";
import type {
  Cancel,
  ConferenceId,
  ConferenceView,
  DirectedLink,
  Director,
  ParticipantId,
  ParticipantView,
  Room,
  SessionPorts,
} from "./types";

/** A link of a call whose media was allowed. */
export interface CallLink {
  readonly key: LinkId;
  readonly call: CallId;
  readonly link: Link;
  /** If no conference is running on either side, this side's goes on and lets the other in. */
  readonly hosts: boolean;
}

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
  readonly #keys: Promise<Keys>;
  readonly #people: People;
  readonly #calls = new Set<CallId>();
  readonly #legs = new Map<LinkId, CallLink>();
  /** Whom the overlay knows to be linked. */
  readonly #up = new Set<ParticipantId>();
  /** What the backend was last told of each call. */
  readonly #told = new Map<CallId, string>();
  /** What the other ends of links said they want. */
  readonly #wants = new WeakMap<Link, Want>();
  readonly #asDirected = new WeakMap<Link, DirectedLink>();
  readonly #carriesFiles = new WeakSet<Link>();
  readonly #director: Director;
  #settled: Settled | null = null;
  /** Whether others are or were in it. */
  #isRunning = false;
  #isOver = false;
  #farewell: Promise<void> | null = null;
  readonly #unsubscribe: Cancel;

  constructor(ports: ConferencePorts) {
    this.#ports = ports;
    this.#unsubscribe = ports.local.subscribe(() => this.tell());
    this.#keys = ports.ring.create();
    this.#keys.catch(ports.fault);
    const attestations = new Attestations({
      check: (claim) => ports.identity.check(this.#anyCall, claim),
      changed: () => ports.changed(),
      fault: ports.fault,
    });
    this.#people = new People(ports.identity, attestations);
    this.#director = ports.direct({
      links: () => this.#directed(),
      participants: () => this.#roster.length + 1,
      changed: () => {
        this.#settled?.overlay.tell({ quality: this.#director.grade });
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
    this.#legs.set(leg.key, leg);
    this.#rosterChanged();
  }

  removeLink(key: LinkId): void {
    const leg = this.#legs.get(key);
    this.#legs.delete(key);
    if (leg?.link.id != null) this.#follow(leg.link.id);
  }

  /** A call is over. True: it was the last one, and this device leaves. */
  removeCall(call: CallId): boolean {
    this.#calls.delete(call);
    this.#told.delete(call);
    if (this.#calls.size === 0) return true;
    for (const [key, leg] of this.#legs) if (leg.call === call) this.removeLink(key);
    return false;
  }

  /** Says goodbye, and ends. Resolves when the links of its calls may be closed. */
  leave(): Promise<void> {
    if (!this.#isOver) this.#retire();
    return (this.#farewell ??= this.#sayFarewell().catch(this.#ports.fault));
  }

  async #sayFarewell(): Promise<void> {
    if (this.#settled === null) return;
    const { overlay, introductions } = this.#settled;
    try {
      await overlay.leave();
    } finally {
      introductions.close();
    }
  }

  /** What this device says of itself changed. */
  tell(): void {
    this.#settled?.overlay.tell(this.#ownEntry());
  }

  async hello(key: LinkId, ends: Ends): Promise<Hello> {
    const keys = await this.#keys;
    if (this.#legs.get(key)?.hosts === true) await this.#found(keys);
    const said = { conference: this.id, running: this.#isRunning };
    const sig = await keys.sign(helloText(said, ends.own, ends.other));
    return { type: "hello", key: keys.publicKey, sig, ...said };
  }

  async greeted(key: LinkId, hello: Hello, ends: Ends): Promise<ParticipantId | null> {
    const id = participantIdOf(hello.key);
    const text = helloText(hello, ends.other, ends.own);
    if (id === null || !(await this.#ports.ring.verifier.verify(hello.key, text, hello.sig))) return null;
    const keys = await this.#keys;
    if (id === keys.id) return null;
    const leg = this.#legs.get(key);
    if (leg !== undefined) {
      this.#people.met(leg.call, id);
      await this.#settle(leg, hello, keys);
    }
    return id;
  }

  /** Both sides of a call come to the same conference, whichever hello is heard first. */
  async #settle({ call, hosts }: CallLink, hello: Hello, keys: Keys): Promise<void> {
    const isSame = hello.conference !== null && hello.conference === this.id;
    if (isSame && hello.running) return;
    const letsIn = this.#isRunning === hello.running ? hosts : this.#isRunning;
    if (letsIn) {
      await this.#found(keys);
      const { name = "", address = "" } = this.#ports.identity.personOf(call) ?? {};
      await this.#letIn(hello.key, { name, address });
    } else if (hello.conference !== null && !isSame && !this.#isRunning) {
      this.#join(keys, hello.conference);
    }
  }

  async #letIn(key: PublicKey, known: { name: string; address: string }): Promise<void> {
    try {
      await this.#settled?.overlay.admit(key, known);
    } catch (error) {
      // The two talk all the same; the conference does not grow.
      if (!(error instanceof OverlayError)) throw error;
      this.#ports.fault(error);
    }
  }

  /** It is proven who is at the other end of a link. */
  #known(key: LinkId, id: ParticipantId): void {
    const link = this.#legs.get(key)?.link ?? this.link(key);
    const transfers = this.#settled?.room.documents.transfers;
    if (link !== null && transfers !== undefined && !this.#carriesFiles.has(link)) {
      this.#carriesFiles.add(link);
      bindChannel(transfers, id, link.files);
    }
    this.#follow(id);
  }

  /** The same for a link of a call. */
  known(key: LinkId, id: ParticipantId): void {
    this.#known(key, id);
  }

  /**
   * A link of a call changed its state. True: if it is lost, whoever is at its other end can be reached all the same.
   */
  followLink(key: LinkId): boolean {
    const id = this.#legs.get(key)?.link.id ?? null;
    if (id === null) return false;
    this.#follow(id);
    return this.#isPresent(id);
  }

  frame(key: LinkId, text: string): void {
    const id = this.#legs.get(key)?.link.id ?? null;
    if (id !== null) this.#settled?.overlay.receive(id, text);
  }

  detour(key: LinkId, message: Message): boolean {
    const id = this.#legs.get(key)?.link.id ?? null;
    return id !== null && this.#detour(id, key, message);
  }

  /** What the other end of a link says of how it shows this device. */
  wanted(key: LinkId, want: Want): void {
    const link = this.#legs.get(key)?.link ?? this.link(key);
    if (link === null) return;
    this.#wants.set(link, want);
    this.#director.replan();
  }

  /** A line for this device only. */
  privately(key: LinkId, line: object): void {
    const from = (this.#legs.get(key)?.link ?? this.link(key))?.id ?? null;
    if (from !== null) this.#settled?.room.documents.takePrivate(from, line);
  }

  /** Says something about a call whose own link is lost. */
  signal(key: LinkId, signal: object): void {
    const id = this.#legs.get(key)?.link.id ?? null;
    if (id === null) return;
    const link = this.#linkTo(id);
    if (link !== null) link.sendSignal(signal);
    else this.#settled?.overlay.send(id, "signal", { signal });
  }

  networkChanged(): void {
    for (const [, { link }] of this.#settled?.introductions.entries() ?? []) link.networkChanged();
  }

  /** A link to somebody who was introduced. */
  link(key: LinkId): Link | null {
    for (const [, one] of this.#settled?.introductions.entries() ?? []) if (one.key === key) return one.link;
    return null;
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
      speaker: this.#speaker(),
    };
  }

  /** The page goes away. */
  close(): void {
    this.#retire();
    this.#settled?.introductions.close();
    this.#settled?.overlay.close();
  }

  #retire(): void {
    this.#isOver = true;
    this.#unsubscribe();
    this.#director.close();
    this.#settled?.room.close();
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
      isWelcome: (id) => !this.#isOver && this.#isListed(id) && this.#linkTo(id) === null,
    });
    const room = new ConferenceRoom({
      clock: platform.clock,
      overlay,
      own,
      verifier: this.#ports.ring.verifier,
      local: this.#ports.local,
      sayPrivately: (to, line) => {
        const link = this.#linkTo(to);
        link?.sendPrivately(line);
        return link !== null;
      },
      ownName: () => this.#ports.identity.own(this.#anyCall).name,
      shownChanged: () => this.#tellWants(),
      fault: this.#ports.fault,
    });
    room.documents.subscribe(() => this.#ports.changed());
    this.#settled?.room.close();
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
      disconnect: (id) => this.#settled?.introductions.end(id),
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
      known: () => this.#known(key, id),
      frame: (text) => this.#settled?.overlay.receive(id, text),
      detour: (message) => this.#detour(id, key, message),
      wanted: (want) => this.wanted(key, want),
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
    const leg = typeof key === "string" ? this.#legs.get(key) : undefined;
    const message = toMessage(body);
    if (leg === undefined) this.#settled?.introductions.hear(from, body);
    else if (leg.link.id === from && message !== null) leg.link.hearByDetour(message);
  }

  /** What somebody says about the call with this device, whose own link is lost. */
  #signalled(from: ParticipantId, signal: object): void {
    for (const { key, link } of this.#legs.values())
      if (link.id === from && link.isLost) return this.#ports.signal(key, signal);
  }

  /** Keeps the overlay in step with the links to somebody. */
  #follow(id: ParticipantId): void {
    const overlay = this.#settled?.overlay;
    const isUp = this.#linkTo(id) !== null;
    if (overlay === undefined || isUp === this.#up.has(id)) return;
    if (isUp) {
      this.#up.add(id);
      this.#tellWants();
      overlay.linkUp(id, (text, urgency) => this.#linkTo(id)?.sendFrame(text, urgency));
      for (const { key, link } of this.#legs.values())
        if (link.id === id && link.isLost) this.#ports.reached(key);
    } else {
      this.#up.delete(id);
      overlay.linkDown(id);
    }
  }

  /** A link over which somebody can be reached now. */
  #linkTo(id: ParticipantId): Link | null {
    for (const { link } of this.#legs.values()) if (link.id === id && link.isOpen) return link;
    const link = this.#settled?.introductions.get(id)?.link;
    return link?.id === id && link.isOpen ? link : null;
  }

  #rosterChanged(): void {
    const view = this.#settled?.overlay.view;
    if (view !== undefined) {
      if (view.participants.length > 0) this.#isRunning = true;
      for (const { key, link } of this.#legs.values()) {
        if (link.id === null) continue;
        this.#follow(link.id);
        if (link.isLost && !this.#isPresent(link.id)) this.#ports.unreached(key);
      }
      this.#report(view);
      this.#settled?.room.rosterChanged(new Set(this.#participants().map(({ key }) => key)));
      if (view.standing === "removed" && !this.#isOver)
        for (const call of this.#calls) this.#ports.removed(call);
    }
    this.#ports.changed();
  }

  /** Tells the backend which conference its calls belong to, and how many would be left without each. */
  #report({ id, topic, participants }: RosterView): void {
    for (const call of this.#calls) {
      const other = this.#people.idOf(call);
      const others = participants.filter((one) => one.id !== other).length;
      const people = participants.map(({ entry }) => entry.name).filter((name) => name !== "");
      const report = { type: "Conference" as const, call, conference: { id, topic, people }, others };
      const text = JSON.stringify(report);
      if (this.#told.get(call) === text) continue;
      this.#told.set(call, text);
      this.#ports.report(report);
    }
  }

  get #roster(): readonly RosterParticipant[] {
    return this.#settled?.overlay.view.participants ?? [];
  }

  /** Tells everybody at which size they are shown. */
  #tellWants(): void {
    for (const { key, id } of this.#participants()) {
      const want = this.#settled?.room.wantOf(key) ?? null;
      if (want !== null && id !== null) this.#linkTo(id)?.want(want);
    }
  }

  #speaker(): string | null {
    const { speaker } = this.#director;
    return this.#participants().find(({ key, id }) => id === speaker || key === speaker)?.key ?? null;
  }

  /** One link for each participant, and those whose other end is not known yet. */
  #directed(): DirectedLink[] {
    const links = [...this.#legs.values()].map(({ link }) => link);
    for (const [, { link }] of this.#settled?.introductions.entries() ?? []) links.push(link);
    return links
      .filter((link) => link.isOpen && (link.id === null || this.#linkTo(link.id) === link))
      .map((link) => this.#directedAs(link));
  }

  #directedAs(link: Link): DirectedLink {
    const known = this.#asDirected.get(link);
    if (known !== undefined) return known;
    const wants = (): Want | null => this.#wants.get(link) ?? null;
    const directed = {
      get participant(): string {
        return link.id ?? "";
      },
      get senders() {
        return link.senders;
      },
      get voice() {
        return link.voice;
      },
      get wants() {
        return wants();
      },
      stats: () => link.stats(),
    };
    this.#asDirected.set(link, directed);
    return directed;
  }

  #isListed(id: ParticipantId): boolean {
    return this.#roster.some((one) => one.id === id);
  }

  #isPresent(id: ParticipantId): boolean {
    return this.#roster.some((one) => one.id === id && one.connection === "connected");
  }

  #participants(): ParticipantView[] {
    return this.#people.view(this.#roster, this.#links(), (one) => this.#claimOf(one));
  }

  /** Oldest first. */
  #links(): KnownLink[] {
    const legs = [...this.#legs.values()].map(({ key, call, link }) => ({ ...link.view, key, call }));
    const entries = [...(this.#settled?.introductions.entries() ?? [])];
    return [...entries.map(([id, { key, link }]) => ({ ...link.view, id, key, call: null })), ...legs];
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
