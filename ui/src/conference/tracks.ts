import type { LocalSource } from "./types";

/**
 * The sound and the picture of one link. There are always exactly two transceivers in both directions, whether
 * something is sent or not, so that a camera can be turned on at any moment without a negotiation.
 */
export class LinkTracks {
  readonly #peer: RTCPeerConnection;
  readonly #local: LocalSource;
  readonly #fault: (error: unknown) => void;
  #sound: RTCRtpTransceiver | null = null;
  #picture: RTCRtpTransceiver | null = null;

  constructor(peer: RTCPeerConnection, local: LocalSource, fault: (error: unknown) => void) {
    this.#peer = peer;
    this.#local = local;
    this.#fault = fault;
  }

  /** This side opens the sections. */
  add(): void {
    this.#sound = this.#peer.addTransceiver("audio", { direction: "sendrecv" });
    this.#picture = this.#peer.addTransceiver("video", { direction: "sendrecv" });
    this.send();
  }

  /** The other side opened them, in an offer that was just taken. */
  adopt(): void {
    this.#sound ??= this.#find("audio");
    this.#picture ??= this.#find("video");
    this.send();
  }

  /** Sends what there is to send now. */
  send(): void {
    this.#put(this.#sound, this.#local.microphoneTrack);
    this.#put(this.#picture, this.#local.cameraTrack);
  }

  /** Sends nothing any more. */
  silence(): void {
    this.#put(this.#sound, null);
    this.#put(this.#picture, null);
  }

  #find(kind: "audio" | "video"): RTCRtpTransceiver | null {
    const found = this.#peer
      .getTransceivers()
      .find(({ direction, receiver }) => direction !== "stopped" && receiver.track.kind === kind);
    if (found === undefined) return null;
    found.direction = "sendrecv";
    return found;
  }

  #put(transceiver: RTCRtpTransceiver | null, track: MediaStreamTrack | null): void {
    if (transceiver === null || transceiver.direction === "stopped" || transceiver.sender.track === track)
      return;
    transceiver.sender.replaceTrack(track).catch(this.#fault);
  }
}
