import type { CallId } from "../bindings/CallId";
import type { Command } from "../bindings/Command";
import type { LinkId } from "../bindings/LinkId";
import type { PageEvent } from "../bindings/PageEvent";
import type { Settings } from "../bindings/Settings";

/** One device in a conference, 32 hex digits chosen at random by the device for each conference. */
export type ParticipantId = string;

/** What the conference tells the backend. */
export type Report = Extract<Command, { type: "Described" | "LinkState" | "SignalFromLink" }>;

/** Ends what was started; may be called more than once. */
export type Cancel = () => void;

/** Time as it passes here. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Runs once after so many milliseconds, unless cancelled. */
  after(ms: number, run: () => void): Cancel;
}

/** All that the conference needs of a browser. `media/platform.ts` has the real one. */
export interface Platform {
  readonly clock: Clock;
  createPeer(configuration: RTCConfiguration): RTCPeerConnection;
  createStream(): MediaStream;
  /** 32 random hex digits. */
  randomId(): string;
  /**
   * Whether this browser's ICE gives up for good when it has waited too long for the first check (Firefox), so that
   * a waiting link must be kept alive instead of being revived after its failure.
   */
  readonly iceDiesForGood: boolean;
}

/** What this device sends. Implemented by `LocalMedia` in `media/`. */
export interface LocalSource {
  /** The microphone's track; null while there is none. A muted track is there, and disabled. */
  readonly microphoneTrack: MediaStreamTrack | null;
  /** The camera's track; null while it is off. */
  readonly cameraTrack: MediaStreamTrack | null;
  /** What the others are told. */
  readonly muted: boolean;
  readonly cameraOn: boolean;
  /** The call was taken: capture, if it does not happen already. Never rejects. */
  start(options: { video: boolean }): Promise<void>;
  /** The last call is over: stop every capture. */
  stop(): void;
  subscribe(listener: () => void): Cancel;
}

/** What of the settings concerns links. */
export type LinkSettings = Pick<Settings, "stun" | "turn" | "relay_only">;

/** How a participant is connected. */
export type Connection = "connecting" | "connected" | "reconnecting";

/** Another participant, as a tile shows it. Immutable; a new one after every change. */
export interface ParticipantView {
  /** Its best link; a fresh one takes the place of a lost one. */
  readonly link: LinkId;
  /** Known once its first message came. */
  readonly id: ParticipantId | null;
  /** What it calls itself; empty until known. Not proven: the proven address is the backend's. */
  readonly name: string;
  /** Its sound and picture; null until negotiated. The same object as long as the link lives. */
  readonly stream: MediaStream | null;
  readonly muted: boolean;
  /** False: show its name or portrait instead of the picture. */
  readonly camera: boolean;
  readonly connection: Connection;
}

/** Who is in a call beside oneself. A 1:1 call is a conference of two. */
export interface ConferenceView {
  readonly call: CallId;
  readonly participants: readonly ParticipantView[];
}

/** Everything a page does about links: takes the backend's events, makes its reports, shows its conferences. */
export interface Session {
  /** For links made from now on. */
  configure(settings: LinkSettings): void;
  /** The name the others see; empty if none. */
  setName(name: string): void;
  handle(event: PageEvent): void;
  /** The call is over: it is shown no more, and the camera is closed if it was the last. `CloseLink` follows. */
  callEnded(call: CallId): void;
  /** The network of this device changed: every open link looks for a better path. */
  networkChanged(): void;
  /** Null unless media was allowed on a link of this call. */
  conference(call: CallId): ConferenceView | null;
  /** After any change of any conference; read what you show again. */
  subscribe(listener: () => void): Cancel;
  /** Raw statistics of a link for `media/stats.ts`; null if there is no such link. */
  stats(link: LinkId): Promise<RTCStatsReport | null>;
  /** The page goes away: every link is closed at once. */
  close(): void;
}

export interface SessionPorts {
  readonly platform: Platform;
  readonly local: LocalSource;
  readonly report: (report: Report) => void;
  /** The one place for errors nobody waits for. */
  readonly fault: (error: unknown) => void;
}
