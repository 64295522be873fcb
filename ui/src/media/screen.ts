/** What a shared screen needs of the browser. */
export interface ScreenPorts {
  /** `getDisplayMedia`; the user chooses. */
  getTracks(constraints: DisplayMediaStreamOptions): Promise<MediaStreamTrack[]>;
  createStream(): MediaStream;
  changed(): void;
}

/** More frames than are ever sent are not captured, nor more pixels than others can show. */
const PICTURE: MediaTrackConstraints = {
  frameRate: { ideal: 10, max: 15 },
  width: { max: 2560 },
  height: { max: 1600 },
};

/** What a film or a page plays: nothing of it is taken for noise. */
const SOUND: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
};

/** Hints for browsers that have them: sound where there is any, and not this page itself. */
const WISHES = {
  video: PICTURE,
  audio: SOUND,
  systemAudio: "include",
  selfBrowserSurface: "exclude",
  surfaceSwitching: "include",
};

/** The screen, window or tab that is shared, or none. */
export class ScreenCapture {
  readonly #ports: ScreenPorts;
  #picture: MediaStreamTrack | null = null;
  #sound: MediaStreamTrack | null = null;
  #stream: MediaStream | null = null;
  /** Counts what the user asked for; an answer to something older is thrown away. */
  #request = 0;

  constructor(ports: ScreenPorts) {
    this.#ports = ports;
  }

  get track(): MediaStreamTrack | null {
    return this.#picture;
  }

  get soundTrack(): MediaStreamTrack | null {
    return this.#sound;
  }

  /** Without its sound, which is heard here anyway. */
  get stream(): MediaStream | null {
    return this.#stream;
  }

  /**
   * Lets the user choose; browsers want a click for it, so nothing is waited for before. False if the user or the
   * system refused; what was shared before is shared on then. Never rejects.
   */
  async start(): Promise<boolean> {
    this.#request += 1;
    const request = this.#request;
    const tracks = await this.#ports.getTracks(WISHES).catch((): MediaStreamTrack[] => []);
    const picture = tracks.find(({ kind }) => kind === "video");
    if (request !== this.#request || picture === undefined) {
      for (const track of tracks) track.stop();
      return false;
    }
    this.#drop();
    this.#share(picture, tracks.find(({ kind }) => kind === "audio") ?? null);
    return true;
  }

  stop(): void {
    this.#request += 1;
    if (this.#picture === null) return;
    this.#drop();
    this.#ports.changed();
  }

  #share(picture: MediaStreamTrack, sound: MediaStreamTrack | null): void {
    // Encoders keep every letter, and leave out frames instead.
    picture.contentHint = "detail";
    if (sound !== null) sound.contentHint = "music";
    this.#picture = picture;
    this.#sound = sound;
    this.#stream = this.#ports.createStream();
    this.#stream.addTrack(picture);
    picture.addEventListener("ended", this.#onEnded);
    sound?.addEventListener("ended", this.#onSoundEnded);
    this.#ports.changed();
  }

  #drop(): void {
    this.#picture?.removeEventListener("ended", this.#onEnded);
    this.#sound?.removeEventListener("ended", this.#onSoundEnded);
    this.#picture?.stop();
    this.#sound?.stop();
    this.#picture = null;
    this.#sound = null;
    this.#stream = null;
  }

  /** By the system's own button, or with the window. */
  readonly #onEnded = (): void => this.stop();

  readonly #onSoundEnded = (): void => {
    this.#sound = null;
    this.#ports.changed();
  };
}
