import type { AccountId } from "../bindings/AccountId";
import type { Address } from "../bindings/Address";
import type { ContactView } from "../bindings/ContactView";
import { nameOf } from "../texts/words";

/** How many contacts completion offers. */
const OFFERED = 6;

/** Whether the backend will take this as an address; the same rules as `call::Address`. */
export function isAddress(text: string): boolean {
  const address = normal(text);
  const at = address.lastIndexOf("@");
  const [local, domain] = [address.slice(0, at), address.slice(at + 1)];
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  const bad = /[\s\u0000-\u001f\u007f-\u009f<>()[\],;:\\"@]/;
  return (
    at > 0 &&
    new TextEncoder().encode(address).length <= 254 &&
    !bad.test(local) &&
    !bad.test(domain) &&
    domain.split(".").every((label) => /^(?!-).+(?<!-)$/.test(label))
  );
}

/** The spelling in which two writings of one mailbox are equal. */
export function normal(text: string): Address {
  return text.trim().toLowerCase();
}

export function domainOf(address: string): string {
  return normal(address).slice(normal(address).lastIndexOf("@") + 1);
}

/** What names one contact among those of all accounts. */
export function contactKey({ account, address }: { account: AccountId; address: Address }): string {
  return `contact ${account} ${address}`;
}

/** Contacts whose name, a word of it, or address begins with what was typed; then those that contain it. */
export function completions(typed: string, contacts: readonly ContactView[]): ContactView[] {
  const query = normal(typed);
  if (query === "") return [];
  const rank = ({ name, address }: ContactView): number => {
    const texts = [name.toLowerCase(), address];
    if (texts.some((text) => text.startsWith(query))) return 0;
    if (
      name
        .toLowerCase()
        .split(/\s+/)
        .some((word) => word.startsWith(query))
    )
      return 1;
    return texts.some((text) => text.includes(query)) ? 2 : 3;
  };
  return contacts
    .map((contact) => ({ contact, rank: rank(contact) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || nameOf(a.contact).localeCompare(nameOf(b.contact)))
    .slice(0, OFFERED)
    .map(({ contact }) => contact);
}

/** Up to two letters that stand for somebody without a picture. */
export function initials(name: string): string {
  const [local] = name.split("@");
  const parts = (local ?? name).split(/[\s._+-]+/).filter((part) => part !== "");
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map(
    (part) => [...(part ?? "")][0] ?? "",
  );
  return letters.join("").toLocaleUpperCase() || "?";
}

/** One of `count` colours, always the same for one address. */
export function colourOf(address: string, count: number): number {
  let hash = 7;
  for (const char of normal(address)) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 1_000_003;
  return hash % count;
}
