import type { ConferenceView, ParticipantView } from "../../../conference";

/** Everybody alike, or who speaks large. */
export type Mode = "grid" | "speaker";

/** One thing that has a tile. */
export type Spot =
  | { readonly id: string; readonly what: "own" }
  | { readonly id: string; readonly what: "camera" | "screen"; readonly participant: ParticipantView };

/** What is large, and what stands beside it or in the grid. */
export interface Arrangement {
  readonly main: Spot | null;
  readonly others: readonly Spot[];
}

/** Names the tile of a participant's camera or screen; what a pin remembers. */
export function spotId(key: string, what: "camera" | "screen"): string {
  return `${what} ${key}`;
}

/** Where everybody stands. Of two people the own picture is not among them: it is in a corner. */
export function arrange(
  { participants, speaker }: Pick<ConferenceView, "participants" | "speaker">,
  { mode, pinned }: { mode: Mode; pinned: string | null },
): Arrangement {
  const spot = (participant: ParticipantView, what: "camera" | "screen"): Spot => ({
    id: spotId(participant.key, what),
    what,
    participant,
  });
  const screens = participants.filter(({ screen }) => screen !== null).map((one) => spot(one, "screen"));
  const cameras = participants.map((one) => spot(one, "camera"));
  const [only] = cameras;
  if (only !== undefined && cameras.length === 1 && screens.length === 0) return { main: only, others: [] };

  const all: Spot[] = [...screens, ...cameras, { id: "own", what: "own" }];
  const kept = all.find(({ id }) => id === pinned);
  const spoke = speaker === null ? undefined : cameras.find(({ id }) => id === spotId(speaker, "camera"));
  const main = kept ?? (mode === "grid" ? undefined : (screens[0] ?? spoke ?? only));
  return { main: main ?? null, others: all.filter((one) => one !== main) };
}
