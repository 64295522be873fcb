import type { ConferenceId, ParticipantId } from "../types";
import { queueOf, type Entry } from "./entry";
import type { Picture } from "./presence";
import type { Roster } from "./roster";

/**
 * How this device stands to the conference. `joining`: nothing is known of an admission yet. `locked out`: it was
 * admitted by somebody who could not. `removed` and `left` are final.
 */
export type Standing = "joining" | "in" | "locked out" | "removed" | "left";

/** Another participant. Immutable. */
export interface RosterParticipant {
  readonly id: ParticipantId;
  /** All under which it is or was in, the oldest first: a reload makes a new one. */
  readonly ids: readonly ParticipantId[];
  readonly entry: Entry;
  /** The same as its entry's. */
  readonly proof: string;
  /** Who let it in; null for the founder. */
  readonly invitedBy: ParticipantId | null;
  readonly organiser: boolean;
  /** `reconnecting`: nobody reaches it at the moment; it is shown for {@link RETURNS} more. */
  readonly connection: "connected" | "reconnecting";
  /** Its place in the queue of raised hands, from 1; null: not raised. */
  readonly hand: number | null;
}

/** The conference as this device sees it. Immutable; a new one after every change. */
export interface RosterView {
  readonly id: ConferenceId;
  readonly standing: Standing;
  readonly topic: string;
  readonly locked: boolean;
  /** Null while joining. */
  readonly organiser: ParticipantId | null;
  readonly own: {
    readonly id: ParticipantId;
    readonly invitedBy: ParticipantId | null;
    readonly organiser: boolean;
    readonly hand: number | null;
  };
  /** Everybody else, the most senior first. */
  readonly participants: readonly RosterParticipant[];
  /** Who is in as far as is known, and is not reached. */
  readonly absent: readonly RosterParticipant[];
  /** Who was let in and is not to be in. */
  readonly out: ReadonlyMap<ParticipantId, Out>;
}

/** Why somebody is not in: it was put out, or whoever let it in was, or the conference is locked. */
export type Out = "removed" | "dropped" | "locked";

export function viewOf(
  { id, own, standing }: { id: ConferenceId; own: ParticipantId; standing: Standing },
  { membership, reached, around }: Picture,
  roster: Roster,
): RosterView {
  const { members, organiser, topic, locked, removed, dropped, lockedOut } = membership;
  const known = [...members.values()].flatMap((member) => {
    const entry = roster.get(member.id);
    return entry === null ? [] : [{ member, entry }];
  });
  const shown = known.filter(({ member }) => around.has(member.id));
  const hands = queueOf(shown.map(({ member, entry }) => [member.id, entry] as const));
  const participantOf = ({ member, entry }: (typeof known)[number]): RosterParticipant => ({
    id: member.id,
    ids: member.ids,
    entry,
    proof: entry.proof,
    invitedBy: member.admittedBy,
    organiser: member.id === organiser,
    connection: reached.has(member.id) ? "connected" : "reconnecting",
    hand: hands.get(member.id) ?? null,
  });
  const isOther = ({ member }: (typeof known)[number]): boolean => member.id !== own;
  return {
    id,
    standing,
    topic,
    locked: locked !== null,
    organiser,
    own: {
      id: own,
      invitedBy: members.get(own)?.admittedBy ?? null,
      organiser: organiser === own,
      hand: hands.get(own) ?? null,
    },
    out: new Map<ParticipantId, Out>([
      ...[...removed.keys()].map((one) => [one, "removed"] as const),
      ...[...dropped].map((one) => [one, "dropped"] as const),
      ...[...lockedOut].map((one) => [one, "locked"] as const),
    ]),
    participants: shown.filter(isOther).map(participantOf),
    absent: known.filter((one) => isOther(one) && !reached.has(one.member.id)).map(participantOf),
  };
}
