/** A peer connection whose browser and network are the test. It keeps the signalling states of the standard. */
export class FakePeer extends EventTarget {
  static readonly FINGERPRINT = Array.from({ length: 32 }, (_, i) =>
    (i + 1).toString(16).padStart(2, "0").toUpperCase(),
  ).join(":");
  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState: RTCIceConnectionState = "new";
  iceGatheringState: RTCIceGatheringState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: { type: RTCSdpType; sdp: string } | null = null;
  readonly remoteDescriptions: { type: RTCSdpType; sdp: string }[] = [];
  readonly added: RTCIceCandidateInit[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  readonly channel = new FakeChannel();
  readonly files = new FakeChannel();
  restarts = 0;
  readonly #gathered: string[] = [];
  /** The generations of its paths that own descriptions were about, the newest last. */
  readonly #generations = [0];
  /** Of the newest offer that was made, if only to be kept. */
  #made = 0;
  /** How many there were before the offer that waits for its answer, and may be taken back. */
  #settledGenerations = 1;
  /** How often the other side checked a path here without this side knowing its password. */
  strangers: () => number = () => 0;
  #mustRestart = false;
  /** Of how many transceivers the other side sends the track. */
  #tracks = 0;

  /** `name`: what tells it from other peer connections; those that are told apart can be joined by a {@link FakeNet}. */
  constructor(
    readonly configuration: RTCConfiguration,
    readonly name = "AbCd",
  ) {
    super();
  }

  /** Of the own description, as of now. */
  get ufrag(): string {
    return this.#ufragOf(this.#generations.at(-1) ?? 0);
  }

  /** At these, too, it still hears checks. */
  get earlierUfrags(): string[] {
    return this.#generations.slice(0, -1).map((one) => this.#ufragOf(one));
  }

  /** Of the other side's newest description; null: there was none. */
  get otherUfrag(): string | null {
    return ufragOf(this.remoteDescriptions.at(-1)?.sdp ?? "");
  }

  get remoteDescription(): { type: RTCSdpType; sdp: string } | null {
    return this.remoteDescriptions.at(-1) ?? null;
  }

  createDataChannel(label: string): FakeChannel {
    return label === "control" ? this.channel : this.files;
  }

  async createOffer(options: { iceRestart: boolean }): Promise<RTCSessionDescriptionInit> {
    await Promise.resolve();
    this.#made += options.iceRestart ? 1 : 0;
    return { type: "offer", sdp: this.#sdp(this.#ufragOf(this.#made)) };
  }

  async setLocalDescription(made?: RTCSessionDescriptionInit): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.iceGatheringState = "gathering";
    if (type === "offer") this.#settledGenerations = this.#generations.length;
    const [before, now] = this.remoteDescriptions.slice(-2).map(({ sdp }) => ufragOf(sdp));
    // Whoever answers a restart restarts, too.
    if (made !== undefined) {
      this.restarts += 1;
      this.#generations.push(this.#made);
    } else if (type === "offer" ? this.#mustRestart : now !== undefined && before !== now) {
      this.#generations.push((this.#made += 1));
    }
    this.#mustRestart = false;
    this.localDescription = { type, sdp: this.#sdp() };
    this.#becomes(type === "offer" ? "have-local-offer" : "stable");
  }

  async setRemoteDescription(description: { type: RTCSdpType; sdp: string }): Promise<void> {
    await Promise.resolve();
    if (!description.sdp.startsWith("v=0")) throw new DOMException("not an SDP", "InvalidAccessError");
    if (description.type === "offer" && this.signalingState === "have-local-offer")
      this.#generations.splice(this.#settledGenerations);
    this.remoteDescriptions.push(description);
    this.#becomes(description.type === "offer" ? "have-remote-offer" : "stable");
    const kinds = [...description.sdp.matchAll(/^m=(audio|video)/gm)].map(([, kind = ""]) => kind);
    if (description.type === "offer")
      for (const kind of kinds.slice(this.transceivers.length)) this.#add(kind, "recvonly");
    for (const transceiver of this.transceivers.slice(this.#tracks, kinds.length)) {
      this.#tracks += 1;
      const { track } = transceiver.receiver;
      this.dispatchEvent(Object.assign(new Event("track"), { transceiver, track }));
    }
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.remoteDescription === null) return Promise.reject(new Error("no remote description"));
    this.added.push(candidate);
    return Promise.resolve();
  }

  addTransceiver(kind: string, { direction }: { direction: RTCRtpTransceiverDirection }): FakeTransceiver {
    queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
    return this.#add(kind, direction);
  }

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  restartIce(): void {
    this.restarts += 1;
    this.#mustRestart = true;
    queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
  }

  getStats(): Promise<Map<string, unknown>> {
    const pair = { type: "candidate-pair", requestsSent: 0, requestsReceived: this.strangers() };
    return Promise.resolve(new Map([["pair", pair]]));
  }

  close(): void {
    this.connectionState = "closed";
    this.channel.readyState = "closed";
    this.channel.tellsOther();
  }

  get isClosed(): boolean {
    return this.connectionState === "closed";
  }

  /** The browser found a candidate: `host 192.0.2.1 5000`. */
  gather(type: string, address: string, port: number): void {
    const candidate = `candidate:${this.#gathered.length} 1 udp ${1000 - this.#gathered.length} ${address} ${port} typ ${type}`;
    this.#gathered.push(candidate);
    if (this.localDescription !== null) this.localDescription.sdp = this.#sdp();
    this.dispatchEvent(
      Object.assign(new Event("icecandidate"), {
        candidate: { candidate, sdpMid: "0", usernameFragment: this.ufrag },
      }),
    );
  }

  finishGathering(): void {
    this.iceGatheringState = "complete";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }

  becomes(state: RTCPeerConnectionState, ice: RTCIceConnectionState = "failed"): void {
    this.connectionState = state;
    this.iceConnectionState = ice;
    this.dispatchEvent(new Event("connectionstatechange"));
  }

  #ufragOf(generation: number): string {
    return generation === 0 ? this.name : `${this.name}${generation}`;
  }

  #sdp(ufrag = this.ufrag): string {
    return sdpOf(this.#gathered, this.transceivers.length, FakePeer.FINGERPRINT, ufrag);
  }

  #becomes(state: RTCSignalingState): void {
    this.signalingState = state;
    this.dispatchEvent(new Event("signalingstatechange"));
  }

