import type { LocalSource } from "./types";

/** What a link carries. */
export type Slot = "microphone" | "camera" | "screen" | "screenSound";

/** The senders of a link; null until the sections are negotiated. */
export type Senders = Readonly<Record<Slot, RTCRtpSender | null>>;

/** In the order of their sections, which is the same on every link and never changes. */
const SLOTS = [
  ["microphone", "audio"],
  ["camera", "video"],
  ["screen", "video"],
  ["screenSound", "audio"],
] as const satisfies readonly (readonly [Slot, "audio" | "video"])[];

/**
 * The sound and the pictures of one link. There are always exactly four transceivers in both directions, whether
 * something is sent or not, so that a camera can be turned on and a screen be shared at any moment without a
 * negotiation.
 *
 * What belongs together is named as one stream, so that the other side plays sound and picture at the same time.
 */
export class LinkTracks {
  readonly #peer: RTCPeerConnection;
  readonly #local: LocalSource;
  readonly #fault: (error: unknown) => void;
  readonly #createStream: () => MediaStream;
  readonly #transceivers = new Map<Slot, RTCRtpTransceiver>();

  constructor(
    peer: RTCPeerConnection,
    local: LocalSource,
    fault: (error: unknown) => void,
    createStream: () => MediaStream,
  ) {
    this.#peer = peer;
    this.#local = local;
    this.#fault = fault;
    this.#createStream = createStream;
  }

  /** This side opens the sections. */
  add(): void {
    const streams = this.#streams();
    for (const [slot, kind] of SLOTS) {
      if (this.#transceivers.has(slot)) continue;
      const init: RTCRtpTransceiverInit = { direction: "sendrecv", streams: streams[slot] };
      this.#transceivers.set(slot, this.#peer.addTransceiver(kind, init));
    }
    this.send();
  }

  /** The other side opened them, in an offer that was just taken and is not answered yet. */
  adopt(): void {
    this.#claim();
    const streams = this.#streams();
    for (const [slot, transceiver] of this.#transceivers) {
      if (transceiver.direction === "sendrecv") continue;
      transceiver.direction = "sendrecv";
      // Safari before 17 has no such method: there the other side plays sound and picture as they come.
      if ("setStreams" in transceiver.sender) transceiver.sender.setStreams(...streams[slot]);
    }
    this.#refuseOthers();
    this.send();
  }

  /** What comes or goes through a transceiver; null if it is none of ours. Also while the offer is being taken. */
  slotOf(transceiver: RTCRtpTransceiver): Slot | null {
    this.#claim();
    for (const [slot, one] of this.#transceivers) if (one === transceiver) return slot;
    return null;
  }

  /** By what is sent with them. */
  get senders(): Senders {
    const sender = (slot: Slot): RTCRtpSender | null => this.#transceivers.get(slot)?.sender ?? null;
    return {
      microphone: sender("microphone"),
      camera: sender("camera"),
      screen: sender("screen"),
      screenSound: sender("screenSound"),
    };
  }

  /** What receives the other's voice; null until the sections are negotiated. */
  get voice(): RTCRtpReceiver | null {
    return this.#transceivers.get("microphone")?.receiver ?? null;
  }

  /** Sends what there is to send now. */
  send(): void {
    const { microphoneTrack, cameraTrack, screenTrack, screenSoundTrack } = this.#local;
    this.#put("microphone", microphoneTrack);
    this.#put("camera", cameraTrack);
    this.#put("screen", screenTrack);
    this.#put("screenSound", screenSoundTrack);
  }

  /** Sends nothing any more. */
  silence(): void {
    for (const slot of this.#transceivers.keys()) this.#put(slot, null);
  }

  /** The n-th section of a kind is the n-th slot of that kind, also in an offer that has fewer or more of them. */
  #claim(): void {
    if (this.#transceivers.size === SLOTS.length) return;
    const taken = new Set(this.#transceivers.values());
    const free = this.#peer.getTransceivers().filter((one) => one.direction !== "stopped" && !taken.has(one));
    for (const [slot, kind] of SLOTS) {
      if (this.#transceivers.has(slot)) continue;
      const at = free.findIndex(({ receiver }) => receiver.track.kind === kind);
      if (at < 0) continue;
      for (const transceiver of free.splice(at, 1)) this.#transceivers.set(slot, transceiver);
    }
  }

  /** Sections beyond ours are answered as unused: nothing comes through them. */
  #refuseOthers(): void {
    const ours = new Set(this.#transceivers.values());
    for (const transceiver of this.#peer.getTransceivers())
      if (!ours.has(transceiver) && transceiver.direction !== "stopped") transceiver.direction = "inactive";
  }

  #streams(): Record<Slot, MediaStream[]> {
    const [person, screen] = [[this.#createStream()], [this.#createStream()]];
    return { microphone: person, camera: person, screen, screenSound: screen };
  }

  #put(slot: Slot, track: MediaStreamTrack | null): void {
    const transceiver = this.#transceivers.get(slot);
    if (transceiver === undefined || transceiver.direction === "stopped") return;
    if (transceiver.sender.track === track) return;
    transceiver.sender.replaceTrack(track).catch(this.#fault);
  }
}
