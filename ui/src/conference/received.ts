import type { Slot } from "./tracks";
import type { Platform } from "./types";

/** What comes over a link: voice and picture of a person as one stream, a screen and its sound as another. */
export class Received {
  readonly #person: MediaStream;
  readonly #screen: MediaStream;

  constructor(platform: Pick<Platform, "createStream">) {
    this.#person = platform.createStream();
    this.#screen = platform.createStream();
  }

  /** Null as long as nothing was negotiated. */
  get person(): MediaStream | null {
    return orNull(this.#person);
  }

  /** Null as long as nothing was negotiated. */
  get screen(): MediaStream | null {
    return orNull(this.#screen);
  }

  add(slot: Slot, track: MediaStreamTrack): void {
    (slot === "screen" || slot === "screenSound" ? this.#screen : this.#person).addTrack(track);
  }
}

function orNull(stream: MediaStream): MediaStream | null {
  return stream.getTracks().length > 0 ? stream : null;
}
