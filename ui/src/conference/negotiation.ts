import { ufragOf } from "./candidate";
import { leanSdp } from "./codecs";
import { fingerprintsOf } from "./description";
import { MAX_TOLD } from "./limits";
import { Spares } from "./spares";
import type { Clock } from "./types";

/** The most sections an SDP of a peer may have: the channel, and room for more media than we send. */
const MAX_SECTIONS = 9;

/** The peer broke a rule that ends the link. */
export class Violation extends Error {
  override readonly name = "Violation";
  constructor(readonly code: "fingerprint_changed" | "too_many_sections") {
    super(code);
  }
}

/**
 * Negotiates media over the control channel by perfect negotiation (W3C WebRTC, 10.7): both sides may offer at any
 * time, and when both do at once the polite one takes its offer back.
 */
export class Negotiation {
  readonly #peer: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #spares: Spares;
  #isOffering = false;
  /** Candidates that overtook the first description of the peer. */
  readonly #early: RTCIceCandidateInit[] = [];
  /** Whether the last offer of the peer was ignored; its candidates are as well. */
  #ignoring = false;
  /** The ICE generation of that offer, until it is known what became of it. */
  #ignored: string | null = null;
  /** That of the ignored offer that the peer took back last: it may wait in a channel that was dead, and come again. */
  #takenBack: string | null = null;
  /** The newest own offer, as it was said. */
  #offer: string | null = null;
  /** The ICE generations of both sides that were settled last. */
  #settled: { readonly own: string | null; readonly other: string | null } | null = null;

