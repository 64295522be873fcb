/** A track that a test can look at and unplug. */
export class FakeTrack extends EventTarget {
  enabled = true;
  contentHint = "";
  readyState: "live" | "ended" = "live";
  #settings: MediaTrackSettings;

  constructor(
    readonly kind: "audio" | "video",
    readonly deviceId: string,
    asked: MediaTrackConstraints = {},
    /** Chromium's say yes to a change of a running capture and do nothing. */
    readonly isStubborn = false,
  ) {
    super();
    this.#settings = { ...settingsOf(asked), deviceId };
  }

  getSettings(): MediaTrackSettings {
    return this.#settings;
  }

  getConstraints(): MediaTrackConstraints {
    return {};
  }

  applyConstraints(asked: MediaTrackConstraints): Promise<void> {
    if (!this.isStubborn) this.#settings = { ...this.#settings, ...settingsOf(asked) };
    return Promise.resolve();
  }

  stop(): void {
    this.readyState = "ended";
  }

  unplug(): void {
    this.readyState = "ended";
    this.dispatchEvent(new Event("ended"));
  }
}

/** A device does whatever is asked of it. */
function settingsOf({
  width,
  echoCancellation,
  noiseSuppression,
  autoGainControl,
}: MediaTrackConstraints): MediaTrackSettings {
  const on = (value: unknown): boolean => value === true;
  const sound = {
    echoCancellation: on(echoCancellation),
    noiseSuppression: on(noiseSuppression),
    autoGainControl: on(autoGainControl),
  };
  return typeof width === "object" && width.ideal !== undefined ? { width: width.ideal } : sound;
}

export class FakeStream {
  readonly tracks: FakeTrack[] = [];
  addTrack(track: FakeTrack): void {
    this.tracks.push(track);
  }
  getVideoTracks(): FakeTrack[] {
    return this.tracks.filter(({ kind }) => kind === "video");
  }
}

type Plugged = Pick<MediaDeviceInfo, "kind" | "deviceId" | "label" | "groupId">;

/** A machine with these devices. */
export class FakeMachine extends EventTarget {
  plugged: Plugged[];
  /** What a capture of this kind fails with. */
  readonly refusals = new Map<"audio" | "video", string>();
  readonly asked: ("audio" | "video" | "both")[] = [];
  readonly given: FakeTrack[] = [];
  /** Whether a running capture cannot be changed, as with Chromium. */
  isStubborn = false;
  /** What the user chooses to share; nothing: the user refuses. */
  screen: ("audio" | "video")[] = ["video"];
  /** While set, captures wait for it. */
  gate: Promise<void> = Promise.resolve();

  constructor(...plugged: Plugged[]) {
    super();
    this.plugged = plugged;
  }

  enumerateDevices(): Promise<MediaDeviceInfo[]> {
    return Promise.resolve(this.plugged as MediaDeviceInfo[]);
  }

  plug(device: Plugged): void {
    this.plugged = [...this.plugged, device];
    this.dispatchEvent(new Event("devicechange"));
  }

  unplug(deviceId: string): void {
    this.plugged = this.plugged.filter((one) => one.deviceId !== deviceId);
    this.dispatchEvent(new Event("devicechange"));
    for (const track of this.given)
      if (track.deviceId === deviceId && track.readyState === "live") track.unplug();
  }

  async getTracks({ audio, video }: MediaStreamConstraints): Promise<MediaStreamTrack[]> {
    this.asked.push(audio && video ? "both" : audio ? "audio" : "video");
    await this.gate;
    const wanted = [
      audio ? this.#capture("audio", audio) : [],
      video ? this.#capture("video", video) : [],
    ].flat();
    this.given.push(...wanted);
    return wanted as unknown as MediaStreamTrack[];
  }

  async getDisplayTracks(): Promise<MediaStreamTrack[]> {
    const shared = this.screen.map((kind) => new FakeTrack(kind, "screen"));
    await this.gate;
    if (shared.length === 0) throw new DOMException("refused", "NotAllowedError");
    this.given.push(...shared);
    return shared as unknown as MediaStreamTrack[];
  }

  /** The newest track of a kind. */
  newest(kind: "audio" | "video"): FakeTrack | undefined {
    return this.given.findLast((track) => track.kind === kind);
  }

  #capture(kind: "audio" | "video", constraints: MediaTrackConstraints | boolean): FakeTrack {
    const refusal = this.refusals.get(kind);
    if (refusal !== undefined) throw new DOMException("refused", refusal);
    const fitting = this.plugged.filter((one) => one.kind === `${kind}input`);
    const wished =
      typeof constraints === "object"
        ? (constraints.deviceId as { exact?: string } | undefined)?.exact
        : undefined;
    const device = wished === undefined ? fitting[0] : fitting.find(({ deviceId }) => deviceId === wished);
    if (device === undefined)
      throw new DOMException("none", fitting.length > 0 ? "OverconstrainedError" : "NotFoundError");
    const asked = typeof constraints === "object" ? constraints : {};
    return new FakeTrack(kind, device.deviceId, asked, this.isStubborn);
  }
}

export const CAMERA: Plugged = { kind: "videoinput", deviceId: "camera", label: "Camera", groupId: "" };
export const WEBCAM: Plugged = { kind: "videoinput", deviceId: "webcam", label: "Webcam", groupId: "" };
export const MICROPHONE: Plugged = {
  kind: "audioinput",
  deviceId: "microphone",
  label: "Microphone",
  groupId: "",
};
export const HEADSET: Plugged = { kind: "audioinput", deviceId: "headset", label: "Headset", groupId: "" };
export const SPEAKER: Plugged = { kind: "audiooutput", deviceId: "speaker", label: "Speaker", groupId: "" };

export class FakeStorage {
  readonly entries = new Map<string, string>();
  getItem(key: string): string | null {
    return this.entries.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.entries.set(key, value);
  }
  removeItem(key: string): void {
    this.entries.delete(key);
  }
}

/** A sender that keeps what it was told. */
export class FakeSender {
  isNegotiated = true;
  /** The name of the error it refuses with. */
  refusal: string | null = null;
  /** While set, it takes as long. */
  gate: Promise<void> = Promise.resolve();
  readonly told: RTCRtpEncodingParameters[] = [];
  /** How many were told at the same time, at most. */
  atOnce = 0;
  #current = 0;

  /** As it sends now. */
  get encoding(): RTCRtpEncodingParameters {
    return this.told.at(-1) ?? { active: true };
  }

  getParameters(): { encodings: RTCRtpEncodingParameters[] } {
    return { encodings: this.isNegotiated ? [{ ...this.encoding }] : [] };
  }

  async setParameters({ encodings }: { encodings: RTCRtpEncodingParameters[] }): Promise<void> {
    this.#current += 1;
    this.atOnce = Math.max(this.atOnce, this.#current);
    await this.gate;
    this.#current -= 1;
    if (this.refusal !== null) throw new DOMException("refused", this.refusal);
    this.told.push(...encodings);
  }
}
