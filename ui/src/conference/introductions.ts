import type { LinkId } from "../bindings/LinkId";
import { MAX_INTRODUCED } from "./limits";
import type { Link } from "./link";
import { asksForPath, toMessage, type Message } from "./message";
import type { Cancel, Clock, ParticipantId } from "./types";

/** How long after a failure another attempt is made, in milliseconds. */
export const TRY_AGAIN = 1500;
/** How many candidates of one participant are kept that came before their offer, and of how many participants. */
export const MAX_EARLY = 16;
/** Of how many links to one participant that are over it is known that they are. */
const MAX_ENDED = 4;

export interface IntroductionPorts {
  readonly clock: Clock;
  readonly own: ParticipantId;
  /** 32 random hex digits. */
  randomId(): string;
  /** A new link to somebody; `begins`: this side offers. */
  make(id: ParticipantId, key: LinkId, begins: boolean): Link;
  /** Whether somebody is in the conference. */
  isIn(id: ParticipantId): boolean;
  /** Whether somebody who is in is there now. */
  isPresent(id: ParticipantId): boolean;
  /** Whether there is an open link to somebody, for example of a call. */
  isLinked(id: ParticipantId): boolean;
  readonly fault: (error: unknown) => void;
}

interface Introduced {
  readonly key: LinkId;
  readonly link: Link;
  readonly begins: boolean;
}

/**
 * The links to participants who were introduced by others. What is said of such a link travels by way of others,
 * under a key that the beginner chose; a new key is a new link, for example after a reload.
 */
export class Introductions {
  readonly #ports: IntroductionPorts;
  readonly #links = new Map<ParticipantId, Introduced>();
  /** To whom this side keeps a link going, and the attempt that is to come, if one is. */
  readonly #begun = new Map<ParticipantId, Cancel | null>();
  /** Candidates that went another way than their offer, and overtook it; of the newest link of each. */
  readonly #early = new Map<ParticipantId, { readonly key: LinkId; readonly candidates: Message[] }>();
  /** Of those to whom there is a link, who was there at the last look. */
  #present: ReadonlySet<ParticipantId> = new Set();
  /** The newest links to each that are over, the last one last. */
  readonly #ended = new Map<ParticipantId, LinkId[]>();
  /** Whose latest link ended without ever having been open. */
  readonly #failed = new Set<ParticipantId>();

  constructor(ports: IntroductionPorts) {
    this.#ports = ports;
  }

  get(id: ParticipantId): Introduced | undefined {
    return this.#links.get(id);
  }

  entries(): Iterable<[ParticipantId, Introduced]> {
    return this.#links.entries();
  }

  /** No way to somebody was found, though there may be one over others; it is still looked for. */
  isApart(id: ParticipantId): boolean {
    return this.#failed.has(id) && !this.#ports.isLinked(id);
  }

