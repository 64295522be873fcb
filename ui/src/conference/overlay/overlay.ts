import type { ConferenceId, ParticipantId } from "../types";
import { Acquaintances } from "./acquaintances";
import { Acts } from "./acts";
import type { Fields } from "./fields";
import type { Frame } from "./frame";
import { pathBetween } from "./graph";
import type { PublicKey } from "./keys";
import { bySeniority } from "./membership";
import type { Neighbour, SendText } from "./neighbour";
import { Neighbourhood } from "./neighbourhood";
import { OwnEntryWriter, type OwnEntry } from "./own-entry";
import type { OverlayPorts } from "./ports";
import { hasSameIds, isSamePeople, Presence, type Picture } from "./presence";
import { Replication } from "./replication";
import type { Replica } from "./replica";
import { Roster } from "./roster";
import { Router } from "./router";
import { Claim, Signed, type SignedWire } from "./signed";
import { StatementSet } from "./statement-set";
import { conferenceIdOf, makeGenesis, MAX_RENEWALS } from "./statements";
import { Topology } from "./topology";
import { viewOf, type RosterView, type Standing } from "./view";
import { writersOf } from "./writers";

/**
 * The network of the participants' control channels: who is in, what they say of themselves, what is replicated
 * between them, and messages from one to another. It rests on links that others make and break.
 */
