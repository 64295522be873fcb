import type { CallId } from "../bindings/CallId";
import type { LinkId } from "../bindings/LinkId";
import type { LinkState } from "../bindings/LinkState";
import type { PageEvent } from "../bindings/PageEvent";
import type { CandidatePolicy } from "./candidate";
import { Conference } from "./conference";
import { PATIENCE, type Patience } from "./health";
import { Link } from "./link";
import type { LinkBindings, LinkPorts } from "./link-ports";
import { HUNG_UP, isCancel } from "./message";
import { webCryptoRing, type KeyRing } from "./overlay";
import { PreparedRing } from "./prepared-ring";
import type { Traffic } from "./traffic";
import type {
  Cancel,
  ConferenceId,
  ConferenceView,
  LinkSettings,
  Room,
  Session,
  SessionPorts,
} from "./types";

/** What tests may set otherwise. */
export interface SessionOptions {
  readonly patience?: Patience;
  readonly candidates?: CandidatePolicy;
  readonly ring?: KeyRing;
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
  /** Where its media goes; null until it is allowed. */
  conference: Conference | null;
  /** What it said last. */
  state: LinkState | null;
  /** What the backend was told: it stays open while whoever is at its other end can be reached all the same. */
  told: LinkState | null;
  /** This device leaves the conference; the link is closed when that was said. */
  farewell: Promise<void> | null;
}

/** The link is lost, and the backend does not know: whoever is at its other end can be reached all the same. */
function isReplaced({ state, told }: Leg): boolean {
  return state === "Lost" && told === "Open";
}

class LinkSession implements Session {
  readonly #ports: SessionPorts;
  readonly #patience: Patience;
  readonly #candidates: CandidatePolicy;
  readonly #ring: PreparedRing;
  readonly #legs = new Map<LinkId, Leg>();
  readonly #conferences = new Map<CallId, Conference>();
  /** Calls whose media runs or ran and is to come back: the camera stays on for them. */
  readonly #live = new Set<CallId>();
  readonly #listeners = new Set<() => void>();
  #settings: LinkSettings = { stun: [], turn: [], relay_only: false };

  constructor(ports: SessionPorts, options: SessionOptions) {
    this.#ports = ports;
    this.#patience = options.patience ?? PATIENCE;
    this.#candidates = options.candidates ?? { allowLoopback: false };
    this.#ring = new PreparedRing(options.ring ?? webCryptoRing());
  }

  configure(settings: LinkSettings): void {
    this.#settings = settings;
  }

