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
  /** The {@link Presence.key} of who has taken over as organiser. */
  readonly organiser: string | null;
}

/** Who came, went, raised a hand or became organiser; null if nobody did. The first organiser is no news. */
export function comings(before: readonly Presence[], after: readonly Presence[]): Comings | null {
  const known = new Map(before.map((one) => [one.key, one]));
  const here = new Set(after.map(({ key }) => key));
  const joined = after.filter(({ key }) => !known.has(key)).map(({ name }) => name);
  const left = before.filter(({ key }) => !here.has(key)).map(({ name }) => name);
  const hands = after
    .filter(({ key, hand }) => hand && known.get(key)?.hand === false)
    .map(({ name }) => name);
  const [was, is] = [before, after].map((all) => all.find((one) => one.organiser)?.key ?? null);
  const organiser = was != null && is != null && is !== was ? is : null;
  const nothing = joined.length + left.length + hands.length === 0 && organiser === null;
  return nothing ? null : { joined, left, hands, organiser };
}
