import type { CaptureState, Device, DeviceKind } from "./types";

/** What a capture needs of the browser. */
export interface CapturePorts {
  readonly kind: "camera" | "microphone";
  /** `getUserMedia`. */
  getTracks(constraints: MediaStreamConstraints): Promise<MediaStreamTrack[]>;
  /** The chosen device; null: the system's default. */
  deviceId(): string | null;
  /** What is asked of it besides. */
  wishes(): MediaTrackConstraints;
  changed(): void;
}

/** One device that is captured or not. What was asked last counts, however long the system takes to answer. */
export class Capture {
  readonly #ports: CapturePorts;
  #state: CaptureState = "off";
  #track: MediaStreamTrack | null = null;
  #isWanted = false;
  /** Devices that were tried unasked, in vain: opening a bad one may make it disappear and come back for ever. */
  readonly #tried = new Set<string>();
  /** Counts the requests; an answer to an older one is thrown away. */
  #request = 0;
  /** Which device was asked for last; null: the system's default. */
  #asked: string | null = null;

  constructor(ports: CapturePorts) {
    this.#ports = ports;
  }

  get state(): CaptureState {
    return this.#state;
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** It was asked for and not taken back, whether it could be had or not. */
  get isWanted(): boolean {
    return this.#isWanted;
  }

  /** On, or will be as soon as the system answers. */
  get isRunning(): boolean {
    return this.#state === "on" || this.#state === "opening";
  }

  /** It was asked for, and cannot be had as things are. */
  get hasFailed(): boolean {
    return this.#state !== "off" && !this.isRunning;
  }

  /** For a capture of the device that is chosen now. */
  constraints(): MediaTrackConstraints {
    this.#asked = this.#ports.deviceId();
    const wishes = this.#ports.wishes();
    return this.#asked === null ? wishes : { ...wishes, deviceId: { exact: this.#asked } };
  }

  /** Starts it; never rejects: {@link state} tells. */
  async open(): Promise<void> {
    if (this.isRunning) return;
    this.#tried.clear();
    await this.#capture(this.begin());
  }

  /**
   * Takes the device that is to be used now, if it is on; the old picture stays until the new one is there. If it is
   * wanted and could not be had, tries what appeared or was chosen; true: it did. Never rejects.
   */
  async follow(appeared: readonly Device[], chosen: DeviceKind | null): Promise<boolean> {
    const { kind } = this.#ports;
    if (this.isRunning) {
      await this.#switch();
      return false;
    }
    if (!this.#isWanted) return false;
    if (chosen === kind) {
      await this.open();
      return true;
    }
    const untried = appeared.filter((device) => device.kind === kind && !this.#tried.has(device.id));
    // Who said no is not asked again because of a cable.
    if (untried.length === 0 || this.#state === "denied") return false;
    for (const { id } of untried) this.#tried.add(id);
    await this.#capture(this.begin());
    return true;
  }

  /** Asks for what is wished now, if it is on. Never rejects. */
  async retune(): Promise<void> {
    const track = this.#track;
    if (track === null) return;
    const wishes = this.#ports.wishes();
    // What the browser cannot do at all it refuses here, and ignores below.
    await track.applyConstraints({ ...track.getConstraints(), ...wishes }).catch(() => undefined);
    const settings: Record<string, unknown> = { ...track.getSettings() };
    const isIgnored = ([name, value]: [string, unknown]): boolean =>
      typeof value === "boolean" && name in settings && settings[name] !== value;
    // Chromium says yes and changes nothing: only a new capture does it.
    if (track !== this.#track || !Object.entries(wishes).some(isIgnored)) return;
    this.#request += 1;
    await this.#capture(this.#request);
  }

  /** Stops it; the camera's light goes out. */
  close(): void {
    this.#request += 1;
    this.#isWanted = false;
    this.#drop();
    this.#become("off");
  }

  /** For a capture that somebody else makes; the answer goes to {@link settle}. */
  begin(): number {
    this.#request += 1;
    this.#isWanted = true;
    this.#become("opening");
    return this.#request;
  }

  /** False: nobody waits for it any more. */
  settle(request: number, result: MediaStreamTrack | CaptureState): boolean {
    if (request !== this.#request) {
      if (typeof result !== "string") result.stop();
      return false;
    }
    this.#drop();
    if (typeof result === "string") {
      this.#become(result);
      return true;
    }
    this.#track = result;
    this.#tried.clear();
    result.addEventListener("ended", this.#onEnded);
    this.#become("on");
    return true;
  }

  async #switch(): Promise<void> {
    if (this.#uses(this.#ports.deviceId())) return;
    this.#request += 1;
    await this.#capture(this.#request);
  }

  async #capture(request: number): Promise<void> {
    const named = this.constraints();
    try {
      this.settle(request, await this.#one(named));
    } catch (error) {
      const state = reasonOf(error);
      if (state !== "absent" || named.deviceId === undefined) {
        this.settle(request, state);
        return;
      }
      // The chosen one was unplugged a moment ago.
      const result = await this.#one({ ...named, deviceId: undefined }).catch(reasonOf);
      this.settle(request, result);
    }
  }

  async #one(constraints: MediaTrackConstraints): Promise<MediaStreamTrack> {
    const wanted = this.#ports.kind === "camera" ? { video: constraints } : { audio: constraints };
    const [track] = await this.#ports.getTracks(wanted);
    if (track === undefined) throw new DOMException("no track", "NotFoundError");
    return track;
  }

  #uses(id: string | null): boolean {
    return id === this.#asked || (id !== null && this.#track?.getSettings().deviceId === id);
  }

  /** Unplugged, or taken away by the system: another device may be there. */
  readonly #onEnded = (): void => {
    this.#drop();
    void this.#capture(this.begin());
  };

  #drop(): void {
    this.#track?.removeEventListener("ended", this.#onEnded);
    this.#track?.stop();
    this.#track = null;
  }

  #become(state: CaptureState): void {
    this.#state = state;
    this.#ports.changed();
  }
}

/** What a refusal of `getUserMedia` means. */
export function reasonOf(error: unknown): CaptureState {
  switch (error instanceof Error ? error.name : "") {
    case "NotAllowedError":
    case "SecurityError":
      return "denied";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "absent";
  }
}
