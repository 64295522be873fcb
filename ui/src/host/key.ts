const KEPT = "mailcall.key";
const IN_HASH = /^(#[^?]*)\?key=([A-Za-z0-9_-]+)$/;

/**
 * The key that lets this page in. `/enter` puts it behind the route in the fragment, which is never sent anywhere;
 * it is taken out of the address at once and kept for reloads in the session storage, which no other port shares.
 * Empty for a page that did not come through `/enter`: it stays outside.
 */
export function takeKey(
  address: Pick<Location, "hash"> = location,
  past: Pick<History, "replaceState"> = history,
  storage: Pick<Storage, "getItem" | "setItem"> = sessionStorage,
): string {
  const [, route, key] = IN_HASH.exec(address.hash) ?? [];
  if (route === undefined || key === undefined) return storage.getItem(KEPT) ?? "";
  storage.setItem(KEPT, key);
  past.replaceState(null, "", route);
  return key;
}
