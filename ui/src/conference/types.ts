import type { CallId } from "../bindings/CallId";
import type { Command } from "../bindings/Command";
import type { LinkId } from "../bindings/LinkId";
import type { PageEvent } from "../bindings/PageEvent";
import type { Settings } from "../bindings/Settings";
import type { Documents } from "./documents/types";
import type { KeyStore } from "./key-store";
import type { Senders } from "./tracks";

/** One device in a conference: the first 16 bytes of the SHA-256 of its public key for it, in hex. */
export type ParticipantId = string;

/** One conference, 32 hex digits; states who founded it (`overlay/`). */
export type ConferenceId = string;

/** What the conference tells the backend. */
export type Report = Extract<
  Command,
  { type: "Described" | "LinkState" | "SignalFromLink" | "Conference" | "Courier" | "Expel" }
>;

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

/** `saver`: small pictures both ways; `audio`: none, neither sent nor received, but for shared screens. */
export type Thrift = "none" | "saver" | "audio";

/** What this device sends. Implemented by `LocalMedia` in `media/`. */
export interface LocalSource {
  /** The microphone's track; null while there is none. A muted track is there, and disabled. */
  readonly microphoneTrack: MediaStreamTrack | null;
  /** The camera's track; null while it is off. */
  readonly cameraTrack: MediaStreamTrack | null;
  /** The picture of the screen that is shared; null while none is. */
  readonly screenTrack: MediaStreamTrack | null;
  /** Its sound; null where the system or the user gives none. */
  readonly screenSoundTrack: MediaStreamTrack | null;
  /** What the others are told. */
  readonly muted: boolean;
  readonly cameraOn: boolean;
  readonly sharing: boolean;
  /** What is shared, for the own view; null while nothing is. */
  readonly screenStream: MediaStream | null;
  readonly thrift: Thrift;
  /** Asks the user what to share; where something is shared already, what to share instead. False: refused. Never rejects. */
  startScreen(): Promise<boolean>;
  stopScreen(): void;
  /** The call was taken: capture, if it does not happen already. Never rejects. */
  start(options: { video: boolean }): Promise<void>;
  /** The last call is over: stop every capture. */
  stop(): void;
  subscribe(listener: () => void): Cancel;
}

/** What of the settings concerns links. */
export type LinkSettings = Pick<Settings, "stun" | "turn" | "relay_only">;

/**
 * How a participant is connected. `apart`: no way was found between the two devices, which know of each other only
 * over others: what is written arrives, sound and picture do not. It is still looked for.
 */
export type Connection = "connecting" | "connected" | "reconnecting" | "apart";

/** How good a device finds its connections to all others: what is bad with one only is not its own. */
export type Grade = "good" | "fair" | "poor" | "unknown";

/**
 * How far it is proven who a participant is.
 *
 * `proven`: the key pinned for its address signed for it. `introduced`: only another participant's word. `unproven`: a
 * first contact, or mail without a key. `changed`: another key than the pinned one signed.
 */
export type Proof = "proven" | "introduced" | "unproven" | "changed";

/** Another participant, as a tile shows it. Immutable; a new one after every change. */
export interface ParticipantView {
  /** The same as long as it is shown, across reconnects. */
  readonly key: string;
  /** Those of one's own calls that reach it: proven by what was said on their links, not by what it claims. */
  readonly calls: readonly CallId[];
  /** Its best link, for figures; a fresh one takes the place of a lost one. Null while there is none. */
  readonly link: LinkId | null;
  /** Known once its first message came. */
  readonly id: ParticipantId | null;
  /** What it calls itself; empty until known. */
  readonly name: string;
  /** What it says its address is; empty until known. Worth what {@link proof} says. */
  readonly address: string;
  readonly proof: Proof;
  /** The name of the participant who let it in; empty for the other end of one's own call, and if that one was never seen. */
  readonly introducedBy: string;
  /** What its device is called; may be empty. */
  readonly device: string;
  /** Its sound and picture; null until negotiated. The same object as long as the link lives. */
  readonly stream: MediaStream | null;
  /** The screen it shares, with its sound; null while it shares none. */
  readonly screen: MediaStream | null;
  readonly muted: boolean;
  /** False: show its name or portrait instead of the picture. */
  readonly camera: boolean;
  /** Its place in the queue of raised hands, from 1; null: not raised. */
  readonly hand: number | null;
  /** May lock the conference and remove people. */
  readonly organiser: boolean;
  readonly connection: Connection;
  /** What it says itself; of two people it is about the one link between them. */
  readonly quality: Grade;
}

/** This device in a conference. */
export interface OwnView {
  readonly id: ParticipantId;
  readonly hand: number | null;
  readonly organiser: boolean;
  /** What is shared; for a muted video element. Null while nothing is. */
  readonly screen: MediaStream | null;
  readonly quality: Grade;
}

/** Who is in a call beside oneself. A 1:1 call is a conference of two. */
export interface ConferenceView {
  readonly call: CallId;
  /** What an invitation into it names; null until the other end of the first call said hello. */
  readonly id: ConferenceId | null;
  /** What it is about; may be empty. */
  readonly topic: string;
  /** Nobody but the organiser can let people in. */
  readonly locked: boolean;
  readonly own: OwnView;
  readonly participants: readonly ParticipantView[];
  /** The {@link ParticipantView.key} of who speaks, or spoke last; null: nobody yet. */
  readonly speaker: string | null;
}

