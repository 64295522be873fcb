/** The most participants, oneself included, with a picture; above it everybody is only heard. */
export const MAX_WITH_VIDEO = 8;

/** The most participants, oneself included. */
export const MAX_PARTICIPANTS = 16;

/** The longest chat line, in UTF-16 units. */
export const MAX_LINE = 4000;

/** The largest file that can be shared, in bytes. */
export const MAX_FILE = 2 * 1024 * 1024 * 1024;

/** The longest topic of a conference, in UTF-16 units; an invitation carries no longer one (`MAX_TOPIC` in Rust). */
export const MAX_TOPIC = 100;

/** The longest proof of an address, in characters of base64url (`MAX_PROOF` in Rust). */
export const MAX_PROOF = 1024;

/**
 * How many devices are in besides this one. Who came back under a new id, after a reload or a crash, is not counted twice
 * while the old one is still waited for.
 */
export function countOf(participants: readonly Shown[]): number {
  const here = new Set(
    participants.filter(({ connection }) => connection === "connected").map(({ address }) => address),
  );
  here.delete("");
  return participants.filter(({ connection, address }) => connection !== "reconnecting" || !here.has(address))
    .length;
}

interface Shown {
  readonly connection: string;
  readonly address: string;
}