  #add(kind: string, direction: RTCRtpTransceiverDirection): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, direction);
    this.transceivers.push(transceiver);
    return transceiver;
  }
}

export class FakeTransceiver {
  readonly receiver: { track: { kind: string }; getSynchronizationSources: () => [] };
  readonly sender = {
    track: null as unknown,
    encodings: [{ active: true }] as RTCRtpEncodingParameters[],
    /** Every encoding that it was told. */
    told: [] as RTCRtpEncodingParameters[],
    getParameters: (): { encodings: RTCRtpEncodingParameters[] } => ({
      encodings: this.sender.encodings.map((one) => ({ ...one })),
    }),
    setParameters: ({ encodings }: { encodings: RTCRtpEncodingParameters[] }): Promise<void> => {
      this.sender.encodings = encodings;
      this.sender.told.push(...encodings);
      return Promise.resolve();
    },
    replaceTrack: (track: unknown): Promise<void> => {
      this.sender.track = track;
      return Promise.resolve();
    },
  };

  constructor(
    kind: string,
    public direction: RTCRtpTransceiverDirection,
  ) {
    this.receiver = { track: { kind }, getSynchronizationSources: () => [] };
  }
}

export class FakeChannel extends EventTarget {
  readyState: RTCDataChannelState = "connecting";
  bufferedAmount = 0;
  readonly sent: Record<string, unknown>[] = [];
  /** The other end, if there is one: what is sent arrives there. */
  other: FakeChannel | null = null;
  /** A network joined it to the other end, and carries its end there. */
  isJoined = false;
  /** How long the way to the other end is. */
  later: (arrives: () => void) => void = queueMicrotask;
  /** While nothing gets through: what waits for the way to be back. */
  held: string[] | null = null;

  send(text: string): void {
    // Frames of the overlay are not looked at here.
    if (text.startsWith("{")) this.sent.push(JSON.parse(text) as Record<string, unknown>);
    if (this.held === null) this.later(() => this.other?.receive(text));
    else this.held.push(text);
  }

  /** What waited arrives. */
  release(): void {
    const held = this.held ?? [];
    this.held = null;
    for (const text of held) queueMicrotask(() => this.other?.receive(text));
  }

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }

  receive(data: unknown): void {
    this.dispatchEvent(Object.assign(new Event("message"), { data }));
  }

  /** As a peer with this version says it. */
  hear(message: object): void {
    this.receive(JSON.stringify({ v: 1, ...message }));
  }

  close(): void {
    this.readyState = "closing";
    this.tellsOther();
  }

  /** The other end notices that this one closed, after what was sent. */
  tellsOther(): void {
    const { other } = this;
    if (!this.isJoined || this.held !== null || other?.readyState !== "open") return;
    queueMicrotask(() => queueMicrotask(() => other.closed()));
  }

  /** The other side, or the network, closed it. */
  closed(): void {
    this.readyState = "closed";
    this.dispatchEvent(new Event("close"));
  }

  types(): unknown[] {
    return this.sent.map(({ type }) => type);
  }
}

/** The kinds of the sections in their order. */
const KINDS = ["audio", "video", "video", "audio"];

function ufragOf(sdp: string): string | null {
  return /^a=ice-ufrag:(.*)$/m.exec(sdp)?.[1]?.trim() ?? null;
}

/** An SDP of this browser, with a section for each transceiver. */
export function sdpOf(
  candidates: readonly string[],
  transceivers = 0,
  fingerprint = FakePeer.FINGERPRINT,
  ufrag = "AbCd",
): string {
  const section = [
    `a=ice-ufrag:${ufrag}`,
    "a=ice-pwd:0123456789abcdefghijklmn",
    `a=fingerprint:sha-256 ${fingerprint}`,
  ];
  const lines = [
    "v=0",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    ...section,
    ...candidates.map((candidate) => `a=${candidate}`),
    ...KINDS.slice(0, transceivers).flatMap((kind) => [`m=${kind} 9 UDP/TLS/RTP/SAVPF 96`, ...section]),
  ];
  return `${lines.join("\r\n")}\r\n`;
}