  /** Begins a link, and another one whenever it is lost, until {@link end}. */
  begin(id: ParticipantId): void {
    if (this.#begun.has(id)) return;
    this.#begun.set(id, null);
    this.#try(id);
  }

  end(id: ParticipantId): void {
    this.#begun.get(id)?.();
    this.#begun.delete(id);
    this.#failed.delete(id);
    this.#early.delete(id);
    this.#drop(id, "close");
  }

  /** Ends those to everybody else. */
  keepOnly(isKept: (id: ParticipantId) => boolean): void {
    const all = new Set(
      [this.#begun, this.#links, this.#failed, this.#early, this.#ended].flatMap((ids) => [...ids.keys()]),
    );
    for (const id of all) {
      if (isKept(id)) continue;
      this.end(id);
      this.#ended.delete(id);
    }
  }

  /** Tells whoever is there again what may not have arrived. */
  followPresence(): void {
    const before = this.#present;
    this.#present = new Set([...this.#links.keys()].filter((id) => this.#ports.isPresent(id)));
    for (const id of this.#present) if (!before.has(id)) this.#links.get(id)?.link.tellAgain();
  }

  /** Something that `from` says of a link to this device. */
  hear(from: ParticipantId, body: Readonly<Record<string, unknown>>): boolean {
    const { key } = body;
    const message = toMessage(body);
    if (message === null || typeof key !== "string" || !/^[0-9a-f]{32}$/.test(key)) return false;
    const known = this.#links.get(from);
    if (known?.key === key) {
      known.link.hearByDetour(message);
      return true;
    }
    const isWelcome = this.#ports.isIn(from) && !this.#ports.isLinked(from);
    if (!isWelcome) return false;
    if (this.#ended.get(from)?.includes(key) === true) return this.#renew(from, message);
    if (message.type === "candidate") return this.#keep(from, key, message);
    if (message.type !== "description" || message.kind !== "offer" || this.#isFirst(known, from))
      return false;
    this.#drop(from, "drop");
    const link = this.#make(from, key, false);
    if (link === null) {
      if (this.#begun.has(from)) this.#later(from);
      return false;
    }
    link.hearByDetour(message);
    const early = this.#early.get(from);
    this.#early.delete(from);
    if (early?.key === key) for (const candidate of early.candidates) link.hearByDetour(candidate);
    return true;
  }

  /** A link that was made in another way, and is open: from now on it is one of these. */
  adopt(id: ParticipantId, key: LinkId, { link, begins }: Pick<Introduced, "link" | "begins">): void {
    this.#drop(id, "drop");
    this.#links.set(id, { key, link, begins });
  }

  /** A link ended by itself. */
  lost(id: ParticipantId, key: LinkId): void {
    const known = this.#links.get(id);
    if (known?.key !== key) return;
    this.#forget(id);
    // Who is at the other end is proven once it is open.
    if (known.link.id === null) this.#failed.add(id);
    else this.#failed.delete(id);
    if (this.#begun.has(id)) this.#later(id);
  }

  close(): void {
    for (const id of [...this.#begun.keys()]) this.end(id);
    for (const id of [...this.#links.keys()]) this.#drop(id, "close");
  }

  /** Keeps a candidate until its offer is here. */
  #keep(from: ParticipantId, key: LinkId, candidate: Message): boolean {
    const known = this.#early.get(from);
    const candidates = known?.key === key ? known.candidates : [];
    const isFull = known === undefined && this.#early.size >= MAX_EARLY;
    if (isFull || candidates.length >= MAX_EARLY) return false;
    candidates.push(candidate);
    this.#early.set(from, { key, candidates });
    return true;
  }

  #try(id: ParticipantId): void {
    if (this.#links.has(id) || this.#ports.isLinked(id)) return this.#later(id);
    if (this.#make(id, this.#ports.randomId(), true) === null) this.#later(id);
  }

  /**
   * The other side does not know yet that a link is over, and wants to repair it. Taken for the offer of a new link,
   * that would lead nowhere: the connection at its end has met another one. It is offered a new link instead, also by
   * the side that did not begin the old one.
   */
  #renew(id: ParticipantId, message: Message): boolean {
    if (!asksForPath(message) || this.#links.has(id)) return false;
    if (this.#make(id, this.#ports.randomId(), true) === null) return false;
    this.#begun.get(id)?.();
    if (this.#begun.has(id)) this.#begun.set(id, null);
    return true;
  }

  /** Null if there is no room for it, or the browser makes no more. */
  #make(id: ParticipantId, key: LinkId, begins: boolean): Link | null {
    if (!this.#makeRoom(id)) return null;
    try {
      const link = this.#ports.make(id, key, begins);
      this.#links.set(id, { key, link, begins });
      return link;
    } catch (error) {
      this.#ports.fault(error);
      return null;
    }
  }

  /**
   * Anybody who is in can let in any number of others, but only so many can be present: of those who are not, one gives
   * way to who is.
   */
  #makeRoom(id: ParticipantId): boolean {
    if (this.#links.size < MAX_INTRODUCED) return true;
    if (!this.#ports.isPresent(id)) return false;
    const victim = [...this.#links.keys()].find((one) => !this.#ports.isPresent(one));
    if (victim === undefined) return false;
    this.#drop(victim, "drop");
    if (this.#begun.has(victim)) this.#later(victim);
    return true;
  }

  #later(id: ParticipantId): void {
    this.#begun.get(id)?.();
    const attempt = this.#ports.clock.after(TRY_AGAIN, () => {
      this.#begun.set(id, null);
      this.#try(id);
    });
    this.#begun.set(id, attempt);
  }

  /** Both began at once: the link of the smaller participant id holds, unless the other one is open. */
  #isFirst(known: Introduced | undefined, from: ParticipantId): boolean {
    return known !== undefined && known.begins && !known.link.isReachable && this.#ports.own < from;
  }

  #drop(id: ParticipantId, how: "close" | "drop"): void {
    const known = this.#links.get(id);
    this.#forget(id);
    if (how === "close") known?.link.close();
    else known?.link.drop();
  }

  /** What is still said of the link is said too late. */
  #forget(id: ParticipantId): void {
    const known = this.#links.get(id);
    if (known === undefined) return;
    this.#links.delete(id);
    this.#ended.set(id, [...(this.#ended.get(id) ?? []), known.key].slice(-MAX_ENDED));
  }
}

/** What is said about a link by way of others. */
export function detourBody(key: LinkId, message: Message): Record<string, unknown> {
  return { v: 1, key, ...message };
}
