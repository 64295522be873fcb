import type { LinkState } from "../bindings/LinkState";
import { ControlChannel } from "./channel";
import { configuration } from "./configuration";
import { fingerprintsOf, type Role } from "./description";
import { EarlyChannel } from "./files";
import type { Urgency } from "./frames";
import { trickle } from "./gathering";
import { Greeting, type Ends } from "./greeting";
import { Health } from "./health";
import { Hearing, type Accepted } from "./hearing";
import { bytesReceived, followPaths } from "./ice";
import { MESSAGES } from "./limits";
import type { LinkPorts, LinkView } from "./link-ports";
import { asksForPath, type Hello, type Message } from "./message";
import { Violation } from "./negotiation";
import { Opening, readDescription } from "./opening";
import { Paths } from "./paths";
import { Bucket } from "./overlay";
import { Received } from "./received";
import { Silence } from "./silence";
import { LinkTracks, type Senders } from "./tracks";
import type { Cancel, ParticipantId, Refusal, Wants } from "./types";
import { Words } from "./words";

/** How long a closing link may take to deliver its last words, in milliseconds. */
export const LAST_WORDS = 1000;

/** For how long a link waits at least before what was passed on for it counts as missed, in milliseconds. */
const MISSED = 1000;

/**
 * One RTCPeerConnection to one peer device and its control channel.
 *
 * A link of a call begins with nothing but the channel. Until {@link useMedia} it takes no media section and captures
 * nothing; on the callee's side it hears nothing but candidates and `cancel`. After it the callee opens the media
 * sections, over the channel: it learns first that the call was taken, so its offer travels while the caller's backend
 * still thinks.
 *
 * A link between participants who were introduced has its media from the beginning: both are in the conference, and
 * what they say of it travels by way of others until it is open.
 */
export class Link {
  readonly #ports: LinkPorts;
  readonly #peer: RTCPeerConnection;
  readonly #channel: ControlChannel;
  /** For files only. */
  readonly files: EarlyChannel;
  readonly #health: Health;
  readonly #silence: Silence;
  readonly #words: Words;
  readonly #hearing: Hearing;
  readonly #greeting: Greeting;
  readonly #paths: Paths;
  readonly #tracks: LinkTracks;
  readonly #cancels: Cancel[] = [];
  readonly #introduced: ParticipantId | null;
  /** Whether this side offers the media sections. */
  readonly #opensMedia: boolean;
  readonly #opening: Opening;
  #lastWords: Cancel = () => undefined;
  /** An introduced link is given up if it is not proven in time who is there, also once it is open. */
  #unknown: Cancel | null = null;
  #work: Promise<void> = Promise.resolve();
  #isOver = false;
  #media: "not yet" | "allowed" | "running" = "not yet";
  readonly #received: Received;
  /** What the other side may still say on the channel. */
  readonly #messages: Bucket;

  /** A link to offer; its description goes to `described`. `thorough`: with all candidates, after a failed attempt. */
  static toOffer(ports: LinkPorts, { thorough }: { thorough: boolean }): Link {
    const link = new Link(ports, "offer", null);
    link.#opening.offer(thorough);
    return link;
  }

  /**
   * A link that answers an offer.
   *
   * @throws DescriptionError
   */
  static toAnswer(ports: LinkPorts, offer: string, { thorough }: { thorough: boolean }): Link {
    const remote = readDescription(offer, "offer");
    const link = new Link(ports, "answer", null);
    link.#opening.answer(remote, thorough);
    return link;
  }

  /** A link to another participant, about which both speak by way of others; `begins`: this side offers. */
  static toParticipant(ports: LinkPorts, id: ParticipantId, { begins }: { begins: boolean }): Link {
    const link = new Link(ports, begins ? "offer" : "answer", id, begins);
    link.#cancels.push(trickle(link.#peer, (candidate) => link.#paths.ice.tell(candidate)));
    link.#opening.tryForAtMost(ports.patience.introducedOpens);
    link.#unknown = ports.platform.clock.after(ports.patience.introducedOpens, () => link.#health.lose());
    link.#runMedia();
    if (begins) link.#addTracks();
    return link;
  }

  /**
   * A link to another participant to whom nothing leads but mail: its descriptions travel like those of a call.
   * `offer`: the one it answers.
   *
   * @throws DescriptionError
   */
  static byMail(
    ports: LinkPorts,
    id: ParticipantId,
    offer: string | null,
    { thorough }: { thorough: boolean },
  ): Link {
    const remote = offer === null ? null : readDescription(offer, "offer");
    const link = new Link(ports, remote === null ? "offer" : "answer", id);
    if (remote === null) link.#opening.offer(thorough);
    else link.#opening.answer(remote, thorough);
    link.useMedia();
    return link;
  }

