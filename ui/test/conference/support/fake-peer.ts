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

  constructor(readonly configuration: RTCConfiguration) {
    super();
  }

  createDataChannel(label: string): FakeChannel {
    return label === "control" ? this.channel : this.files;
  }

  async setLocalDescription(): Promise<void> {
    await Promise.resolve();
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    this.iceGatheringState = "gathering";
    this.localDescription = { type, sdp: sdpOf(this.#gathered, this.transceivers.length) };
  }

  async setRemoteDescription(description: { type: RTCSdpType; sdp: string }): Promise<void> {
    await Promise.resolve();
    if (!description.sdp.startsWith("v=0")) throw new DOMException("not an SDP", "InvalidAccessError");
    this.remoteDescriptions.push(description);
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    if (description.type !== "offer") return;
    const kinds = [...description.sdp.matchAll(/^m=(audio|video)/gm)].map(([, kind = ""]) => kind);
    for (const kind of kinds.slice(this.transceivers.length)) {
      const transceiver = this.#add(kind, "recvonly");
      const { track } = transceiver.receiver;
      this.dispatchEvent(Object.assign(new Event("track"), { transceiver, track }));
    }
  }

  addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
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
    queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
  }

  getStats(): Promise<Map<string, unknown>> {
    return Promise.resolve(new Map<string, unknown>());
  }

  close(): void {
    this.connectionState = "closed";
    this.channel.readyState = "closed";
  }

  get isClosed(): boolean {
    return this.connectionState === "closed";
  }

  /** The browser found a candidate: `host 192.0.2.1 5000`. */
  gather(type: string, address: string, port: number): void {
    const candidate = `candidate:${this.#gathered.length} 1 udp ${1000 - this.#gathered.length} ${address} ${port} typ ${type}`;
    this.#gathered.push(candidate);
    if (this.localDescription !== null)
      this.localDescription.sdp = sdpOf(this.#gathered, this.transceivers.length);
    this.dispatchEvent(
      Object.assign(new Event("icecandidate"), {
        candidate: { candidate, sdpMid: "0", usernameFragment: "AbCd" },
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

  #add(kind: string, direction: RTCRtpTransceiverDirection): FakeTransceiver {
    const transceiver = new FakeTransceiver(kind, direction);
    this.transceivers.push(transceiver);
    return transceiver;
  }
}

export class FakeTransceiver {
  readonly receiver: { track: { kind: string } };
  readonly sender = {
    track: null as unknown,
    replaceTrack: (track: unknown): Promise<void> => {
      this.sender.track = track;
      return Promise.resolve();
    },
  };

  constructor(
    kind: string,
    public direction: RTCRtpTransceiverDirection,
  ) {
    this.receiver = { track: { kind } };
  }
}

export class FakeChannel extends EventTarget {
  readyState: RTCDataChannelState = "connecting";
  bufferedAmount = 0;
  readonly sent: Record<string, unknown>[] = [];
  /** The other end, if there is one: what is sent arrives there. */
  other: FakeChannel | null = null;

  send(text: string): void {
    // Frames of the overlay are not looked at here.
    if (text.startsWith("{")) this.sent.push(JSON.parse(text) as Record<string, unknown>);
    queueMicrotask(() => this.other?.receive(text));
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

/** An SDP of this browser, with a section for each transceiver. */
export function sdpOf(
  candidates: readonly string[],
  transceivers = 0,
  fingerprint = FakePeer.FINGERPRINT,
): string {
  const section = [
    "a=ice-ufrag:AbCd",
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
