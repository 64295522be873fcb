import type { CallId } from "../../bindings/CallId";
import type { LinkId } from "../../bindings/LinkId";
import type { PageEvent } from "../../bindings/PageEvent";
import type { Settings } from "../../bindings/Settings";
import {
  type Cancel,
  type Clock,
  type ConferenceView,
  createSession,
  type Room,
  type Session,
} from "../../conference";
import {
  browserDevices,
  browserPlatform,
  createLocalMedia,
  type Devices,
  type LocalMedia,
  type LocalMediaView,
  MediaDirectors,
  type Plugged,
  type Quality,
  type SoundProcessing,
  type Thrift,
  watchPlugged,
} from "../../media";
import type { Desk, DeskPorts } from "./desk";
import { BackendIdentity } from "./identity";
import { browserKeys } from "./kept-keys";

/** How often figures are shown anew, in ms. */
const LOOK_MS = 1000;

/** The desk of a page that really captures and connects. */
export class LiveDesk implements Desk {
  readonly devices: Devices = browserDevices();
  readonly #local: LocalMedia = createLocalMedia(this.devices);
  readonly #session: Session;
  readonly #directors: MediaDirectors;
  readonly #clock: Clock;
  readonly #fault: (error: unknown) => void;
  readonly #callOf = new Map<LinkId, CallId>();
  readonly #previewing = new Set<CallId>();
  /** Calls that media was allowed for, until they end. */
  readonly #live = new Set<CallId>();

  constructor({ send, ask, state, removed, fault }: DeskPorts) {
    this.#fault = fault;
    const platform = browserPlatform();
    this.#clock = platform.clock;
    const directors = new MediaDirectors({ clock: platform.clock, local: this.#local, fault });
    this.#directors = directors;
    this.#session = createSession({
      platform,
      keyStore: browserKeys(),
      local: this.#local,
      identity: new BackendIdentity(state, ask),
      direct: (ports) => directors.direct(ports),
      report: send,
      removed,
      fault,
    });
  }

  local(): LocalMediaView {
    return this.#local.view;
  }

  setMuted(muted: boolean): void {
    this.#local.setMuted(muted).catch(this.#fault);
  }

  setCamera(on: boolean): void {
    this.#local.setCamera(on).catch(this.#fault);
  }

  preview(call: CallId, options: { video: boolean }): void {
    if (this.#previewing.has(call) || this.#live.size > 0) return;
    this.#previewing.add(call);
    this.#local.start(options).catch(this.#fault);
  }

  endPreview(call: CallId): void {
    if (this.#previewing.delete(call)) this.#stopIfUnused();
  }

  conference(call: CallId): ConferenceView | null {
    return this.#session.conference(call);
  }

  room(call: CallId): Room | null {
    return this.#session.room(call);
  }

  processing(): SoundProcessing {
    return this.#local.processing;
  }

  setProcessing(processing: SoundProcessing): void {
    this.#local.setProcessing(processing);
  }

  thrift(): Thrift {
    return this.#local.thrift;
  }

  setThrift(thrift: Thrift): void {
    this.#local.setThrift(thrift).catch(this.#fault);
  }

  watchQuality(link: LinkId, tell: (quality: Quality) => void): Cancel {
    const look = (): void => {
      const quality = this.#directors.quality(link);
      if (quality !== null) tell(quality);
    };
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }

  watchPlugged(tell: (plugged: Plugged) => void): Cancel {
    return watchPlugged(this.devices, this.#clock, tell);
  }

  subscribe(listener: () => void): Cancel {
    const cancels = [this.#session, this.#local, this.devices].map((part) => part.subscribe(listener));
    return () => cancels.forEach((cancel) => cancel());
  }

  handle(event: PageEvent): void {
    if (event.type === "MakeOffer" || event.type === "MakeAnswer") this.#callOf.set(event.link, event.call);
    if (event.type === "CloseLink") this.#callOf.delete(event.link);
    const call = event.type === "UseMedia" ? this.#callOf.get(event.link) : undefined;
    if (call !== undefined) this.#live.add(call);
    this.#session.handle(event);
  }

  hangUp(call: CallId): void {
    this.#session.hangUp(call);
  }

  callEnded(call: CallId): void {
    this.#session.callEnded(call);
    this.#live.delete(call);
    this.#previewing.delete(call);
    this.#stopIfUnused();
  }

  configure(settings: Settings): void {
    this.#session.configure(settings);
    this.#session.ownChanged();
  }

  networkChanged(): void {
    this.#session.networkChanged();
  }

  close(): void {
    this.#session.close();
    this.#local.close();
    this.devices.close();
  }

  #stopIfUnused(): void {
    if (this.#live.size === 0 && this.#previewing.size === 0) this.#local.stop();
  }
}
