import type { Address } from "../bindings/Address";
import type { CallView } from "../bindings/CallView";
import type { ConferenceView, ParticipantView } from "../conference";
import { countOf, MAX_PARTICIPANTS, MAX_WITH_VIDEO } from "../limits";
import { t } from "../texts";
import { invitations, isPending } from "./conferences";
import { isPeer } from "./names";
import { normal } from "./people";

/** How many a conference has, oneself included, as far as this device knows. */
export interface Headcount {
  readonly inside: number;
  /** With those who were asked from here and have not come yet. Whom others asked, only their devices know. */
  readonly expected: number;
}

/**
 * What one more person means for everybody. `seen`: nothing; `last`: the one after that takes the pictures away; `costs`:
 * the pictures go; `coming`: they go with those who were asked already; `heard`: they are gone; `full`: nobody can come.
 */
export type OneMore = "seen" | "last" | "costs" | "coming" | "heard" | "full";

export function oneMore({ inside, expected }: Headcount): OneMore {
  if (expected >= MAX_PARTICIPANTS) return "full";
  if (inside > MAX_WITH_VIDEO) return "heard";
  if (expected > MAX_WITH_VIDEO) return "coming";
  if (expected === MAX_WITH_VIDEO) return "costs";
  return expected === MAX_WITH_VIDEO - 1 ? "last" : "seen";
}

/** What one more person means, in words; empty: nothing. */
export function crowdWords(count: Headcount): string {
  const { inside, expected } = count;
  const asked = expected - inside;
  switch (oneMore(count)) {
    case "seen":
      return "";
    case "last":
      return t.crowd.last(inside, asked, MAX_WITH_VIDEO);
    case "costs":
      return t.crowd.costs(inside, asked);
    case "coming":
      return t.crowd.coming(inside, asked, MAX_WITH_VIDEO);
    case "heard":
      return t.crowd.heard(inside, MAX_WITH_VIDEO);
    case "full":
      return t.crowd.full(inside, asked, MAX_PARTICIPANTS);
  }
}

/** Whether somebody with this address is in the conference of a call, as far as they say so themselves. */
export function isIn(participants: readonly ParticipantView[], leader: CallView, address: Address): boolean {
  return participants.some(
    (one) => normal(one.address) === address || (isPeer(one, leader) && leader.peer === address),
  );
}

/** The invitations into a conference that were made here, and whom they have not brought in yet. */
export function coming(view: ConferenceView, leader: CallView, calls: readonly CallView[]): CallView[] {
  if (view.id === null) return [];
  return invitations(calls, view.id, leader.call).filter(
    (call) => isPending(call) && !isIn(view.participants, leader, call.peer),
  );
}

/** `comer`: who is about to come, and does not take a second place while a lost link of theirs is still waited for. */
export function headcount(
  view: ConferenceView,
  leader: CallView,
  calls: readonly CallView[],
  comer: Address | null = null,
): Headcount {
  const staying = view.participants.filter(
    ({ address, connection }) => connection === "connected" || normal(address) !== comer,
  );
  const asked = coming(view, leader, calls).filter(({ peer }) => peer !== comer);
  const inside = countOf(staying) + 1;
  return { inside, expected: inside + asked.length };
}
