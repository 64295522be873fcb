import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import type { Attention } from "./attention";
import type { ConferenceLinks } from "./conference-links";
import type { Entrance } from "./entrance";
import type { Ends } from "./greeting";
import type { LinkBindings } from "./link-ports";
import type { Hello, Message } from "./message";
import type { People } from "./people";
import type { Settled } from "./settled";
import type { Senders } from "./tracks";
import type { ParticipantId, Refusal, Wants } from "./types";

export interface TrafficPorts {
  readonly links: ConferenceLinks;
  readonly people: People;
  readonly attention: Attention;
  readonly entrance: Entrance;
  /** Null until it is settled which conference it is. */
  settled(): Settled | null;
  /** It is proven who is at the other end of a link. */
  known(): void;
  /** This device is out of a call. */
  removed(call: CallId, why: Refusal): void;
}

/** What comes over the links of a conference, and where it goes; before the conference is settled, mostly nowhere. */
export class Traffic {
  readonly #ports: TrafficPorts;

  constructor(ports: TrafficPorts) {
    this.#ports = ports;
  }

  hello(key: LinkId, ends: Ends): Promise<Hello> {
    return this.#ports.entrance.hello(ends, this.#ports.links.leg(key));
  }

  /** `known`: who is at the other end, if that was proven before: nobody else is let in there. */
  async greeted(
    key: LinkId,
    hello: Hello,
    ends: Ends,
    known: ParticipantId | null,
  ): Promise<ParticipantId | null> {
    const { entrance, links, people } = this.#ports;
    const id = await entrance.provenBy(hello, ends);
    if (known !== null && id !== known) return null;
    const leg = links.leg(key);
    if (id !== null && leg !== null && !this.#wasPutOut(leg.call, id)) {
      people.met(leg.call, id);
      await entrance.settle(leg, hello);
    }
    return id;
  }

  /** It is proven who is at the other end of a link. */
  known(id: ParticipantId): void {
    this.#settled?.follow(id);
    this.#settled?.bindFiles();
    this.#ports.known();
  }

  /**
   * A link of a call changed its state. True: if it is lost, whoever is at its other end can be reached all the same.
   */
  followLink(key: LinkId): boolean {
    const id = this.#idOf(key);
    if (id === null) return false;
    this.#settled?.follow(id);
    return this.#settled?.isPresent(id) === true;
  }

  frame(key: LinkId, text: string): void {
    const id = this.#idOf(key);
    if (id !== null) this.#settled?.overlay.receive(id, text);
  }

  detour(key: LinkId, message: Message): boolean {
    const id = this.#idOf(key);
    return id !== null && this.#settled?.detour(id, key, message) === true;
  }

  canDetour(key: LinkId): boolean {
    const id = this.#idOf(key);
    return id !== null && this.#settled?.isPresent(id) === true;
  }

  /** What the other end of a link says of how it shows this device. */
  wanted(key: LinkId, want: Wants): void {
    const link = this.#ports.links.get(key);
    if (link !== null) this.#ports.attention.hear(link, want);
  }

  begins(senders: Senders): void {
    this.#ports.attention.begin(senders);
  }

  /** There is a way again to the other end of a link. */
  resumed(key: LinkId): void {
    const link = this.#ports.links.get(key);
    if (link !== null) this.#ports.attention.resume(link);
  }

  /** The other end of a call says that it cannot let this device in. */
  refused(key: LinkId, why: Refusal): void {
    const leg = this.#ports.links.leg(key);
    const settled = this.#settled;
    const isIn = settled?.overlay.view.standing === "in" && settled.roster.length > 0;
    if (leg !== null && !isIn) this.#ports.removed(leg.call, why);
  }

  /** A line for this device only. */
  privately(key: LinkId, line: object): void {
    const from = this.#idOf(key);
    if (from !== null && this.#settled?.isListed(from) === true)
      this.#settled.room.documents.takePrivate(from, line);
  }

  /** Says something about a call whose own link is lost. */
  signal(key: LinkId, signal: object): void {
    const id = this.#idOf(key);
    if (id !== null) this.#settled?.signal(id, signal);
  }

  /** Of a link to somebody who was introduced. It has no call, so nobody is refused on it. */
  introduced(id: ParticipantId, key: LinkId): LinkBindings {
    return {
      hello: (ends) => this.hello(key, ends),
      greeted: (hello, ends, known) => this.greeted(key, hello, ends, known),
      known: () => {
        this.#settled?.reunion.opened(id, key);
        this.known(id);
      },
      frame: (text) => this.#settled?.overlay.receive(id, text),
      detour: (message) => this.#settled?.detour(id, key, message) === true,
      canDetour: () => this.#settled?.isPresent(id) === true,
      wanted: (want) => this.wanted(key, want),
      begins: (senders) => this.begins(senders),
      resumed: () => this.resumed(key),
      refused: () => undefined,
      privately: (line) => this.privately(key, line),
      described: (description) => this.#settled?.reunion.describe(id, key, description),
      state: (state) => {
        if (state === "Lost") {
          this.#settled?.reunion.lost(id, key);
          this.#settled?.introductions.lost(id, key);
        }
        this.#settled?.follow(id);
      },
      signal: (signal) => this.#settled?.signalled(id, signal),
    };
  }

  /** Who was removed comes back by no reload: its call is about to end. */
  #wasPutOut(call: CallId, id: ParticipantId): boolean {
    const before = this.#ports.people.idOf(call);
    return before !== null && before !== id && this.#settled?.overlay.view.out.get(before) === "removed";
  }

  get #settled(): Settled | null {
    return this.#ports.settled();
  }

  #idOf(key: LinkId): ParticipantId | null {
    return this.#ports.links.get(key)?.id ?? null;
  }
}
