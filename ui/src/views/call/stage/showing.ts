import type { Room, Size } from "../../../conference";

/** How long changes are gathered, in ms: a window that is being resized says so once. */
const GATHER_MS = 200;
/** What is out of sight for a shorter time is not told, in ms: a stage that is laid out anew takes every picture away. */
const LINGERS_MS = 700;
/** Sizes are told in steps of so many pixels. */
const STEP = 16;

interface Place {
  readonly key: string;
  readonly what: "camera" | "screen";
  /** It is seen also while this window is not. */
  readonly ownWindow: boolean;
  /** In device pixels; null: out of sight. */
  size: Size | null;
}

const known = new WeakMap<Pick<Room, "show">, Showing>();

/** The one of a room: what a stage that was left has still to say must not contradict the stage that took its place. */
export function showingOf(room: Pick<Room, "show">): Showing {
  const showing = known.get(room) ?? new Showing(room);
  known.set(room, showing);
  return showing;
}

/** Gathers at which sizes pictures are seen here, and tells the room what changed. */
class Showing {
  readonly #room: Pick<Room, "show">;
  readonly #places = new Set<Place>();
  readonly #told = new Map<string, string>();
  /** Since when something is out of sight that was not told to be. */
  readonly #unseen = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | null = null;
  #hidden = false;

  constructor(room: Pick<Room, "show">) {
    this.#room = room;
  }

  /** A place where a picture may be seen; its size is to follow. */
  add(
    key: string,
    what: Place["what"],
    { ownWindow = false } = {},
  ): { resize(size: Size | null): void; remove(): void } {
    const place: Place = { key, what, ownWindow, size: null };
    this.#places.add(place);
    this.#soon();
    return {
      resize: (size) => {
        place.size = size;
        this.#soon();
      },
      remove: () => {
        this.#places.delete(place);
        this.#soon();
      },
    };
  }

  /** The window is out of sight, and everything in it but what has a window of its own. */
  setHidden(hidden: boolean): void {
    if (hidden === this.#hidden) return;
    this.#hidden = hidden;
    this.#soon();
  }

  #soon(): void {
    if (this.#timer !== null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#tell();
      if (this.#unseen.size > 0) this.#soon();
    }, GATHER_MS);
  }

  #tell(): void {
    const largest = new Map<string, { place: Place; size: Size | null }>();
    for (const place of this.#places) {
      const id = `${place.what} ${place.key}`;
      const unseen = this.#hidden && !place.ownWindow;
      const size = unseen || place.size === null ? null : stepped(place.size);
      const known = largest.get(id)?.size ?? null;
      largest.set(id, { place, size: area(size) > area(known) ? size : known });
    }
    for (const [id, { place, size }] of largest) {
      const words = JSON.stringify(size);
      if (this.#told.get(id) === words) this.#unseen.delete(id);
      else if (size !== null || this.#isGone(id)) {
        this.#told.set(id, words);
        this.#unseen.delete(id);
        this.#room.show(place.key, place.what, size);
      }
    }
    for (const id of [...this.#told.keys()].filter((known) => !largest.has(known))) {
      if (!this.#isGone(id)) continue;
      this.#told.delete(id);
      this.#unseen.delete(id);
      const [what, ...key] = id.split(" ");
      this.#room.show(key.join(" "), what as Place["what"], null);
    }
    for (const id of this.#unseen.keys())
      if (!largest.has(id) && !this.#told.has(id)) this.#unseen.delete(id);
  }

  /** It is out of sight for so long that it must be told. */
  #isGone(id: string): boolean {
    const since = this.#unseen.get(id) ?? performance.now();
    this.#unseen.set(id, since);
    return performance.now() - since >= LINGERS_MS;
  }
}

function stepped({ width, height }: Size): Size {
  const up = (n: number) => Math.ceil(n / STEP) * STEP;
  return { width: up(width), height: up(height) };
}

function area(size: Size | null): number {
  return size === null ? 0 : size.width * size.height;
}

export type { Showing };
