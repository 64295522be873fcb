import type { LinkId } from "../bindings/LinkId";
import type { LinkPhase } from "./health";
import type { LinkView } from "./link";
import type { ParticipantView } from "./types";

/**
 * Who is at the other end of a call, from its links, oldest first. There may be several: a lost one and the one that
 * replaces it, or a second attempt beside a first that does not open. The best one stands for the participant, and of
 * equally good ones the newest. A lost link whose participant was known keeps the place until another opens.
 */
export function otherEnd(links: readonly (LinkView & { readonly link: LinkId })[]): ParticipantView | null {
  const shown = [...links].sort((a, b) => rank(a) - rank(b)).at(-1);
  if (shown === undefined) return null;
  const { phase, ...view } = shown;
  return {
    ...view,
    key: "peer",
    address: "",
    proof: "unproven",
    introducedBy: "",
    device: "",
    screen: null,
    hand: null,
    organiser: false,
    connection: CONNECTION[phase],
  };
}

function rank({ phase, id }: LinkView): number {
  return phase === "lost" && id === null ? -1 : RANK[phase];
}

const RANK: Record<LinkPhase, number> = { waiting: 0, lost: 1, broken: 2, open: 3 };
/** Lost is the link, not the participant: the backend makes another, or ends the call. */
const CONNECTION = {
  open: "connected",
  broken: "reconnecting",
  waiting: "connecting",
  lost: "reconnecting",
} as const;
