export type {
  Cancel,
  Clock,
  ConferenceId,
  ConferenceView,
  Connection,
  DirectedLink,
  Director,
  DirectorPorts,
  Grade,
  Identity,
  LinkSettings,
  LocalSource,
  OwnView,
  ParticipantId,
  ParticipantView,
  Person,
  Platform,
  Proof,
  Proven,
  Refusal,
  Report,
  Room,
  Session,
  SessionPorts,
  Size,
} from "./types";
export { KEPT_FOR, MAX_KEPT, type KeptSeat, type KeyStore } from "./key-store";
export { keysFrom } from "./overlay";
export { createSession, type SessionOptions } from "./session";
export { DocumentError } from "./documents/types";
export type { ChatLine, Documents, FileState, SharedFile } from "./documents/types";
