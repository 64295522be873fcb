import type { Cancel } from "../conference";

export type { Thrift } from "../conference/types";

export type DeviceKind = "camera" | "microphone" | "speaker";

/** One device that can be chosen. */
export interface Device {
  readonly id: string;
  readonly kind: DeviceKind;
  /** The system's name for it; empty until the user allowed a capture. */
  readonly label: string;
  /** The same for all parts of one thing, such as a headset; empty where the system does not say. */
  readonly group: string;
}

/** A thing that was plugged in, such as a headset, to be offered. */
export interface Plugged {
  readonly name: string;
  /** Chooses all of its parts. */
  readonly use: () => void;
}

/**
 * Told after devices appeared, disappeared or were chosen. `appeared`: new since the last time; without id and name while
 * a permission is missing. `chosen`: of which kind one was, if that is why.
 */
export type DevicesListener = (appeared: readonly Device[], chosen: DeviceKind | null) => void;

/** The devices of this machine and which of them is used. */
export interface Devices {
  list(kind: DeviceKind): readonly Device[];
  /** Whether there is any, also one that cannot be named or chosen for want of a permission. */
  has(kind: DeviceKind): boolean;
  /** The one that is used: the chosen one while it is plugged in, else the system's default (null). */
  used(kind: DeviceKind): Device | null;
  /** Remembers it; null: the system's default. */
  choose(kind: DeviceKind, id: string | null): void;
  /** Whether this browser can play on a chosen speaker. */
  readonly canChooseSpeaker: boolean;
  /** Asks the system again, for example after a permission was given. Never rejects. */
  refresh(): Promise<void>;
  subscribe(listener: DevicesListener): Cancel;
  close(): void;
}

/** How one capture is doing. `denied`: by the user or the system; `busy`: another program has it. */
export type CaptureState = "off" | "opening" | "on" | "absent" | "denied" | "busy";

/** This device's own sound and picture, as views show it. Immutable. */
export interface LocalMediaView {
  readonly microphone: CaptureState;
  /** Nobody hears the user: by choice, or because the microphone failed. */
  readonly muted: boolean;
  readonly camera: CaptureState;
  /** The own picture for a muted, mirrored video element; null while the camera is off. */
  readonly preview: MediaStream | null;
}

/** What a link's figures say. */
export interface Quality {
  readonly grade: "good" | "fair" | "poor" | "unknown";
  /** What is worst, when not good. `cpu`: this device is too busy, and the network is not to blame. */
  readonly reason: "loss" | "delay" | "bandwidth" | "cpu" | "nothing arrives" | null;
  readonly path: "direct" | "relayed" | "unknown";
  /** Milliseconds. */
  readonly roundTrip: number | null;
  /** 0 to 1, of what was sent to us in the last interval. */
  readonly loss: number | null;
  /** Bits per second in the last interval. */
  readonly received: number;
  readonly sent: number;
  readonly framesDecoded: number;
  /** Of the picture of which most comes, camera or screen. For example `VP8`; null while no picture comes. */
  readonly videoCodec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** For example `opus`; null while no sound comes. */
  readonly audioCodec: string | null;
  /** Bits per second in the last interval. */
  readonly audioReceived: number;
  readonly audioSent: number;
  /** 0 to 1, of the sound played in the last interval that was made up for what was missing. Pauses do not count. */
  readonly concealed: number | null;
}

/** What the browser does to the microphone's sound. */
export interface SoundProcessing {
  readonly echoCancellation: boolean;
  readonly noiseSuppression: boolean;
  readonly autoGainControl: boolean;
}
