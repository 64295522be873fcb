import type { CallView } from "../bindings/CallView";
import type { ContactView } from "../bindings/ContactView";
import type { ConferenceView, ParticipantView } from "../conference";
import { t } from "../texts";
import { peerOf } from "../texts/words";
import { normal } from "./people";

/** How many people a title names before it counts the rest. */
const NAMED = 2;

/**
 * What a participant is called here: as the user's contact if it proved the contact's address, else as it calls
 * itself. The other end of the user's own call is whom the call was with.
 */
export function participantName(
  participant: ParticipantView,
  call: CallView,
  contacts: readonly ContactView[],
): string {
  if (isPeer(participant, call)) return call.peer_name.trim() || participant.name.trim() || peerOf(call);
  if (participant.proof === "proven") {
    const contact = contacts.find(({ address }) => address === normal(participant.address));
    if (contact !== undefined && contact.name.trim() !== "") return contact.name;
  }
  return participant.name.trim() || participant.address || t.ongoing.somebody;
}

/** Whether this is the one whom the call itself reaches. */
export function isPeer({ calls }: ParticipantView, { call }: CallView): boolean {
  return calls.includes(call);
}

/** Who is in, for a title: `Bob`, `Bob and Carol`, `Bob, Carol and 2 others`. */
export function crowd(names: readonly string[]): string {
  const named = names.length <= NAMED + 1 ? names : names.slice(0, NAMED);
  return t.ongoing.who(named, names.length - named.length);
}

/** What a call is called: its topic, or who is in, or whom it is to reach. */
export function callTitle(
  call: CallView,
  conference: ConferenceView | null,
  contacts: readonly ContactView[],
): string {
  const topic = conference?.topic || call.conference?.topic || "";
  if (topic !== "") return topic;
  const participants = conference?.participants ?? [];
  if (participants.length === 0) return peerOf(call);
  return crowd(participants.map((one) => participantName(one, call, contacts)));
}
