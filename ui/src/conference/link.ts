import type { LinkState } from "../bindings/LinkState";
import { CandidateGate, parseCandidate, type Candidate, type CandidatePolicy } from "./candidate";
import { configuration } from "./configuration";
import { ControlChannel, type Message } from "./channel";
import { DescriptionError, decode, encode, toSdp, type Description, type Role } from "./description";
import { watchGathering } from "./gathering";
import { Health, type LinkPhase, type Patience } from "./health";
import { Negotiation, Violation } from "./negotiation";
import { keepReady } from "./revival";
import { spaced } from "./spaced";
import { LinkTracks } from "./tracks";
import type { Cancel, LinkSettings, LocalSource, ParticipantId, Platform } from "./types";

export interface LinkPorts {
  readonly platform: Platform;
  readonly local: LocalSource;
  readonly settings: LinkSettings;
  readonly patience: Patience;
  readonly candidates: CandidatePolicy;
  /** Who this device is in the conference. */
  readonly participant: ParticipantId;
  /** What this device calls itself. */
  name(): string;
  described(description: string): void;
  state(state: LinkState): void;
  signal(signal: object): void;
  /** Something that a view shows changed. */
  changed(): void;
  readonly fault: (error: unknown) => void;
}

/** The shortest time between two ICE restarts of a link, in milliseconds. */
export const BETWEEN_RESTARTS = 1000;

/** How long a closing link may take to deliver its last words, in milliseconds. */
export const LAST_WORDS = 1000;

/**
 * One RTCPeerConnection to one peer device and its control channel.
 *
 * It begins with nothing but the channel. Until {@link useMedia} it takes no media section and captures nothing; on
 * the callee's side it hears nothing but candidates and `cancel`. After it the callee opens the media sections, over
 * the channel: it learns first that the call was taken, so its offer travels while the caller's backend still thinks.
 */
export class Link {
  readonly #ports: LinkPorts;
  readonly #role: Role;
  readonly #peer: RTCPeerConnection;
  readonly #channel: ControlChannel;
  readonly #health: Health;
  readonly #negotiation: Negotiation;
  readonly #tracks: LinkTracks;
  readonly #candidates: CandidateGate;
  readonly #restarts: ReturnType<typeof spaced>;
  readonly #cancels: Cancel[] = [];
  #remote: Description | null = null;
  /** Since when the descriptions of both sides are there. */
  #tryingSince: number | null = null;
  #revival: Cancel = () => undefined;
  #lastWords: Cancel = () => undefined;
  #work: Promise<void> = Promise.resolve();
  #isOver = false;
  #media: "not yet" | "allowed" | "running" = "not yet";
  /** What came before the local accept, the newest of each type. */
  readonly #parked = new Map<Message["type"], Message>();
  #stream: MediaStream | null = null;
  #remoteId: ParticipantId | null = null;
  #remoteState = { name: "", muted: false, camera: false };

  /** A link to offer; its description goes to `described`. `thorough`: with all candidates, after a failed attempt. */
  static toOffer(ports: LinkPorts, options: { thorough: boolean }): Link {
    const link = new Link(ports, "offer", options.thorough);
    link.#run(() => link.#peer.setLocalDescription(), "fatal");
    return link;
  }

