import type { Answer } from "../../bindings/Answer";
import type { CallId } from "../../bindings/CallId";
import type { Command } from "../../bindings/Command";
import type { LinkId } from "../../bindings/LinkId";
import type { PageEvent } from "../../bindings/PageEvent";
import type { Settings } from "../../bindings/Settings";
import type { Cancel, ConferenceView, Refusal, Room } from "../../conference";
import type { State } from "../../host";
import type { Devices, LocalMediaView, Plugged, Quality, SoundProcessing, Thrift } from "../../media";

/** What a desk needs of its page. */
export interface DeskPorts {
  /** Reports to the backend. */
  readonly send: (command: Command) => void;
  /** Asks the backend. */
  readonly ask: (command: Command) => Promise<Answer>;
  readonly state: () => State | null;
  /** The organiser removed this device from the conference of a call, or it was not let in. */
  readonly removed: (call: CallId, why: Refusal | "removed") => void;
  /** The one place for errors nobody waits for. */
  readonly fault: (error: unknown) => void;
}

/** All that views may ask of sound, picture and conferences; behind it stand `conference/` and `media/`. */
export interface Desk {
  readonly devices: Devices;
  local(): LocalMediaView;
  /** Unmuting tries again a microphone that failed. */
  setMuted(muted: boolean): void;
  /** On ends audio only. */
  setCamera(on: boolean): void;
  /** Opens the devices before a call is taken: only this page sees and hears them. */
  preview(call: CallId, options: { video: boolean }): void;
  /** Closes what {@link preview} opened, unless a call uses it. */
  endPreview(call: CallId): void;
  /** Null unless media was allowed on a link of this call. */
  conference(call: CallId): ConferenceView | null;
  /** What the user can do in it; null until the other end said hello. */
  room(call: CallId): Room | null;
  /** How the microphone's sound is treated; remembered. */
  processing(): SoundProcessing;
  setProcessing(processing: SoundProcessing): void;
  /** How much the user wants to spend on pictures; remembered. */
  thrift(): Thrift;
  /** Audio only closes the camera until it is over. */
  setThrift(thrift: Thrift): void;
  /** A figure of a link about once a second, until cancelled. */
  watchQuality(link: LinkId, tell: (quality: Quality) => void): Cancel;
  /** Tells of headsets and the like that are plugged in, until cancelled. */
  watchPlugged(tell: (plugged: Plugged) => void): Cancel;
  /** After any change of what {@link local}, {@link conference} and {@link devices} tell. */
  subscribe(listener: () => void): Cancel;

  handle(event: PageEvent): void;
  /** Tells the other side that the call is over, because the backend cannot; {@link callEnded} follows. */
  hangUp(call: CallId): void;
  /** The call is over: its links are closed, and the devices too if it was the last. */
  callEnded(call: CallId): void;
  /** Applies to links made from now on. */
  configure(settings: Settings): void;
  networkChanged(): void;
  close(): void;
}
