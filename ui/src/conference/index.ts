export type {
  Cancel,
  Clock,
  ConferenceView,
  Connection,
  LinkSettings,
  LocalSource,
  ParticipantId,
  ParticipantView,
  Platform,
  Report,
  Session,
  SessionPorts,
} from "./types";
export { createSession, type SessionOptions } from "./session";