  /**
   * A link that answers an offer.
   *
   * @throws DescriptionError
   */
  static toAnswer(ports: LinkPorts, offer: string, options: { thorough: boolean }): Link {
    const remote = read(offer, "offer");
    const link = new Link(ports, "answer", options.thorough);
    link.#run(async () => {
      const taken = await link.#takeDescription(remote);
      await link.#peer.setLocalDescription();
      if (link.#isOver) return;
      const options = { iceDiesForGood: ports.platform.iceDiesForGood, fault: ports.fault };
      link.#revival = keepReady(link.#peer, ports.platform.clock, { ...remote, candidates: taken }, options);
    }, "fatal");
    return link;
  }

  private constructor(ports: LinkPorts, role: Role, thorough: boolean) {
    this.#ports = ports;
    this.#role = role;
    const { clock } = ports.platform;
    this.#peer = ports.platform.createPeer(configuration(ports.settings));
    this.#health = new Health(clock, ports.patience.returns, {
      state: (state) => this.#reportState(state),
      broke: () => this.#restartIce(),
    });
    this.#channel = new ControlChannel(this.#peer, {
      open: () => this.#opened(),
      closed: () => this.#channelClosed(),
      message: (message) => this.#hear(message),
    });
    this.#candidates = new CandidateGate(ports.candidates);
    this.#restarts = spaced(clock, BETWEEN_RESTARTS, () => this.#peer.restartIce());
    this.#tracks = new LinkTracks(this.#peer, ports.local, ports.fault);
    this.#negotiation = new Negotiation(this.#peer, {
      isAllowed: () => this.#media === "running",
      isPolite: () => this.#isPolite,
      dtlsRole: role === "answer" ? "active" : "passive",
      fingerprint: () => this.#remote?.fingerprint ?? "",
      beforeAnswer: () => this.#tracks.adopt(),
      send: (kind, sdp) => this.#say({ type: "description", kind, sdp }),
      fault: ports.fault,
    });
    const wanted = thorough ? "all" : ports.settings.turn.length > 0 ? "relay" : "quick";
    const gathering = watchGathering(this.#peer, clock, wanted, {
      ready: () => this.#describe(),
      later: ({ candidate, sdpMid, usernameFragment }) =>
        this.#say({ type: "candidate", candidate, mid: sdpMid ?? "0", ufrag: usernameFragment }),
    });
    this.#cancels.push(gathering, this.#restarts.cancel, () => this.#revival());
    this.#peer.addEventListener("connectionstatechange", () => {
      const ice = this.#peer.iceConnectionState;
      this.#health.connection(this.#peer.connectionState, ice === "connected" || ice === "completed");
      this.#ports.changed();
    });
    this.#peer.addEventListener("track", ({ track }) => {
      this.#stream ??= ports.platform.createStream();
      this.#stream.addTrack(track);
      this.#ports.changed();
    });
  }

  get view(): LinkView {
    return { id: this.#remoteId, ...this.#remoteState, stream: this.#stream, phase: this.#health.phase };
  }

  /** How long it has had both descriptions without opening, in milliseconds; null if that is not how it stands. */
  get tryingFor(): number | null {
    if (this.#health.phase !== "waiting" || this.#tryingSince === null) return null;
    return this.#ports.platform.clock.now() - this.#tryingSince;
  }

  /** Its channel is there, even if nothing gets through at the moment. */
  get #isReachable(): boolean {
    return this.#health.phase === "open" || this.#health.phase === "broken";
  }

  get isLost(): boolean {
    return this.#health.phase === "lost";
  }

  /** The peer's answer. A second one is ignored: the first that came holds. */
  useAnswer(answer: string): void {
    if (this.#role !== "offer" || this.#remote !== null || this.#isOver) return;
    try {
      const remote = read(answer, "answer");
      this.#remote = remote;
      this.#tryForAtMost(this.#ports.patience.callerOpens);
      this.#run(() => this.#takeDescription(remote), "fatal");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The call was taken: media may flow as soon as the channel is open. */
  useMedia(): void {
    if (this.#media !== "not yet" || this.#isOver) return;
    this.#media = "allowed";
    this.#startMedia();
  }

  sendSignal(signal: object): void {
    this.#say({ type: "signal", signal });
  }

  /** Name, mute or camera changed. */
  tellState(): void {
    if (this.#media !== "running") return;
    const { muted, cameraOn } = this.#ports.local;
    this.#say({ type: "state", name: this.#ports.name(), muted, camera: cameraOn });
  }

  networkChanged(): void {
    if (this.#isReachable) this.#restartIce();
  }

  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Ends the link on purpose, after what was sent has been delivered. */
  close(): void {
    if (this.#isOver) return;
    const wasOpen = this.#isReachable;
    this.#retire();
    if (!wasOpen) return this.#peer.close();
    this.#tracks.silence();
    this.#channel.close();
    this.#lastWords = this.#ports.platform.clock.after(LAST_WORDS, () => this.#peer.close());
  }

  /** Ends the link at once. */
  drop(): void {
    this.#retire();
    this.#lastWords();
    this.#peer.close();
  }

  #retire(): void {
    this.#isOver = true;
    this.#health.end();
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #describe(): void {
    const local = this.#peer.localDescription;
    if (local === null || this.#isOver) return;
    if (this.#role === "answer") this.#tryForAtMost(this.#ports.patience.calleeOpens);
    try {
      this.#ports.described(encode(local.sdp, this.#role));
    } catch (error) {
      this.#fail(error);
    }
  }

  #tryForAtMost(ms: number): void {
    this.#tryingSince = this.#ports.platform.clock.now();
    this.#health.mayOpenWithin(ms);
  }

  /** Which of its candidates were taken. */
  async #takeDescription(remote: Description): Promise<Candidate[]> {
    this.#remote = remote;
    const taken = remote.candidates.filter((candidate) => this.#candidates.takes(candidate, remote.ufrag));
    await this.#peer.setRemoteDescription({
      type: remote.type,
      sdp: toSdp({ ...remote, candidates: taken }),
    });
    return taken;
  }

  #opened(): void {
    this.#revival();
    this.#health.channelOpened();
    this.#say({ type: "hello", participant: this.#ports.participant });
    this.#startMedia();
    this.#ports.changed();
  }

  #channelClosed(): void {
    if (!this.#isOver) return this.#health.channelClosed();
    this.#lastWords();
    this.#peer.close();
  }

  #startMedia(): void {
    if (this.#media !== "allowed" || !this.#isReachable) return;
    this.#media = "running";
    this.#cancels.push(
      this.#ports.local.subscribe(() => {
        this.#tracks.send();
        this.tellState();
      }),
    );
    this.tellState();
    if (this.#role === "answer") this.#tracks.add();
    const parked = [...this.#parked.values()];
    this.#parked.clear();
    for (const message of parked) this.#hear(message);
  }

  #hear(message: Message): void {
    if (this.#isOver) return;
    const isAccepted = this.#media === "running";
    switch (message.type) {
      case "candidate":
        return this.#hearCandidate(message);
      case "signal":
        if (isAccepted || this.#role === "offer" || isCancel(message.signal))
          this.#ports.signal(message.signal);
        return;
      case "hello":
      case "state":
      case "restart":
      case "description":
        if (isAccepted) this.#hearAccepted(message);
        else this.#parked.set(message.type, message);
    }
  }

  #hearAccepted(message: Exclude<Message, { type: "candidate" | "signal" }>): void {
    switch (message.type) {
      case "hello":
        this.#remoteId ??= message.participant;
        return this.#ports.changed();
      case "state":
        this.#remoteState = { name: message.name, muted: message.muted, camera: message.camera };
        return this.#ports.changed();
      case "restart":
        if (!this.#isPolite) this.#restarts.request();
        return;
      case "description":
        return this.#run(() => this.#negotiation.take(message.kind, message.sdp), "survivable");
    }
  }

  #hearCandidate(message: Message & { type: "candidate" }): void {
    const candidate = parseCandidate(message.candidate);
    const ufrag = message.ufrag ?? this.#remote?.ufrag ?? "";
    if (candidate === null || (this.#media !== "running" && ufrag !== this.#remote?.ufrag)) return;
    if (!this.#candidates.takes(candidate, ufrag)) return;
    const init = { candidate: message.candidate, sdpMid: message.mid, usernameFragment: message.ufrag };
    this.#run(() => this.#negotiation.candidate(init), "survivable");
  }

  get #isPolite(): boolean {
    return this.#remoteId === null ? this.#role === "answer" : this.#ports.participant < this.#remoteId;
  }

  /** Always the impolite one restarts: Chromium can lose its path for good when it takes back a restart. */
  #restartIce(): void {
    if (this.#media !== "running") return;
    if (this.#isPolite) this.#say({ type: "restart" });
    else this.#restarts.request();
  }

  #say(message: Message): void {
    try {
      this.#channel.send(message);
    } catch (error) {
      this.#ports.fault(error);
    }
  }

  #reportState(state: LinkState): void {
    if (state === "Lost") {
      this.#retire();
      this.#peer.close();
    }
    this.#ports.state(state);
    this.#ports.changed();
  }

  /** One after the other; what is left when the link ends is not done. */
  #run(work: () => Promise<unknown>, onError: "fatal" | "survivable"): void {
    this.#work = this.#work.then(async () => {
      if (this.#isOver) return;
      try {
        await work();
      } catch (error) {
        if (this.#isOver) return;
        if (onError === "fatal" || error instanceof Violation) this.#fail(error);
        else this.#ports.fault(error);
      }
    });
  }

  #fail(error: unknown): void {
    this.#ports.fault(error);
    this.#health.lose();
  }
}

/** What a view may know of a link. */
export interface LinkView {
  readonly id: ParticipantId | null;
  readonly name: string;
  readonly muted: boolean;
  readonly camera: boolean;
  readonly stream: MediaStream | null;
  readonly phase: LinkPhase;
}

function read(text: string, role: Role): Description {
  const description = decode(text);
  if (description.type !== role) throw new DescriptionError("bad_field", "role");
  return description;
}

function isCancel(signal: object): boolean {
  return "type" in signal && signal.type === "cancel";
}
