import type { LinkId } from "../bindings/LinkId";
import type { Director, DirectorPorts } from "../conference/types";
import { MediaDirector, type MediaDirectorPorts } from "./director";
import { SharedUplink } from "./shared-uplink";
import type { Quality } from "./types";

/** The directors of all conferences of this device, which have one way out. */
export class MediaDirectors {
  readonly #ports: Omit<MediaDirectorPorts, keyof DirectorPorts | "uplink">;
  readonly #uplink = new SharedUplink();
  readonly #all = new Set<MediaDirector>();

  constructor(ports: Omit<MediaDirectorPorts, keyof DirectorPorts | "uplink">) {
    this.#ports = ports;
  }

  /** For one more conference. */
  direct(ports: DirectorPorts): Director {
    for (const one of this.#all) if (one.isOver) this.#all.delete(one);
    const director = new MediaDirector({ ...this.#ports, ...ports, uplink: this.#uplink.share() });
    this.#all.add(director);
    return director;
  }

  /** The figures of a link as of the last second; null: none yet. */
  quality(link: LinkId): Quality | null {
    for (const director of this.#all) {
      const quality = director.isOver ? null : director.quality(link);
      if (quality !== null) return quality;
    }
    return null;
  }
}
