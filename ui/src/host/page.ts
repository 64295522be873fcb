import type { PageId } from "../bindings/PageId";

const KEY = "mailcall.page";

/**
 * The id of this page. It survives a reload (sessionStorage does, and ends with the tab), so that the backend,
 * which gives a vanished page 5 s to come back, takes the reloaded page for the same one.
 *
 * A page cannot tell a reload from the closing of its tab: `pagehide` is the same for both. So nothing is said on
 * `pagehide`; a page that does not come back is the backend's to notice. `Closed` is sent only where the user's
 * wish is known: by a button that leaves, and by the native shell when its window is closed.
 *
 * A duplicated tab starts with a copy of the other's sessionStorage. A Web Lock tells them apart: the id belongs to
 * whoever holds its lock, and a document loses its locks when it goes.
 */
export async function pageId(
  storage: Pick<Storage, "getItem" | "setItem"> = sessionStorage,
  locks: Pick<LockManager, "request"> | undefined = navigator.locks,
): Promise<PageId> {
  const kept = storage.getItem(KEY);
  if (kept !== null && /^[0-9a-f]{32}$/.test(kept) && (await holds(kept, locks))) return kept;
  const fresh = randomId();
  storage.setItem(KEY, fresh);
  await holds(fresh, locks);
  return fresh;
}

/** A reload may overtake the end of its former document by a moment. */
const FORMER_DOCUMENT_MS = 500;

function holds(page: PageId, locks: Pick<LockManager, "request"> | undefined): Promise<boolean> {
  if (locks === undefined) return Promise.resolve(true);
  return new Promise((resolve) => {
    const untilGone = new Promise<never>(() => undefined);
    locks
      .request(`mailcall.page.${page}`, { signal: AbortSignal.timeout(FORMER_DOCUMENT_MS) }, () => {
        resolve(true);
        return untilGone;
      })
      .catch(() => resolve(false));
  });
}

function randomId(): PageId {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
