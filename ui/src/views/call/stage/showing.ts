import type { Room, Size } from "../../../conference";

/** How long changes are gathered, in ms: a window that is being resized says so once. */
const GATHER_MS = 200;
/** What is out of sight for a shorter time is not told, in ms: a stage that is laid out anew takes every picture away. */
const LINGERS_MS = 700;
interface Place {
  readonly key: string;
  readonly what: "camera" | "screen";
  /** It is seen also while this window is not. */
  readonly ownWindow: boolean;
  /** In device pixels; null: out of sight. */
  size: Size | null;
}

/** At which size something is seen. */
interface Told {
  readonly place: Pick<Place, "key" | "what">;
  readonly size: Size | null;
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
  readonly #told = new Map<string, Told>();
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
    const seen = this.#seen();
    const gone = Array.from(this.#told, ([id, { place }]) => [id, { place, size: null }] as const);
    for (const [id, now] of new Map<string, Told>([...gone, ...seen])) {
      const before = this.#told.get(id);
      const isNews = before === undefined || JSON.stringify(before.size) !== JSON.stringify(now.size);
      if (isNews && now.size === null && !this.#isGone(id)) continue;
      this.#unseen.delete(id);
      if (seen.has(id)) this.#told.set(id, now);
      else this.#told.delete(id);
      if (isNews) this.#room.show(now.place.key, now.place.what, now.size);
    }
    for (const id of this.#unseen.keys()) if (!seen.has(id) && !this.#told.has(id)) this.#unseen.delete(id);
  }

  /** What has a place, and where it is largest. */
  #seen(): ReadonlyMap<string, Told> {
    const seen = new Map<string, Told>();
    for (const place of this.#places) {
      const id = `${place.what} ${place.key}`;
      const size = this.#hidden && !place.ownWindow ? null : place.size;
      const known = seen.get(id)?.size ?? null;
      seen.set(id, { place, size: area(size) > area(known) ? size : known });
    }
    return seen;
  }

  /** It is out of sight for so long that it must be told. */
  #isGone(id: string): boolean {
    const since = this.#unseen.get(id) ?? performance.now();
    this.#unseen.set(id, since);
    return performance.now() - since >= LINGERS_MS;
  }
}

function area(size: Size | null): number {
  return size === null ? 0 : size.width * size.height;
}

export type { Showing };
