import { ufragOf } from "./candidate";
import { leanSdp } from "./codecs";
import { fingerprintsOf } from "./description";

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
  #isOffering = false;
  /** Whether the last offer of the peer was ignored; its candidates are as well. */
  #ignoring = false;
  /** The newest own offer, as it was said. */
  #offer: string | null = null;
  /** The ICE generations of both sides that were settled last. */
  #settled: { readonly own: string | null; readonly other: string | null } | null = null;

  constructor(peer: RTCPeerConnection, options: NegotiationOptions) {
    this.#peer = peer;
    this.#options = options;
    peer.addEventListener("negotiationneeded", () => {
      if (options.isAllowed()) this.offer().catch(options.fault);
    });
  }

  async offer(): Promise<void> {
    if (this.#isOffering || this.#peer.signalingState !== "stable") return;
    this.#isOffering = true;
    try {
      await this.#peer.setLocalDescription();
      this.#sendLocal();
    } finally {
      this.#isOffering = false;
    }
  }

  /** Says again the offer that waits for its answer. False: there is none. */
  repeat(): boolean {
    if (this.#offer === null || this.#isOffering || this.#peer.signalingState !== "have-local-offer")
      return false;
    this.#options.send("offer", this.#offer);
    return true;
  }

  /** @throws Violation, or whatever the browser says of an SDP it does not take. */
  async take(kind: "offer" | "answer", sdp: string): Promise<void> {
    this.#inspect(sdp);
    const isFree = !this.#isOffering && this.#peer.signalingState === "stable";
    this.#ignoring = kind === "offer" && !isFree && !this.#options.isPolite();
    if (this.#ignoring) return;
    // An answer to an offer that was taken back meanwhile.
    if (kind === "answer" && this.#peer.signalingState !== "have-local-offer") return;
    if (kind === "answer" && this.#isLate(sdp)) return;
    // Candidates come one by one and are examined one by one.
    await this.#peer.setRemoteDescription({ type: kind, sdp: withoutCandidates(sdp) });
    this.#options.described(sdp);
    if (kind === "offer") {
      this.#options.beforeAnswer();
      await this.#peer.setLocalDescription();
      this.#sendLocal();
    }
    this.#settled = { own: ufragOf(this.#peer.localDescription?.sdp ?? ""), other: ufragOf(sdp) };
    this.#options.negotiated();
  }

  /** An offer that was said twice is answered twice. Who answers a restart restarts, too. */
  #isLate(answer: string): boolean {
    if (this.#settled === null) return false;
    const { own, other } = this.#settled;
    return ufragOf(this.#offer ?? "") !== own && ufragOf(answer) === other;
  }

  async candidate(init: RTCIceCandidateInit): Promise<void> {
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
    // Firefox takes `actpass` with an ICE restart for leave to change its DTLS role, which ends in a failed answer.
    const sdp = leanSdp(withoutCandidates(local.sdp)).replace(
      /^a=setup:actpass/gm,
      `a=setup:${this.#options.dtlsRole}`,
    );
    if (local.type === "offer") this.#offer = sdp;
    this.#options.send(local.type, sdp);
  }
}

export interface NegotiationOptions {
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
  /** Both sides' sections are settled. */
  negotiated(): void;
  readonly fault: (error: unknown) => void;
}

function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=(candidate|end-of-candidates|remote-candidates).*\r?\n/gm, "");
}
