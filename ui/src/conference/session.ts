import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import type { LinkState } from "../bindings/LinkState";
import type { PageEvent } from "../bindings/PageEvent";
import type { CandidatePolicy } from "./candidate";
import { PATIENCE, type Patience } from "./health";
import { Link, type LinkPorts } from "./link";
import { otherEnd } from "./participants";
import type {
  Cancel,
  ConferenceView,
  LinkSettings,
  ParticipantId,
  Room,
  Session,
  SessionPorts,
} from "./types";

/** What tests may set otherwise. */
export interface SessionOptions {
  readonly patience?: Patience;
  readonly candidates?: CandidatePolicy;
}

export function createSession(ports: SessionPorts, options: SessionOptions = {}): Session {
  return new LinkSession(ports, options);
}

/** How long a link that has both descriptions and is not open must have tried to count as failed, in milliseconds. */
const FAILED_ATTEMPT = 8000;

/** How long a participant whose link was lost keeps its place, in milliseconds: a fresh link is on its way. */
const COMES_BACK = 60_000;

interface Leg {
  readonly call: CallId;
  readonly link: Link;
  /** Whether media was allowed on it: only then it is somebody in the conference. */
  inConference: boolean;
}

class LinkSession implements Session {
  readonly #ports: SessionPorts;
  readonly #patience: Patience;
  readonly #candidates: CandidatePolicy;
  readonly #legs = new Map<LinkId, Leg>();
  readonly #participants = new Map<CallId, ParticipantId>();
  /** Calls whose media runs or ran and is to come back: the camera stays on for them. */
  readonly #live = new Set<CallId>();
  readonly #listeners = new Set<() => void>();
  #settings: LinkSettings = { stun: [], turn: [], relay_only: false };
  #name = "";

  constructor(ports: SessionPorts, options: SessionOptions) {
    this.#ports = ports;
    this.#patience = options.patience ?? PATIENCE;
    this.#candidates = options.candidates ?? { allowLoopback: false };
  }

  configure(settings: LinkSettings): void {
    this.#settings = settings;
  }

  setName(name: string): void {
    this.#name = name;
    for (const { link } of this.#legs.values()) link.tellState();
  }

  handle(event: PageEvent): void {
    const { link: id } = event;
    try {
      switch (event.type) {
        case "MakeOffer":
          return this.#add(id, event.call, (ports) =>
            Link.toOffer(ports, { thorough: this.#hasFailedAttempt(event.call) }),
          );
        case "MakeAnswer":
          return this.#add(id, event.call, (ports) =>
            Link.toAnswer(ports, event.description, { thorough: this.#hasFailedAttempt(event.call) }),
          );
        case "UseAnswer":
          return this.#known(id)?.link.useAnswer(event.description);
        case "UseMedia":
          return this.#useMedia(id, event.video);
        case "SendOnLink":
          return this.#send(id, event.signal);
        case "CloseLink":
          return this.#close(id);
      }
    } catch (error) {
      this.#ports.fault(error);
      this.#ports.report({ type: "LinkState", link: id, state: "Lost" });
    }
  }

  callEnded(call: CallId): void {
    // The links stay until they are closed: the hang-up is yet to be said on them.
    for (const [id, leg] of this.#legs) {
      if (leg.call !== call) continue;
      leg.inConference = false;
      if (leg.link.isLost) this.#legs.delete(id);
    }
    this.#participants.delete(call);
    this.#release(call);
    this.#changed();
  }

  networkChanged(): void {
    for (const { link } of this.#legs.values()) link.networkChanged();
  }

  conference(call: CallId): ConferenceView | null {
    const legs = [...this.#legs].filter(([, leg]) => leg.call === call && leg.inConference);
    const participant = otherEnd(legs.map(([link, leg]) => ({ link, ...leg.link.view })));
    if (participant === null) return null;
    const own = { id: this.#participant(call), hand: null, organiser: false, screen: null };
    return { call, id: null, topic: "", locked: false, own, participants: [participant], speaker: null };
  }

  room(): Room | null {
    return null;
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stats(link: LinkId): Promise<RTCStatsReport | null> {
    return (await this.#legs.get(link)?.link.stats()) ?? null;
  }

  close(): void {
    for (const { link } of this.#legs.values()) link.drop();
    this.#legs.clear();
    this.#live.clear();
    this.#ports.local.stop();
  }

  #add(id: LinkId, call: CallId, make: (ports: LinkPorts) => Link): void {
    if (this.#legs.has(id)) return;
    this.#legs.set(id, { call, link: make(this.#linkPorts(id, call)), inConference: false });
  }

  #linkPorts(id: LinkId, call: CallId): LinkPorts {
    const { platform, local, report, fault } = this.#ports;
    return {
      platform,
      local,
      settings: this.#settings,
      patience: this.#patience,
      candidates: this.#candidates,
      participant: this.#participant(call),
      name: () => this.#name,
      described: (description) => report({ type: "Described", link: id, description }),
      state: (state: LinkState) => report({ type: "LinkState", link: id, state }),
      signal: (signal) => report({ type: "SignalFromLink", link: id, signal }),
      changed: () => this.#changed(),
      fault,
    };
  }

  #participant(call: CallId): ParticipantId {
    const known = this.#participants.get(call);
    if (known !== undefined) return known;
    const fresh = this.#ports.platform.randomId();
    this.#participants.set(call, fresh);
    return fresh;
  }

  /** A link the backend believes in and this page has not, for example after a reload, is lost. */
  #known(id: LinkId): Leg | undefined {
    const leg = this.#legs.get(id);
    if (leg === undefined) this.#ports.report({ type: "LinkState", link: id, state: "Lost" });
    return leg;
  }

  #useMedia(id: LinkId, video: boolean): void {
    const leg = this.#known(id);
    if (leg === undefined) return;
    if (!this.#live.has(leg.call)) {
      this.#live.add(leg.call);
      this.#ports.local.start({ video }).catch((error: unknown) => this.#ports.fault(error));
    }
    leg.inConference = true;
    leg.link.useMedia();
    this.#changed();
  }

  #send(id: LinkId, signal: unknown): void {
    if (typeof signal === "object" && signal !== null) this.#known(id)?.link.sendSignal(signal);
  }

  #close(id: LinkId): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    if (leg.link.isLost && leg.inConference) {
      // Somebody who is to come back keeps the place, and the camera stays on meanwhile.
      this.#ports.platform.clock.after(COMES_BACK, () => this.#remove(id, leg));
    } else {
      leg.link.close();
      this.#remove(id, leg);
    }
  }

  #remove(id: LinkId, leg: Leg): void {
    this.#legs.delete(id);
    const isInUse = ({ call, inConference, link }: Leg): boolean =>
      call === leg.call && inConference && !link.isLost;
    if (leg.inConference && ![...this.#legs.values()].some(isInUse)) this.#release(leg.call);
    this.#changed();
  }

  #release(call: CallId): void {
    if (this.#live.delete(call) && this.#live.size === 0) this.#ports.local.stop();
  }

  #hasFailedAttempt(call: CallId): boolean {
    const legs = [...this.#legs.values()].filter((leg) => leg.call === call);
    return legs.some(({ link }) => (link.tryingFor ?? 0) >= FAILED_ATTEMPT);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