  private constructor(
    ports: LinkPorts,
    role: Role,
    introduced: ParticipantId | null,
    opensMedia = role === "answer",
  ) {
    this.#ports = ports;
    this.#opensMedia = opensMedia;
    this.#introduced = introduced;
    const { clock } = ports.platform;
    this.#messages = new Bucket(clock, MESSAGES);
    this.#received = new Received(ports.platform);
    this.#peer = ports.platform.createPeer(configuration(ports.settings));
    this.#health = new Health(clock, ports.patience.returns, {
      state: (state) => this.#reportState(state),
      returned: () => this.#returned(),
      broke: () => this.#paths.broke({ asked: false }),
    });
    this.#silence = new Silence(clock, {
      silent: () => this.#health.suspect(),
      heard: () => this.#health.heard(this.#peer.connectionState),
      arrived: () => bytesReceived(this.#peer),
      fault: ports.fault,
    });
    this.#channel = new ControlChannel(this.#peer, {
      open: () => this.#opened(),
      closed: () => this.#channelClosed(),
      message: (message) => {
        this.#silence.hear();
        if (message.type === "candidate" || this.#messages.take()) this.#hear(message);
      },
      frame: (text) => {
        this.#silence.hear();
        if (this.#media === "running" && !this.#isOver) this.#greeting.frame(text);
      },
    });
    this.files = new EarlyChannel(
      this.#peer.createDataChannel("files", { negotiated: true, id: 1, ordered: true }),
    );
    this.#words = new Words(this.#channel, {
      isOpen: () => this.isOpen,
      isBroken: () => this.#isBroken,
      detour: (message) => ports.detour(message),
      fault: ports.fault,
    });
    this.#hearing = new Hearing({
      role,
      isAccepted: () => this.#media === "running",
      candidate: (message) => this.#paths.ice.hear(message, this.#media !== "running"),
      signal: (signal) => ports.signal(signal),
      accepted: (message) => this.#hearAccepted(message),
    });
    this.#greeting = new Greeting(this.#channel, {
      hello: ports.hello,
      greeted: ports.greeted,
      known: (id) => this.#greeted(id),
      frame: ports.frame,
      fault: ports.fault,
    });
    this.#paths = new Paths({
      ...{ peer: this.#peer, role, clock, candidates: ports.candidates, words: this.#words },
      isOpen: () => this.isOpen,
      isBroken: () => this.#isBroken,
      // In Chromium a picture stands still for good at the side that takes an offer back, unless it offered the sections.
      isPolite: () => opensMedia,
      isAllowed: () => this.#media === "running",
      canDetour: () => ports.canDetour(),
      fingerprint: () => this.#opening.remote?.fingerprint ?? "",
      beforeAnswer: () => this.#tracks.adopt(),
      // Before that browsers take nothing of the side that answers.
      negotiated: () => ports.begins(this.senders),
      run: (work) => this.#run(work, "survivable"),
      fault: ports.fault,
    });
    this.#opening = new Opening({
      ...{ peer: this.#peer, role, ports, ice: this.#paths.ice, health: this.#health },
      isOver: () => this.#isOver,
      run: (work) => this.#run(work, "fatal"),
      fail: (error) => this.#fail(error),
    });
    this.#tracks = new LinkTracks(this.#peer, ports.local, ports.fault, () => ports.platform.createStream());
    this.#cancels.push(
      () => this.#silence.stop(),
      () => this.#unknown?.(),
      () => this.#paths.close(),
      () => this.#opening.close(),
    );
    this.#peer.addEventListener("connectionstatechange", () => {
      const ice = this.#peer.iceConnectionState;
      this.#health.connection(this.#peer.connectionState, ice === "connected" || ice === "completed");
      this.#ports.changed();
    });
    followPaths(this.#peer, () => {
      if (this.#isBroken) ports.resumed();
    });
    this.#peer.addEventListener("track", ({ track, transceiver }) => {
      const slot = this.#tracks.slotOf(transceiver);
      if (slot === null) return;
      this.#received.add(slot, track);
      this.#ports.changed();
    });
  }

  get view(): LinkView {
    const { person: stream, screen } = this.#received;
    return { id: this.id, stream, screen, phase: this.#health.phase };
  }

  /** Who is at the other end, once that is proven. */
  get id(): ParticipantId | null {
    return this.#greeting.id;
  }

  /** How long it has had both descriptions without opening, in milliseconds; null if that is not how it stands. */
  get tryingFor(): number | null {
    return this.#health.phase === "waiting" ? this.#opening.tryingFor : null;
  }

  get isOpen(): boolean {
    return this.#health.phase === "open";
  }

  /** Its channel is there, even if nothing gets through at the moment. */
  get isReachable(): boolean {
    return this.isOpen || this.#isBroken;
  }

  get isLost(): boolean {
    return this.#health.phase === "lost";
  }

  /** The peer's answer. A second one is ignored: the first that came holds. */
  useAnswer(answer: string): void {
    this.#opening.useAnswer(answer);
  }

  /** The call was taken: media may flow as soon as the channel is open. */
  useMedia(): void {
    if (this.#media !== "not yet" || this.#isOver) return;
    this.#media = "allowed";
    this.#startMedia();
  }

  sendSignal(signal: object): void {
    this.#words.say({ type: "signal", signal });
  }

  want(want: Wants): void {
    if (this.#media === "running" && this.isReachable) this.#words.say({ type: "want", ...want });
  }

  /** False if it cannot be sent. */
  sendPrivately(line: object): boolean {
    return this.isOpen && this.#words.say({ type: "private", line });
  }

  /** Says that the other side cannot be let in. */
  refuse(why: Refusal): void {
    this.#words.say({ type: "refused", why });
  }

  /** What sends what on it, once negotiated. */
  get senders(): Senders {
    return this.#tracks.senders;
  }

  /** What receives the other's voice, once negotiated. */
  get voice(): RTCRtpReceiver | null {
    return this.#tracks.voice;
  }

  /** What was settled about the conference since the last hello. */
  sayHello(): void {
    const ends = this.#ends();
    if (ends !== null && this.#media === "running" && this.isReachable)
      this.#greeting.say(ends).catch(this.#ports.fault);
  }

  sendFrame(text: string, urgency: Urgency): void {
    if (!this.#isOver) this.#greeting.send(text, urgency);
  }

  /** Something about this link that came by way of others, from who is or shall be at its other end. */
  hearByDetour(message: Message): void {
    if (message.type !== "description" && message.type !== "candidate" && message.type !== "restart") return;
    if (this.#isNewsOfBreak(message)) {
      this.#silence.doubt();
      this.#health.doubt();
      this.#paths.broke({ asked: true });
    }
    this.#hear(message);
  }

  /** Who asks for other paths in this way knows that these do not work; this side may not have noticed. */
  #isNewsOfBreak(message: Message): boolean {
    if (!this.isOpen || !asksForPath(message)) return false;
    return message.type !== "restart" || this.#paths.ice.isOfNow(message);
  }

  /** Its other end is there again, and may have missed what was said of the link by way of others. */
  tellAgain(): void {
    if (this.#words.takeMissed() || (this.tryingFor ?? 0) >= MISSED) this.#paths.ice.repeat();
  }

  networkChanged(): void {
    if (this.isOpen && this.#media === "running") this.#silence.hurry();
    this.#paths.networkChanged();
  }

  stats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  /** Ends the link on purpose, after what was sent has been delivered. */
  close(): void {
    if (this.#isOver) return;
    const wasOpen = this.isReachable;
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

  #opened(): void {
    this.#opening.succeeded();
    this.#health.channelOpened();
    if (this.#introduced !== null)
      this.#unknown ??= this.#ports.platform.clock.after(this.#ports.patience.introducedOpens, () =>
        this.#health.lose(),
      );
    if (this.#media === "running") this.sayHello();
    else this.#startMedia();
    this.#ports.changed();
  }

  #channelClosed(): void {
    if (!this.#isOver) return this.#health.channelClosed();
    this.#lastWords();
    this.#peer.close();
  }

  #startMedia(): void {
    if (this.#media !== "allowed" || !this.isReachable) return;
    this.#runMedia();
    this.sayHello();
    if (this.#opensMedia) this.#addTracks();
    this.#hearing.resume();
  }

  #addTracks(): void {
    this.#tracks.add();
    this.#ports.begins(this.senders);
  }

  #runMedia(): void {
    this.#media = "running";
    this.#cancels.push(this.#ports.local.subscribe(() => this.#tracks.send()));
  }

  #hear(message: Message): void {
    if (!this.#isOver) this.#hearing.hear(message);
  }

  #hearAccepted(message: Accepted): void {
    switch (message.type) {
      case "hello":
        return this.#hearHello(message);
      case "want":
        return this.#ports.wanted(message);
      case "private":
        if (this.id !== null) this.#ports.privately(message.line);
        return;
      case "refused":
        return this.#ports.refused(message.why);
      case "description":
        this.#pin(message.sdp);
        return this.#paths.hear(message);
      case "restart":
      case "spare":
        return this.#paths.hear(message);
    }
  }

  #hearHello(hello: Hello): void {
    const ends = this.#ends();
    if (ends !== null) this.#greeting.hear(hello, ends).catch(this.#ports.fault);
  }

  #greeted(id: ParticipantId): void {
    // Whoever was introduced proved by its signature that this is its link; it must be the one that opens it, too.
    if (this.#introduced !== null && id !== this.#introduced)
      return this.#fail(new Violation("fingerprint_changed"));
    this.#unknown?.();
    this.#silence.start();
    this.#ports.known(id);
    this.#ports.changed();
  }

  /** The certificate of an introduced participant is the one in the first description that it signed. */
  #pin(sdp: string): void {
    const [fingerprint] = fingerprintsOf(sdp);
    if (this.#introduced !== null && fingerprint !== undefined) this.#opening.pin(fingerprint);
  }

  #ends(): Ends | null {
    const [own] = fingerprintsOf(this.#peer.localDescription?.sdp ?? "");
    const other = this.#opening.remote?.fingerprint;
    return own === undefined || other === undefined ? null : { own, other };
  }

  get #isBroken(): boolean {
    return this.#health.phase === "broken";
  }

  #returned(): void {
    this.#paths.returned();
    this.#ports.resumed();
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
