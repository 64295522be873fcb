/** A piece of a message: text, or an address on the web. */
export interface Piece {
  readonly text: string;
  /** Only ever `http:` or `https:`; null: plain text. */
  readonly href: string | null;
}

const CANDIDATE = /\bhttps?:\/\/[^\s<>"“”]+/gi;
/** What ends a sentence rather than an address. */
const TRAILING = /[.,;:!?'’»…]+$/;

/** A message with the web addresses in it found. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const address = trimmed(match[0]);
    const href = webAddress(address);
    if (href === null) continue;
    if (match.index > from) found.push({ text: text.slice(from, match.index), href: null });
    found.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) found.push({ text: text.slice(from), href: null });
  return found;
}

function trimmed(candidate: string): string {
  const bare = candidate.replace(TRAILING, "");
  return bare.endsWith(")") && !bare.includes("(") ? bare.replace(/\)+$/, "").replace(TRAILING, "") : bare;
}

function webAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, href } = new URL(text);
  // `https://bank.example@elsewhere.example` shows one place and leads to another.
  if (username !== "") return null;
  return protocol === "http:" || protocol === "https:" ? href : null;
}