export class Overlay {
  readonly id: ConferenceId;
  readonly #ports: OverlayPorts;
  readonly #statements: StatementSet;
  readonly #roster: Roster;
  readonly #presence: Presence;
  readonly #neighbourhood: Neighbourhood;
  readonly #replication: Replication;
  readonly #router: Router;
  readonly #topology: Topology;
  readonly #acts: Acts;
  readonly #acquaintances: Acquaintances;
  readonly #own: OwnEntryWriter;
  /** Whose links are to be given up once the view says why. */
  #givenUp: ParticipantId[] = [];
  #picture: Picture;
  /** Of whom {@link writersOf} was asked last. */
  #written: { readonly of: unknown; readonly writers: ReadonlySet<ParticipantId> } = {
    of: null,
    writers: new Set(),
  };
  #view: RosterView | null = null;
  /** The newest statement, for those whom it makes strangers. */
  #news: object | null = null;
  /** What has to be done again: draw the picture, show it. */
  #isStale = { picture: true, view: true };
  #isSettling = false;
  #isOver: "left" | "removed" | "closed" | null = null;

  /** Founds a conference. */
  static async found(ports: OverlayPorts, own: OwnEntry): Promise<Overlay> {
    const genesis = await makeGenesis(ports.keys, ports.randomId());
    return new Overlay(ports, own, conferenceIdOf(genesis.body), genesis);
  }

  /** Takes part in a conference as soon as a member admits this device's key. */
  static join(ports: OverlayPorts, own: OwnEntry, conference: ConferenceId): Overlay {
    return new Overlay(ports, own, conference, null);
  }

  private constructor(ports: OverlayPorts, own: OwnEntry, id: ConferenceId, genesis: Signed | null) {
    const { clock, keys, verifier, fault } = ports;
    this.id = id;
    this.#ports = ports;
    const statements = (this.#statements = new StatementSet(id, verifier));
    if (genesis !== null) statements.add(genesis);
    const roster = (this.#roster = new Roster(id, {
      clock,
      verifier,
      accepts: (one) => this.#mayTell(one),
      changed: (what) => this.#rosterChanged(what),
    }));
    this.#neighbourhood = new Neighbourhood({
      clock,
      take: (from, frame) => this.#take(from, frame),
      beat: () => this.#replication.beat(),
      up: (neighbour) => this.#up(neighbour),
      down: ({ id: lost }) => this.#down(lost),
      settle: () => {
        this.#isStale.picture ||=
          this.#presence.isOutdated || this.#topology.isOutdated || this.#acquaintances.isWaiting;
        this.#settle();
      },
      fault,
    });
    const links = { links: () => this.#links() };
    this.#presence = new Presence({ clock, own: keys.id, statements, roster, ...links });
    this.#picture = this.#presence.picture;
    this.#replication = new Replication({
      clock,
      neighbour: (one) => this.#neighbourhood.alive(one),
      mayHave: (one) => this.#isMember(one),
      mayTell: (one) => this.#mayTell(one),
      spread: (...origins) => this.#spread(origins),
      taken: (replica, item) => {
        if (replica === statements.name) this.#stated(item);
      },
    });
    this.#replication.add(statements);
    this.#replication.add(roster);
    this.#router = new Router({
      clock,
      keys,
      verifier,
      conference: id,
      isMember: (one) => this.#isMember(one),
      path: (to, avoiding) => pathBetween(this.#picture.graph, keys.id, to, avoiding),
      forward: (to, frame) => this.#forward(to, frame),
      deliver: (from, kind, body) => ports.routed(from, kind, body),
      fault,
    });
    this.#topology = new Topology({
      clock,
      connect: (one) => ports.connect(one),
      disconnect: (one) => ports.disconnect(one),
    });
    this.#acquaintances = new Acquaintances({
      clock,
      own: keys.id,
      statements,
      roster,
      replication: this.#replication,
      giveUp: (one) => this.#givenUp.push(one),
    });
    this.#acts = new Acts({
      clock,
      keys,
      conference: id,
      statements,
      picture: () => this.#picture,
      lengthOf: (one) => this.#replication.lengthOf(one),
      publish: (signed) => this.#publishStatement(signed),
      fault,
    });
    this.#own = new OwnEntryWriter(
      {
        clock,
        publish: async (entry) => {
          const signed = await Signed.make(keys, id, entry);
          if (this.#isOver !== null) return;
          roster.put(signed, entry);
          this.#replication.flood(roster.name, signed.wire);
          this.#settle();
        },
        links: () => this.#links().map(([one]) => one),
        hands: () => roster.hands,
        fault,
      },
      own,
    );
    this.#settle();
  }

  /** What this device has sent over its links: everything but beats, and beats. */
  get counters(): { readonly sent: number; readonly beats: number } {
    return this.#neighbourhood.counters;
  }

  get view(): RosterView {
    const about = { id: this.id, own: this.#ports.keys.id, standing: this.#standing };
    return (this.#view ??= viewOf(about, this.#picture, this.#roster));
  }

  /** Whether somebody is in now; present or not. */
  isMember(id: ParticipantId): boolean {
    return this.#isMember(id);
  }

  /** Whether somebody who is linked seems to be out, and may turn out to be a member when halves become one. */
  isInDoubt(id: ParticipantId): boolean {
    return this.#acquaintances.isInDoubt(id);
  }

  /** Whether somebody has left, or has handed its seat to another id: for good. */
  isGone(id: ParticipantId): boolean {
    return this.#statements.knows(id) && !this.#mayTell(id);
  }

  /** Whether somebody was ever let in: what it said then is still part of the conference. */
  knows(id: ParticipantId): boolean {
    return this.#statements.knows(id);
  }

  /** All ids of somebody's seat, the oldest first: a reload makes a new one. */
  idsOf(id: ParticipantId): readonly ParticipantId[] {
    return this.#statements.seatOf(id).ids;
  }

  /** Something that is replicated beside membership and roster; before the first link. */
  addReplica(replica: Replica): void {
    this.#replication.add(replica);
  }

  /** Spreads a new item that this device made and the replica holds. */
  flood(replica: string, item: object): void {
    if (this.#isOver === null) this.#replication.flood(replica, item);
  }

  /**
   * Lets somebody in, by the public key that it has proven to hold. Does nothing for somebody who is in.
   * Rejects with an {@link OverlayError}.
   */
  async admit(key: PublicKey, known: { readonly name: string; readonly address: string }): Promise<void> {
    if (this.#isOver === null) await this.#acts.admit(key, known);
  }

  /**
   * Takes the renewals that led somebody to its key, who was in under another. Of a seat whose holder left or was put
   * out, as far as is known here, they are not taken: under the new key it is a stranger then, as without them.
   */
  async renew(key: PublicKey, renewals: readonly unknown[]): Promise<void> {
    if (Claim.read(renewals.at(-1))?.fields["key"] === key) await this.#takeRow(renewals, ["renew"]);
  }

  /** What joins this device to the founder, the oldest statement first. */
  get row(): readonly SignedWire[] {
    return this.#statements.rowTo(this.#ports.keys.id);
  }

  /** Takes the end of somebody's {@link row}, of whom nobody could tell this device. */
  async takeRow(row: readonly unknown[]): Promise<void> {
    await this.#takeRow(row, ["admit", "renew"]);
  }

  /** A link is open, and who is at its other end is proven. A fresh one takes the place of an older one. */
  linkUp(id: ParticipantId, send: SendText): void {
    if (this.#isOver === null && id !== this.#ports.keys.id) this.#neighbourhood.linkUp(id, send);
  }

  /** A link is lost. */
  linkDown(id: ParticipantId): void {
    if (this.#isOver === null) this.#neighbourhood.linkDown(id);
  }

  /** What came over the link to somebody: anything, of any length. */
  receive(from: ParticipantId, text: string): void {
    if (this.#isOver === null) this.#neighbourhood.receive(from, text);
  }

  /**
   * Sends a signed message to a participant over whatever path there is, and over another one if that breaks.
   * False if there is none, or the message is too long: nothing is sent then. True promises nothing.
   */
  send(to: ParticipantId, kind: string, body: Fields): boolean {
    return this.#isOver === null && this.#isMember(to) && this.#router.send(to, kind, body);
  }

  /** The key of somebody who was ever let in, also of who left; null for anybody else. */
  publicKeyOf(id: ParticipantId): PublicKey | null {
    return this.#statements.publicKeyOf(id);
  }

  /**
   * How many entries of somebody's feed count: null: all of them. Of who was put out those count that were written
   * before, of those whom nobody who could has let in none, and of two who count as one writer those of the first only.
   * This device trusts itself until it is out.
   */
  lastOf(id: ParticipantId): number | null {
    const { admitted, removed } = this.#picture.membership;
    if (id === this.#ports.keys.id) return null;
    if (admitted.has(id) && !this.#writers.has(id)) return 0;
    return removed.get(id) ?? (admitted.has(id) ? null : 0);
  }

  /** What a replica holds changed otherwise than by an item that was taken or made. */
  touch(replica: string): void {
    this.#replication.touch(replica);
  }

  /** What the others shall know of this device; what is not named stays. */
  tell(own: Partial<OwnEntry>): void {
    this.#own.tell(own);
  }

  /** Puts somebody out. False if this device may not. */
  remove(id: ParticipantId): boolean {
    return this.#isOver === null && this.#acts.remove(id);
  }

  /** Changes what is named. False if this device may not. */
  setRules(rules: { readonly topic?: string; readonly locked?: boolean }): boolean {
    return this.#isOver === null && this.#acts.setRules(rules);
  }

  /** Says to the others that this device leaves, for good under this key, and ends. Resolves once it has been said. */
  async leave(): Promise<void> {
    if (this.#isOver !== null) return;
    const farewell = await this.#acts.farewell();
    this.#replication.flood(this.#statements.name, farewell.wire);
    this.#end("left");
  }

  /** Ends without a word, like a device that is switched off. */
  close(): void {
    this.#end("closed");
  }

  get #standing(): Standing {
    if (this.#isOver === "left" || this.#isOver === "removed") return this.#isOver;
    const { id } = this.#ports.keys;
    if (this.#isMember(id) || this.#acquaintances.isInDoubt(id)) return "in";
    return this.#statements.knows(id) ? "locked out" : "joining";
  }

  get #writers(): ReadonlySet<ParticipantId> {
    const { admitted } = this.#picture.membership;
    if (this.#written.of !== admitted) this.#written = { of: admitted, writers: writersOf(admitted.keys()) };
    return this.#written.writers;
  }

  #isMember(id: ParticipantId): boolean {
    return this.#picture.membership.members.has(id);
  }

  /** The live links, and since when they are. */
  #links(): [ParticipantId, number][] {
    const links: [ParticipantId, number][] = [];
    for (const { id, since, isAlive } of this.#neighbourhood.all())
      if (isAlive && this.#mayTell(id)) links.push([id, since]);
    return links;
  }

  /**
   * Who was let in, has not left and has this id still. Whoever seems removed may be a member all the same, which is
   * seen when it has told who else is there; if it is none, the link to it does not last.
   */
  #mayTell(id: ParticipantId): boolean {
    const statements = this.#statements;
    return statements.knows(id) && !statements.hasLeft(id) && !statements.isFormer(id);
  }

  #mayReturn(id: ParticipantId): boolean {
    return !this.#statements.hasLeft(id) && !this.#picture.membership.removed.has(id);
  }

  async #takeRow(row: readonly unknown[], kinds: readonly unknown[]): Promise<void> {
    for (const one of row.slice(-MAX_RENEWALS)) {
      const claim = Claim.read(one);
      if (this.#isOver !== null || claim === null || !kinds.includes(claim.fields["t"])) continue;
      if (claim.fields["t"] === "renew" && !this.#mayReturn(claim.by)) continue;
      if ((await this.#statements.take(one)) === "new") this.#spreadStatement(one as object);
    }
  }

  #up(neighbour: Neighbour): void {
    this.#isStale.picture = true;
    this.#acquaintances.up(neighbour, this.#isMember(neighbour.id));
  }

  #down(id: ParticipantId): void {
    this.#isStale.picture = true;
    this.#acquaintances.down(id);
    this.#topology.lost(id);
  }

  async #take(from: Neighbour, frame: Frame): Promise<void> {
    if (this.#isOver !== null) return;
    switch (frame.t) {
      case "beat":
        return this.#replication.takeBeat(from, frame.prints);
      case "digest":
        return this.#replication.takeDigest(from, frame.digests, frame.ask);
      case "more":
        return this.#replication.takeMore(from, frame.replica);
      case "items":
        await this.#replication.takeItems(from, frame.groups);
        return this.#settle();
      case "msg":
        if (this.#isMember(from.id) && !(await this.#router.take(from.id, frame))) from.blame();
    }
  }

  #forward(to: ParticipantId, frame: Frame): boolean {
    const neighbour = this.#neighbourhood.alive(to);
    if (neighbour === null || !this.#isMember(to)) return false;
    neighbour.send(frame);
    return true;
  }

  /** Along the tree of shortest paths, and to neighbours who are not in it yet. */
  #spread(origins: readonly (ParticipantId | null)[]): { root: ParticipantId; to: ParticipantId[] } {
    const own = this.#ports.keys.id;
    const root = origins.find((one) => one !== null && this.#picture.tree(one).has(own)) ?? own;
    const tree = this.#picture.tree(root);
    const to: ParticipantId[] = [];
    for (const { id, isAlive } of this.#neighbourhood.all())
      if (isAlive && (tree.get(id) === own || !tree.has(id))) to.push(id);
    return { root, to };
  }

  #publishStatement(signed: Signed): boolean {
    // Nobody is left to be told.
    if (this.#isOver !== null) return true;
    if (!this.#statements.add(signed)) return false;
    this.#spreadStatement(signed.wire);
    return true;
  }

  #spreadStatement(item: object): void {
    this.#replication.flood(this.#statements.name, item);
    this.#stated(item);
  }

  #stated(item: object): void {
    this.#news = item;
    this.#roster.prune();
    this.#replication.touch(this.#roster.name);
    this.#isStale = { picture: true, view: true };
    // At once: what follows in the same frame may be from somebody whom this lets in.
    this.#settle();
  }

  #rosterChanged({ shown, links }: { readonly shown: boolean; readonly links: boolean }): void {
    this.#isStale.picture ||= shown || links;
    this.#isStale.view ||= shown;
  }

  /** Draws the consequences of whatever changed. */
  #settle(): void {
    if (this.#isSettling || this.#isOver !== null) return;
    this.#isSettling = true;
    try {
      for (let round = 0; round < MAX_ROUNDS && this.#isStale.picture; round += 1) {
        this.#isStale.picture = false;
        const before = this.#picture;
        this.#picture = this.#presence.refresh();
        // Another page of this device took over.
        if (this.#statements.isFormer(this.#ports.keys.id)) return this.#end("left");
        if (!isSamePeople(before, this.#picture)) this.#isStale = { picture: true, view: true };
        if (!this.#acquaintances.follow(this.#picture, this.#neighbourhood.all(), this.#news))
          return this.#end("removed");
        this.#follow(before, this.#picture);
      }
    } finally {
      this.#news = null;
      this.#isSettling = false;
    }
    if (this.#isStale.view) {
      this.#isStale.view = false;
      this.#view = null;
      this.#ports.changed();
    }
    for (const id of this.#givenUp.splice(0)) this.#topology.giveUp(id);
  }

  #follow(before: Picture, { graph, reached, around, membership }: Picture): void {
    const own = this.#ports.keys.id;
    const { members } = membership;
    if (!hasSameIds(members, before.membership.members)) this.#router.membersChanged();
    this.#router.pathsChanged((a, b) => graph.get(a)?.has(b) === true);
    this.#own.linksChanged();
    this.#acts.follow(before.membership);
    const member = members.get(own);
    if (member === undefined) return;
    const isHere = (id: ParticipantId): boolean => id !== own && members.has(id);
    this.#topology.update({
      own,
      reachable: new Set([...reached].filter(isHere)),
      around: new Set([...around].filter(isHere)),
      isJuniorTo: (id) => {
        const other = members.get(id);
        return other !== undefined && bySeniority(member, other) > 0;
      },
      linkTo: (id) => this.#neighbourhood.linkTo(id),
    });
  }

  #end(how: "left" | "removed" | "closed"): void {
    if (this.#isOver !== null) return;
    this.#isOver = how;
    this.#own.close();
    this.#router.close();
    this.#neighbourhood.close();
    this.#view = null;
    if (how !== "closed") this.#ports.changed();
  }
}

/** How often consequences may have consequences before the rest waits for the next beat. */
const MAX_ROUNDS = 8;
