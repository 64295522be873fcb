/** Quieter than this, 0 to 1, is a room and not a voice. */
const FLOOR = 0.01;
/** How fast a loudness is believed, in milliseconds: at once when it grows, slowly when it falls, for words have gaps. */
const RISES = 150;
const FALLS = 700;
/** So much louder than who speaks somebody else must be, */
const LOUDER = 1.4;
/** and for so long, in milliseconds: a cough is no speech. */
const LONG = { overSilence: 250, overSpeech: 900 };

interface Heard {
  readonly loudness: number;
  /** Since when it is louder than who speaks; null: it is not. */
  readonly since: number | null;
}

/** Who speaks, of several voices that are heard at once. */
export class Speaker<Key> {
  #speaking: Key | null = null;
  #heard = new Map<Key, Heard>();
  #at = 0;

  /** Who speaks, or spoke last; null: nobody yet, or who did has left. */
  get speaking(): Key | null {
    return this.#speaking;
  }

  /** How loud everybody is now, 0 to 1, a few times a second; `now` in milliseconds. */
  take(levels: ReadonlyMap<Key, number>, now: number): Key | null {
    const passed = Math.min(1000, Math.max(0, now - this.#at));
    this.#at = now;
    const loudness = new Map(
      [...levels].map(([key, level]) => [key, smooth(this.#heard.get(key)?.loudness ?? 0, level, passed)]),
    );
    if (this.#speaking !== null && !levels.has(this.#speaking)) this.#speaking = null;
    const current = this.#speaking === null ? 0 : (loudness.get(this.#speaking) ?? 0);
    const isSilent = current < FLOOR;

    const heard = new Map<Key, Heard>();
    let next: Key | null = null;
    let loudest = 0;
    for (const [key, own] of loudness) {
      const isLouder = key !== this.#speaking && own >= FLOOR && own > current * LOUDER;
      const since = isLouder ? (this.#heard.get(key)?.since ?? now) : null;
      heard.set(key, { loudness: own, since });
      const isLongEnough = since !== null && now - since >= (isSilent ? LONG.overSilence : LONG.overSpeech);
      if (!isLongEnough || own <= loudest) continue;
      next = key;
      loudest = own;
    }
    this.#heard = heard;
    if (next !== null) this.#become(next);
    return this.#speaking;
  }

  #become(key: Key): void {
    this.#speaking = key;
    for (const [one, { loudness }] of this.#heard) this.#heard.set(one, { loudness, since: null });
  }
}

function smooth(before: number, level: number, passed: number): number {
  const now = Number.isFinite(level) ? Math.min(1, Math.max(0, level)) : 0;
  return before + (now - before) * (1 - Math.exp(-passed / (now > before ? RISES : FALLS)));
}
