/** Somebody as far as comings and goings matter. */
export interface Presence {
  readonly key: string;
  readonly name: string;
  readonly hand: boolean;
  readonly organiser: boolean;
}

/** What changed between two moments. */
export interface Comings {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly hands: readonly string[];
}

/** The {@link Presence.key} of the organiser. */
export function organiserOf(all: readonly Presence[]): string | null {
  return all.find(({ organiser }) => organiser)?.key ?? null;
}

/** Who came, went or raised a hand. */
export function comings(before: readonly Presence[], after: readonly Presence[]): Comings {
  const known = new Map(before.map((one) => [one.key, one]));
  const here = new Set(after.map(({ key }) => key));
  const joined = after.filter(({ key }) => !known.has(key)).map(({ name }) => name);
  const left = before.filter(({ key }) => !here.has(key)).map(({ name }) => name);
  const hands = after
    .filter(({ key, hand }) => hand && known.get(key)?.hand === false)
    .map(({ name }) => name);
  return { joined, left, hands };
}
