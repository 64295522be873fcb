import type { Candidate } from "./candidate";
import { DescriptionError, decode, encode, toSdp, type Description, type Role } from "./description";
import { watchGathering, type Gathering } from "./gathering";
import type { Health } from "./health";
import type { Ice } from "./ice";
import type { LinkPorts } from "./link-ports";
import { keepReady } from "./revival";
import type { Cancel } from "./types";

export interface OpeningParts {
  readonly peer: RTCPeerConnection;
  readonly role: Role;
  readonly ports: Pick<LinkPorts, "platform" | "settings" | "patience" | "described" | "fault">;
  readonly ice: Ice;
  readonly health: Health;
  isOver(): boolean;
  /** Does it after what was begun before; the link ends if that fails. */
  run(work: () => Promise<unknown>): void;
  fail(error: unknown): void;
}

/** How a link comes to have both descriptions, which travel by mail, and how long it is tried to open it with them. */
export class Opening {
  readonly #parts: OpeningParts;
  #remote: Pick<Description, "fingerprint"> | null = null;
  /** Since when the descriptions of both sides are there. */
  #tryingSince: number | null = null;
  #gathering: Gathering | null = null;
  #revival: Cancel = () => undefined;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
  }

  /** What the other side's description says; null as long as there is none. */
  get remote(): Pick<Description, "fingerprint"> | null {
    return this.#remote;
  }

  /** How long it has had both descriptions, in milliseconds; null if it has not. */
  get tryingFor(): number | null {
    return this.#tryingSince === null ? null : this.#parts.ports.platform.clock.now() - this.#tryingSince;
  }

  /** `thorough`: with all candidates, after a failed attempt. */
  offer(thorough: boolean): void {
    this.#gather(thorough);
    this.#parts.run(() => this.#describeLocally());
  }

  answer(remote: Description, thorough: boolean): void {
    const { peer, ports } = this.#parts;
    this.#gather(thorough);
    this.#parts.run(async () => {
      const taken = await this.#take(remote);
      await this.#describeLocally();
      if (this.#parts.isOver()) return;
      const options = { iceDiesForGood: ports.platform.iceDiesForGood, fault: ports.fault };
      this.#revival = keepReady(peer, ports.platform.clock, { ...remote, candidates: taken }, options);
    });
  }

  /** The peer's answer. A second one is ignored: the first that came holds. */
  useAnswer(answer: string): void {
    const { role, ports } = this.#parts;
    if (role !== "offer" || this.#remote !== null || this.#parts.isOver()) return;
    try {
      const remote = readDescription(answer, "answer");
      this.#remote = remote;
      this.tryForAtMost(ports.patience.callerOpens);
      this.#parts.run(() => this.#take(remote));
    } catch (error) {
      this.#parts.fail(error);
    }
  }

  /** The first description that the other side signed did not come by mail: its certificate is the one that holds. */
  pin(fingerprint: string): void {
    this.#remote ??= { fingerprint };
  }

  tryForAtMost(ms: number): void {
    this.#tryingSince = this.#parts.ports.platform.clock.now();
    this.#parts.health.mayOpenWithin(ms);
  }

  /** The link is open; candidates may still be found. */
  succeeded(): void {
    this.#revival();
  }

  close(): void {
    this.#revival();
    this.#gathering?.close();
  }

  #gather(thorough: boolean): void {
    const { peer, ports, ice } = this.#parts;
    const wanted = thorough ? "all" : ports.settings.turn.length > 0 ? "relay" : "quick";
    this.#gathering = watchGathering(peer, ports.platform.clock, wanted, {
      ready: () => this.#describe(),
      later: (candidate) => ice.tell(candidate),
    });
  }

  async #describeLocally(): Promise<void> {
    await this.#parts.peer.setLocalDescription();
    if (!this.#parts.isOver()) this.#gathering?.begun();
  }

  #describe(): void {
    const { peer, role, ports } = this.#parts;
    const local = peer.localDescription;
    if (local === null || this.#parts.isOver()) return;
    if (role === "answer") this.tryForAtMost(ports.patience.calleeOpens);
    try {
      ports.described(encode(local.sdp, role));
    } catch (error) {
      this.#parts.fail(error);
    }
  }

  /** Which of its candidates were taken. */
  async #take(remote: Description): Promise<Candidate[]> {
    const { peer, ice } = this.#parts;
    this.#remote = remote;
    const taken = ice.admit(remote.candidates, remote.ufrag);
    await peer.setRemoteDescription({ type: remote.type, sdp: toSdp({ ...remote, candidates: taken }) });
    return taken;
  }
}

/** @throws DescriptionError */
export function readDescription(text: string, role: Role): Description {
  const description = decode(text);
  if (description.type !== role) throw new DescriptionError("bad_field", "role");
  return description;
}
