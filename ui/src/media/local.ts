import type { Cancel, LocalSource } from "../conference";
import { Capture, type CapturePorts } from "./capture";
import { Choices } from "./choices";
import { ScreenCapture } from "./screen";
import type { Devices, DevicesListener, LocalMediaView, SoundProcessing, Thrift } from "./types";

export interface LocalMediaPorts {
  /** `navigator.mediaDevices.getUserMedia`, as tracks. */
  getTracks(constraints: MediaStreamConstraints): Promise<MediaStreamTrack[]>;
  /** `navigator.mediaDevices.getDisplayMedia`, as tracks. */
  getDisplayTracks(options: DisplayMediaStreamOptions): Promise<MediaStreamTrack[]>;
  createStream(): MediaStream;
  readonly devices: Devices;
  readonly storage: Pick<Storage, "getItem" | "setItem">;
}

const PICTURE: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};
/** With the data saver no larger picture is ever sent. */
const SMALL_PICTURE: MediaTrackConstraints = {
  width: { ideal: 640 },
  height: { ideal: 360 },
  frameRate: { ideal: 15 },
};

/** This device's camera, microphone and shared screen, the same on all links. A call works without either. */
export class LocalMedia implements LocalSource {
  readonly #ports: LocalMediaPorts;
  readonly #microphone: Capture;
  readonly #camera: Capture;
  readonly #screen: ScreenCapture;
  readonly #choices: Choices;
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: Cancel;
  #muted = false;
  /** What the user chose since the last {@link stop}; null: nothing. */
  #showsCamera: boolean | null = null;
  /** The camera would be on, if it were not audio only. */
  #isHeldBack = false;
  #preview: MediaStream | null = null;