  constructor(peer: RTCPeerConnection, options: NegotiationOptions) {
    this.#peer = peer;
    this.#options = options;
    this.#spares = new Spares(peer, {
      clock: options.clock,
      lean: (sdp) => this.#lean(sdp),
      say: (sdp) => options.agree(sdp),
      fault: options.fault,
    });
    peer.addEventListener("negotiationneeded", () => {
      if (options.isAllowed()) this.offer().catch(options.fault);
    });
  }

  async offer(): Promise<void> {
    if (this.#isOffering || this.#peer.signalingState !== "stable") return;
    this.#isOffering = true;
    this.#spares.begins();
    try {
      await this.#peer.setLocalDescription();
      this.#sendLocal();
    } finally {
      this.#isOffering = false;
    }
  }

  /** New paths are to be found: with the restart that the other side knows already, if there is one. */
  async restart(): Promise<void> {
    if (this.#isOffering || this.#peer.signalingState !== "stable" || !this.#spares.hasOwn)
      return this.#peer.restartIce();
    this.#isOffering = true;
    try {
      await this.#useSpare();
    } finally {
      this.#isOffering = false;
    }
    this.repeat();
  }

  /** The other side says with what it will restart. */
  agree(sdp: string): void {
    this.#inspect(sdp);
    this.#spares.hear(sdp);
  }

  /** Whether the other side knows with what this one will restart. */
  get isAgreed(): boolean {
    return this.#spares.hasOwn;
  }

  /** Whether this side knows with what the other one will. */
  get knowsRestart(): boolean {
    return this.#spares.others !== null;
  }

  /** The other side restarted as was agreed, and cannot say so. */
  async goAlong(): Promise<void> {
    const sdp = this.#spares.others;
    if (sdp !== null && !this.#isOffering) await this.#hold("offer", sdp);
  }

  /** Says again the offer that waits for its answer. False: there is none. */
  repeat(): boolean {
    if (this.#offer === null || this.#isOffering || this.#peer.signalingState !== "have-local-offer")
      return false;
    this.#options.send("offer", this.#offer);
    return true;
  }

  /** The link is over. */
  close(): void {
    this.#spares.begins();
  }

  /** @throws Violation, or whatever the browser says of an SDP it does not take. */
  async take(kind: "offer" | "answer", sdp: string): Promise<void> {
    this.#inspect(sdp);
    const isFree = !this.#isOffering && this.#peer.signalingState === "stable";
    const ufrag = ufragOf(sdp);
    const isOver = ufrag !== null && ufrag === this.#takenBack;
    this.#ignoring = kind === "offer" && (isOver || (!isFree && !this.#options.isPolite()));
    if (this.#ignoring) {
      if (!isOver) this.#ignored = ufrag;
      return;
    }
    if (kind === "answer" && this.#isLate(sdp)) return;
    if (kind === "answer" && this.#peer.signalingState !== "have-local-offer") {
      // To an offer that was taken back meanwhile, or to the restart that was agreed: the other side went ahead.
      if (!isFree || !this.#spares.hasOwn || ufrag === this.#settled?.other) return;
      await this.#useSpare();
    }
    await this.#hold(kind, sdp);
  }

  async #hold(kind: "offer" | "answer", sdp: string): Promise<void> {
    this.#spares.begins();
    // Candidates come one by one and are examined one by one.
    await this.#peer.setRemoteDescription({ type: kind, sdp: withoutCandidates(sdp) });
    for (const early of this.#early.splice(0)) await this.candidate(early);
    this.#options.described(sdp);
    this.#spares.described();
    if (kind === "offer") {
      this.#options.beforeAnswer();
      await this.#peer.setLocalDescription();
      this.#sendLocal();
      if (ufragOf(sdp) === this.#settled?.other) this.#options.askedAgain();
    }
    this.#settled = { own: ufragOf(this.#peer.localDescription?.sdp ?? ""), other: ufragOf(sdp) };
    // Whoever answers has no offer of its own any more; one without a restart is made again under the same name.
    if (kind === "answer" && this.#ignored !== this.#settled.other)
      this.#takenBack = this.#ignored ?? this.#takenBack;
    if (kind === "answer") this.#ignored = null;
    this.#spares.settled();
    this.#options.negotiated();
  }

  async #useSpare(): Promise<void> {
    const spare = this.#spares.take();
    if (spare === null) return;
    await this.#peer.setLocalDescription(spare.offer);
    this.#offer = spare.said;
  }

  /** An offer that was said twice is answered twice. Who answers a restart restarts, too. */
  #isLate(answer: string): boolean {
    if (this.#settled === null) return false;
    const { own, other } = this.#settled;
    return ufragOf(this.#offer ?? "") !== own && ufragOf(answer) === other;
  }

  async candidate(init: RTCIceCandidateInit): Promise<void> {
    if (this.#peer.remoteDescription === null) {
      if (this.#early.length < MAX_TOLD) this.#early.push(init);
      return;
    }
    try {
      await this.#peer.addIceCandidate(init);
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }

  #inspect(sdp: string): void {
    const found = fingerprintsOf(sdp);
    if (found.length !== 1 || found[0] !== this.#options.fingerprint())
      throw new Violation("fingerprint_changed");
    if ((sdp.match(/^m=/gm) ?? []).length > MAX_SECTIONS) throw new Violation("too_many_sections");
  }

  #sendLocal(): void {
    const local = this.#peer.localDescription;
    if (local === null || (local.type !== "offer" && local.type !== "answer")) return;
    const sdp = this.#lean(local.sdp);
    if (local.type === "offer") this.#offer = sdp;
    this.#options.send(local.type, sdp);
  }

  #lean(sdp: string): string {
    // Firefox takes `actpass` with an ICE restart for leave to change its DTLS role, which ends in a failed answer.
    return leanSdp(withoutCandidates(sdp)).replace(/^a=setup:actpass/gm, `a=setup:${this.#options.dtlsRole}`);
  }
}

export interface NegotiationOptions {
  readonly clock: Clock;
  /** Whether this side may offer yet. */
  isAllowed(): boolean;
  isPolite(): boolean;
  /** As the first answer settled it; it never changes (RFC 8842, 5.2). */
  readonly dtlsRole: "active" | "passive";
  /** What the peer's signed description said. */
  fingerprint(): string;
  /** A description of the peer holds. */
  described(sdp: string): void;
  /** The peer's sections are known: put the own tracks in. */
  beforeAnswer(): void;
  send(kind: "offer" | "answer", sdp: string): void;
  /** Tells the other side with what this one will restart. False: there is no way now. */
  agree(sdp: string): boolean;
  /** An offer came that was answered before: it may be that nothing of that arrived. */
  askedAgain(): void;
  /** Both sides' sections are settled. */
  negotiated(): void;
  readonly fault: (error: unknown) => void;
}

function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=(candidate|end-of-candidates|remote-candidates).*\r?\n/gm, "");
}
