export { MAX_PRESENT, OverlayError } from "./acts";
export { Bucket } from "./bucket";
export { queueOf, type Entry, type EntryQuality } from "./entry";
export { idOf, parseFields, textOf, type Fields } from "./fields";
export { MAX_FRAME } from "./frame";
export { canonical, hashOf } from "./hash";
export {
  createKeys,
  createVerifier,
  keysFrom,
  participantIdOf,
  webCryptoRing,
  type KeyRing,
  type Keys,
  type PublicKey,
  type Verifier,
} from "./keys";
export type { SendText, Urgency } from "./neighbour";
export { Overlay } from "./overlay";
export type { OwnEntry } from "./own-entry";
export type { OverlayPorts } from "./ports";
export { RETURNS } from "./presence";
export type { Replica, Taken } from "./replica";
export { Claim, MAX_BODY, Signed, signedText, type SignedWire } from "./signed";
export { makeRenewal, MAX_RENEWALS } from "./statements";
export type { Out, RosterParticipant, RosterView, Standing } from "./view";