  constructor(ports: LocalMediaPorts) {
    this.#ports = ports;
    this.#choices = new Choices(ports.storage);
    const wishes = (kind: CapturePorts["kind"]): MediaTrackConstraints => {
      if (kind === "microphone") return { ...this.#choices.processing };
      return this.#choices.thrift === "none" ? PICTURE : SMALL_PICTURE;
    };
    const capture = (kind: CapturePorts["kind"]): Capture =>
      new Capture({
        kind,
        getTracks: (constraints) => ports.getTracks(constraints),
        deviceId: () => ports.devices.used(kind)?.id ?? null,
        wishes: () => wishes(kind),
        changed: () => this.#changed(),
      });
    this.#microphone = capture("microphone");
    this.#camera = capture("camera");
    this.#screen = new ScreenCapture({
      getTracks: (options) => ports.getDisplayTracks(options),
      createStream: () => ports.createStream(),
      changed: () => this.#changed(),
    });
    this.#unsubscribe = ports.devices.subscribe((...news) => void this.#follow(...news));
  }

  get view(): LocalMediaView {
    return {
      microphone: this.#microphone.state,
      muted: this.#muted || this.#microphone.hasFailed,
      camera: this.#camera.state,
      preview: this.#preview,
    };
  }

  get microphoneTrack(): MediaStreamTrack | null {
    return this.#microphone.track;
  }

  get cameraTrack(): MediaStreamTrack | null {
    return this.#camera.track;
  }

  get screenTrack(): MediaStreamTrack | null {
    return this.#screen.track;
  }

  get screenSoundTrack(): MediaStreamTrack | null {
    return this.#screen.soundTrack;
  }

  get screenStream(): MediaStream | null {
    return this.#screen.stream;
  }

  get sharing(): boolean {
    return this.#screen.track !== null;
  }

  /** Also true while there is nothing to hear for want of a microphone. */
  get muted(): boolean {
    return this.#muted || this.#microphone.track === null;
  }

  get cameraOn(): boolean {
    return this.#camera.track !== null;
  }

  get processing(): SoundProcessing {
    return this.#choices.processing;
  }

  /** Remembered, and applied to the microphone that is on. */
  setProcessing(processing: SoundProcessing): void {
    this.#choices.processing = processing;
    this.#changed();
    void this.#microphone.retune();
  }

  get thrift(): Thrift {
    return this.#choices.thrift;
  }

  /** Remembered. Audio only closes the camera; it comes back when that is over. Never rejects. */
  async setThrift(thrift: Thrift): Promise<void> {
    this.#choices.thrift = thrift;
    this.#changed();
    if (thrift === "audio") {
      this.#isHeldBack ||= this.#camera.isWanted;
      this.#camera.close();
    } else if (this.#isHeldBack) {
      await this.#openCamera();
    } else {
      await this.#camera.retune();
    }
  }

  startScreen(): Promise<boolean> {
    return this.#screen.start();
  }

  stopScreen(): void {
    this.#screen.stop();
  }

  /**
   * Opens what is not open; also for a preview before the call, where the page may. The user is asked once for both.
   * Without video the camera is off afterwards, also one that a preview opened; but what the user chose with
   * {@link setCamera} holds until the end. Audio only holds the camera back.
   */
  async start(wish: { video: boolean }): Promise<void> {
    const wished = this.#showsCamera ?? wish.video;
    const video = wished && this.thrift !== "audio";
    this.#isHeldBack = wished && !video;
    if (!video) this.#camera.close();
    if (video && !this.#microphone.isRunning && !this.#camera.isRunning) await this.#openBoth();
    else await Promise.all([this.#microphone.open(), video ? this.#camera.open() : undefined]);
    await this.#ports.devices.refresh();
  }

  /** Every capture ends; the next call starts unmuted. */
  stop(): void {
    this.#muted = false;
    this.#showsCamera = null;
    this.#isHeldBack = false;
    this.#microphone.close();
    this.#camera.close();
    this.#screen.stop();
  }

  /** Unmuting tries again what failed, for example after the user gave the permission. Never rejects. */
  async setMuted(muted: boolean): Promise<void> {
    this.#muted = muted;
    this.#changed();
    if (muted || !this.#microphone.hasFailed) return;
    await this.#microphone.open();
    await this.#ports.devices.refresh();
  }

  /** Off really stops the camera; on ends audio only. Never rejects. */
  async setCamera(on: boolean): Promise<void> {
    this.#showsCamera = on;
    this.#isHeldBack = false;
    if (!on) return this.#camera.close();
    if (this.thrift === "audio") this.#choices.thrift = "none";
    await this.#openCamera();
  }

  subscribe(listener: () => void): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    this.#unsubscribe();
    this.stop();
  }

  async #openCamera(): Promise<void> {
    this.#isHeldBack = false;
    await this.#camera.open();
    await this.#ports.devices.refresh();
  }

  /** Never rejects. */
  async #follow(...news: Parameters<DevicesListener>): Promise<void> {
    const opened = await Promise.all([this.#microphone, this.#camera].map((one) => one.follow(...news)));
    // The user may have been asked for a permission: the devices have names now.
    if (opened.includes(true)) await this.#ports.devices.refresh();
  }

  async #openBoth(): Promise<void> {
    const [microphone, camera] = [this.#microphone.begin(), this.#camera.begin()];
    const constraints = { audio: this.#microphone.constraints(), video: this.#camera.constraints() };
    try {
      const tracks = await this.#ports.getTracks(constraints);
      this.#microphone.settle(microphone, tracks.find(({ kind }) => kind === "audio") ?? "absent");
      this.#camera.settle(camera, tracks.find(({ kind }) => kind === "video") ?? "absent");
    } catch {
      // One of them is missing or forbidden: each by itself tells which.
      const isAsked = [this.#microphone.settle(microphone, "off"), this.#camera.settle(camera, "off")];
      // What was closed while the user was being asked stays so.
      await Promise.all(
        [this.#microphone, this.#camera].filter((_, i) => isAsked[i]).map((one) => one.open()),
      );
    }
  }

  #changed(): void {
    const { track } = this.#microphone;
    if (track !== null) track.enabled = !this.#muted;
    if (this.#preview?.getVideoTracks()[0] !== (this.#camera.track ?? undefined)) {
      this.#preview = this.#camera.track === null ? null : this.#ports.createStream();
      if (this.#camera.track !== null) this.#preview?.addTrack(this.#camera.track);
    }
    for (const listener of this.#listeners) listener();
  }
}

/** The real camera, microphone and screen. */
export function createLocalMedia(devices: Devices): LocalMedia {
  return new LocalMedia({
    devices,
    storage: localStorage,
    createStream: () => new MediaStream(),
    getTracks: async (constraints) => (await mediaDevices().getUserMedia(constraints)).getTracks(),
    getDisplayTracks: async (options) => (await mediaDevices().getDisplayMedia(options)).getTracks(),
  });
}

/** Absent on a page that is not secure. */
function mediaDevices(): MediaDevices {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media === undefined) throw new DOMException("no media devices", "NotFoundError");
  return media;
}