  ownChanged(): void {
    for (const conference of this.#all) conference.tell();
  }

  handle(event: PageEvent): void {
    if (event.type === "TakeCourier") {
      this.#conferences.get(event.call)?.takeCourier(event.text);
      return;
    }
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
          return this.#useMedia(id, event);
        case "SendOnLink":
          return this.#send(id, event.signal);
        case "CloseLink":
          return this.#close(id);
      }
    } catch (error) {
      this.#ports.fault(error);
      this.#report(id, "Lost");
    }
  }

  hangUp(call: CallId): void {
    for (const [id, leg] of this.#legs) if (leg.call === call) this.#send(id, HUNG_UP);
  }

  callEnded(call: CallId): void {
    const conference = this.#conferences.get(call);
    this.#conferences.delete(call);
    const farewell = conference?.removeCall(call) ?? null;
    // The links stay until they are closed: the hang-up is yet to be said on them.
    for (const [id, leg] of this.#legs) {
      if (leg.call !== call) continue;
      leg.conference = null;
      leg.farewell ??= farewell;
      if (leg.link.isLost) this.#legs.delete(id);
    }
    this.#release(call);
    this.#changed();
  }

  networkChanged(): void {
    for (const { link } of this.#legs.values()) link.networkChanged();
    for (const conference of this.#all) conference.networkChanged();
  }

  conference(call: CallId): ConferenceView | null {
    return this.#conferences.get(call)?.view(call) ?? null;
  }

  room(call: CallId): Room | null {
    return this.#conferences.get(call)?.room ?? null;
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stats(link: LinkId): Promise<RTCStatsReport | null> {
    const found = this.#legs.get(link)?.link ?? [...this.#all].flatMap((one) => one.link(link) ?? [])[0];
    return (await found?.stats()) ?? null;
  }

  close(): void {
    for (const conference of this.#all) conference.close();
    for (const { link } of this.#legs.values()) link.drop();
    this.#conferences.clear();
    this.#legs.clear();
    this.#live.clear();
    this.#ports.local.stop();
  }

  get #all(): ReadonlySet<Conference> {
    return new Set(this.#conferences.values());
  }

  #add(id: LinkId, call: CallId, make: (ports: LinkPorts) => Link): void {
    if (this.#legs.has(id)) return;
    this.#ring.prepare();
    const link = make({ ...this.#linkPorts(), ...this.#bindings(id) });
    this.#legs.set(id, { call, link, conference: null, state: null, told: null, farewell: null });
  }

  #linkPorts(): Omit<LinkPorts, keyof LinkBindings> {
    const { platform, local, fault } = this.#ports;
    return {
      platform,
      local,
      settings: this.#settings,
      patience: this.#patience,
      candidates: this.#candidates,
      changed: () => this.#changed(),
      fault,
    };
  }

  /** What a link of a call says goes to the backend; what it says of the conference goes there. */
  #bindings(id: LinkId): LinkBindings {
    const conference = (): Conference | null => this.#legs.get(id)?.conference ?? null;
    const traffic = (): Traffic | null => conference()?.traffic ?? null;
    return {
      hello: (ends) => traffic()?.hello(id, ends) ?? Promise.resolve(null),
      greeted: (hello, ends, known) => traffic()?.greeted(id, hello, ends, known) ?? Promise.resolve(null),
      known: (participant) => traffic()?.known(participant),
      frame: (text) => traffic()?.frame(id, text),
      detour: (message) => traffic()?.detour(id, message) ?? false,
      canDetour: () => traffic()?.canDetour(id) ?? false,
      wanted: (want) => traffic()?.wanted(id, want),
      refused: (why) => traffic()?.refused(id, why),
      begins: (senders) => traffic()?.begins(senders),
      resumed: () => traffic()?.resumed(id),
      privately: (line) => traffic()?.privately(id, line),
      described: (description) => this.#ports.report({ type: "Described", link: id, description }),
      state: (state) => this.#linkState(id, state),
      signal: (signal) => this.#ports.report({ type: "SignalFromLink", link: id, signal }),
    };
  }

  #linkState(id: LinkId, state: LinkState): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return this.#report(id, state);
    leg.state = state;
    const isReachable = leg.conference?.traffic.followLink(id) ?? false;
    if (!isReachable || leg.told !== "Open") this.#tell(id, leg, state);
  }

  #tell(id: LinkId, leg: Leg, state: LinkState): void {
    if (leg.told === state) return;
    leg.told = state;
    this.#report(id, state);
  }

  #report(link: LinkId, state: LinkState): void {
    this.#ports.report({ type: "LinkState", link, state });
  }

  /** A link the backend believes in and this page has not, for example after a reload, is lost. */
  #known(id: LinkId): Leg | undefined {
    const leg = this.#legs.get(id);
    if (leg === undefined) this.#report(id, "Lost");
    return leg;
  }

  #useMedia(id: LinkId, { video, hosts, conference }: Extract<PageEvent, { type: "UseMedia" }>): void {
    const leg = this.#known(id);
    if (leg === undefined) return;
    const { call, link } = leg;
    leg.conference = this.#conferenceOf(call, conference);
    this.#startCapture(call, leg.conference, video);
    leg.conference.addLink({ key: id, call, link, hosts });
    link.useMedia();
    this.#changed();
  }

  /** Whoever is in a conference decides what it shows there, however many more calls lead into it. */
  #startCapture(call: CallId, conference: Conference, video: boolean): void {
    const { local } = this.#ports;
    const goesOn = [...this.#live].some((other) => this.#conferences.get(other) === conference);
    const shows = this.#live.size > 0 && local.cameraTrack !== null;
    this.#live.add(call);
    if (!goesOn) local.start({ video: video || shows }).catch((error: unknown) => this.#ports.fault(error));
  }

  /** The one a call belongs to; a fresh one for a call that begins one, or leads into somebody else's. */
  #conferenceOf(call: CallId, named: ConferenceId | null): Conference {
    const known = named === null ? undefined : [...this.#all].find((one) => one.isNamed(named));
    const conference = this.#conferences.get(call) ?? known ?? this.#begin(named);
    this.#conferences.set(call, conference);
    return conference;
  }

  #begin(named: ConferenceId | null): Conference {
    const ports = {
      ...this.#ports,
      ring: this.#ring,
      linkPorts: () => this.#linkPorts(),
      changed: () => this.#changed(),
      reached: (key: LinkId) => this.#reached(key),
      unreached: (key: LinkId) => this.#unreached(key),
      signal: (key: LinkId, signal: object) =>
        this.#ports.report({ type: "SignalFromLink", link: key, signal }),
    };
    return new Conference(ports, named);
  }

  #reached(key: LinkId): void {
    const leg = this.#legs.get(key);
    if (leg !== undefined) this.#tell(key, leg, "Open");
  }

  #unreached(key: LinkId): void {
    const leg = this.#legs.get(key);
    if (leg?.told === "Open" && leg.state !== null && leg.state !== "Open") this.#tell(key, leg, leg.state);
  }

  #send(id: LinkId, signal: unknown): void {
    if (typeof signal !== "object" || signal === null) return;
    const leg = this.#known(id);
    if (leg === undefined) return;
    if (isReplaced(leg)) leg.conference?.traffic.signal(id, signal);
    else leg.link.sendSignal(signal);
    // Who hangs up on one leaves all.
    if (isCancel(signal) && leg.conference !== null) leg.farewell ??= leg.conference.leave();
  }

  #close(id: LinkId): void {
    const leg = this.#legs.get(id);
    if (leg === undefined) return;
    if (leg.link.isLost && leg.conference !== null && !isReplaced(leg)) {
      // Somebody who is to come back keeps the place, and the camera stays on meanwhile.
      this.#ports.platform.clock.after(COMES_BACK, () => this.#remove(id, leg));
    } else if (leg.farewell === null) {
      this.#end(id, leg);
    } else {
      leg.farewell.then(() => this.#end(id, leg)).catch(this.#ports.fault);
    }
  }

  #end(id: LinkId, leg: Leg): void {
    leg.link.close();
    this.#remove(id, leg);
  }

  #remove(id: LinkId, leg: Leg): void {
    this.#legs.delete(id);
    const isInUse = ({ call, conference, link }: Leg): boolean =>
      call === leg.call && conference !== null && !link.isLost;
    const { conference } = leg;
    conference?.removeLink(id);
    if (conference?.goesOnWithout(leg.call) === false && ![...this.#legs.values()].some(isInUse))
      this.#release(leg.call);
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