/** How large something is shown, in device pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** What the user can do in a conference, beside what concerns the call itself. */
export interface Room {
  readonly documents: Documents;
  raiseHand(up: boolean): void;
  /** Honoured by the others only if this device is the organiser; so are the next two. */
  setTopic(topic: string): void;
  setLocked(locked: boolean): void;
  remove(participant: ParticipantId): void;
  /** Asks the user what to share. Resolves to false if the user or the system refused. */
  shareScreen(): Promise<boolean>;
  stopSharing(): void;
  /**
   * At which size a participant's picture or screen is shown here; null: not at all, and it need not be sent.
   * Until told, a small one is sent.
   */
  show(key: string, what: "camera" | "screen", size: Size | null): void;
}

/** Everything a page does about links: takes the backend's events, makes its reports, shows its conferences. */
export interface Session {
  /** For links made from now on. */
  configure(settings: LinkSettings): void;
  /** What {@link Identity.own} says changed. */
  ownChanged(): void;
  handle(event: PageEvent): void;
  /** Says on its links that the call is over, in place of the backend; {@link callEnded} follows. */
  hangUp(call: CallId): void;
  /** The call is over: it is shown no more, and the camera is closed if it was the last. `CloseLink` follows. */
  callEnded(call: CallId): void;
  /** The network of this device changed: every open link looks for a better path. */
  networkChanged(): void;
  /** Null unless media was allowed on a link of this call. */
  conference(call: CallId): ConferenceView | null;
  /** Null until the other end of the first call said hello. */
  room(call: CallId): Room | null;
  /** After any change of any conference; read what you show again. */
  subscribe(listener: () => void): Cancel;
  /** Raw statistics of a link for `media/stats.ts`; null if there is no such link. */
  stats(link: LinkId): Promise<RTCStatsReport | null>;
  /** The page goes away: every link is closed at once. */
  close(): void;
}

/** Who is at the other end of a call, as the backend knows it. */
export interface Person {
  readonly name: string;
  readonly address: string;
  readonly verified: boolean;
  readonly keyChanged: boolean;
}

/** What the backend says of a proof: the key pinned for the address, another one, or there is none to compare. */
export type Proven = "proven" | "changed" | "unknown";

/** What a conference asks of the backend about who people are. */
export interface Identity {
  /** Null for a call that is not known. */
  personOf(call: CallId): Person | null;
  /** Who this device is in a call. */
  own(call: CallId): { readonly name: string; readonly address: string; readonly device: string };
  /** A proof that a participant is the user; null if it cannot be had. */
  prove(call: CallId, conference: ConferenceId, participant: ParticipantId): Promise<string | null>;
  check(
    call: CallId,
    claim: {
      readonly conference: ConferenceId;
      readonly participant: ParticipantId;
      readonly address: string;
      readonly proof: string;
    },
  ): Promise<Proven>;
}

/** At which size somebody is shown; null: not at all. */
export interface Wants {
  readonly camera: Size | null;
  readonly screen: Size | null;
}

/** A link as it is directed. The same object as long as the link lives. */
export interface DirectedLink {
  readonly key: LinkId;
  /** Who is at the other end; a call as long as that is not known. */
  readonly participant: string;
  readonly senders: Senders;
  /** What receives the other's voice; null until negotiated. */
  readonly voice: Pick<RTCRtpReceiver, "getSynchronizationSources"> | null;
  /** At which size the other side shows what it gets; null until it said so. */
  readonly wants: Wants | null;
  /** May reject: then nothing is measured this time. */
  stats(): Promise<RTCStatsReport>;
}

/** Decides what is sent to whom in one conference; `media/` has the real one. Works until closed. */
export interface Director {
  /** The {@link DirectedLink.participant} who speaks, or spoke last; null: nobody yet. */
  readonly speaker: string | null;
  /** How good this device's connection is. */
  readonly grade: Grade;
  /** What of that may be asked of others, as this device wants to spend and as many as there are. */
  affordable(wants: Wants): Wants;
  /** Something else is wanted, or there is another link. */
  replan(): void;
  /** A link has just begun that is not among them yet: what it sends first is small. */
  begin(senders: Senders): void;
  /** The way to somebody was interrupted and is back. */
  resume(link: DirectedLink): void;
  close(): void;
}

export interface DirectorPorts {
  /** All whose media runs, now. */
  links(): Iterable<DirectedLink>;
  /** In the conference, oneself included. */
  participants(): number;
  changed(): void;
}

/** Why somebody is not let in: there are as many as can be, or the organiser locked the conference. */
export type Refusal = "full" | "locked";

export interface SessionPorts {
  readonly platform: Platform;
  /** Null: nothing outlives a reload of the page. */
  readonly keyStore: KeyStore | null;
  direct(ports: DirectorPorts): Director;
  readonly local: LocalSource;
  readonly identity: Identity;
  readonly report: (report: Report) => void;
  /** The organiser removed this device from the conference of a call, or it was not let in. */
  readonly removed: (call: CallId, why: Refusal | "removed") => void;
  /** The one place for errors nobody waits for. */
  readonly fault: (error: unknown) => void;
}
