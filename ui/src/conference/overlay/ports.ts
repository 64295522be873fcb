import type { Clock, ParticipantId } from "../types";
import type { Fields } from "./fields";
import type { Keys, Verifier } from "./keys";

/** All that an overlay needs, and whom it tells. */
export interface OverlayPorts {
  readonly clock: Clock;
  /** Of this conference only. */
  readonly keys: Keys;
  readonly verifier: Verifier;
  /** 32 random hex digits. */
  randomId(): string;
  /** Begin a link to somebody and keep at it; asked for again while it is wanted and not there. */
  connect(id: ParticipantId): void;
  /** A link is not wanted any more, or must not be (any more), because who is at its other end is no member. */
  disconnect(id: ParticipantId): void;
  /** A message of a member to this device; the order is kept as long as no path breaks. Never twice. */
  routed(from: ParticipantId, kind: string, body: Fields): void;
  /** Something of the view changed. */
  changed(): void;
  /** The one place for errors nobody waits for. */
  readonly fault: (error: unknown) => void;
}
