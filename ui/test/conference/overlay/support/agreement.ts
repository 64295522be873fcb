import type { RosterParticipant } from "../../../../src/conference/overlay";
import type { Person } from "./person";

/** What one person takes the conference to be, as text: equal for all who agree. */
function conferenceOf({ overlay }: Person): string {
  const { own, organiser, topic, locked, participants } = overlay.view;
  const people = [own.id, ...participants.map(({ id }) => id)].sort();
  return JSON.stringify({ people, organiser, topic, locked });
}

/** What is shown of somebody. */
function tileOf({ entry, connection, hand, invitedBy }: RosterParticipant): string {
  const { name, address, proof, device, muted, camera, sharing, quality } = entry;
  const said = { name, address, proof, device, muted, camera, sharing, quality };
  return JSON.stringify({ ...said, connection, hand, invitedBy });
}

/** What is in the documents of somebody, if there are any. */
function writingOf(person: Person): string {
  if (person.world.options.documents !== true) return "";
  const { documents } = person;
  const lines = documents.chat.map(({ author, text }) => `${author} ${text}`);
  return JSON.stringify({ lines, notes: documents.notes });
}

/** In what these people do not agree; null if in nothing. */
export function disagreement(people: readonly Person[]): string | null {
  const [first] = people;
  if (first === undefined) return null;
  const tiles = new Map(first.others.map((other) => [other.id, tileOf(other)]));
  for (const person of people) {
    const seen = new Map(person.others.map((other) => [other.id, other]));
    for (const other of people) {
      const tile = seen.get(other.id);
      if (other === person) continue;
      if (tile?.connection !== "connected") return `${person.name} does not see ${other.name}`;
      if (tile.hand !== other.overlay.view.own.hand)
        return `${person.name} sees another hand of ${other.name}`;
    }
    const [here, there] = [conferenceOf(first), conferenceOf(person)];
    if (here !== there) return `${first.name}: ${here}\n${person.name}: ${there}`;
    for (const [id, other] of seen) {
      const tile = tiles.get(id) ?? tileOf(other);
      if (tile !== tileOf(other)) return `${first.name}: ${tile}\n${person.name}: ${tileOf(other)}`;
    }
    if (person.list.text !== first.list.text) return `${first.name} and ${person.name} have different lists`;
    const [ours, theirs] = [writingOf(first), writingOf(person)];
    if (ours !== theirs)
      return `${first.name} and ${person.name} have different documents: ${ours}\n${theirs}`;
  }
  return null;
}
