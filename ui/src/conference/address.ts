/** A transport address as ICE candidates carry it. mDNS names hide a host's own address (RFC draft mdns-ice-candidates). */
export type Address =
  | { readonly family: "ip4"; readonly bytes: Uint8Array }
  | { readonly family: "ip6"; readonly bytes: Uint8Array }
  | { readonly family: "mdns"; readonly bytes: Uint8Array };

export const ADDRESS_BYTES = { ip4: 4, ip6: 16, mdns: 16 } as const;

/** Null if the text is no IPv4 or IPv6 address and no `<uuid>.local`. */
export function parseAddress(text: string): Address | null {
  if (text.length > 64) return null;
  if (text.toLowerCase().endsWith(".local")) return parseMdns(text.slice(0, -".local".length));
  if (text.includes(":")) return parseIp6(text);
  const bytes = parseIp4(text);
  return bytes === null ? null : { family: "ip4", bytes: Uint8Array.from(bytes) };
}

/** The canonical text (RFC 5952 for IPv6). */
export function formatAddress(address: Address): string {
  switch (address.family) {
    case "ip4":
      return address.bytes.join(".");
    case "ip6":
      return formatIp6(address.bytes);
    case "mdns": {
      const hex = Array.from(address.bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
      const cuts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
      return `${cuts.join("-")}.local`;
    }
  }
}

/**
 * Whether no other device can be behind it: unspecified, loopback, multicast or broadcast, also as an IPv4 address
 * mapped into IPv6. Checks sent there would reach programs of this very machine, or everybody.
 */
export function isNoPeer(address: Address): boolean {
  const bytes = Array.from(address.bytes);
  switch (address.family) {
    case "mdns":
      return false;
    case "ip4":
      return isNoPeer4(bytes);
    case "ip6": {
      const head = bytes.slice(0, 12);
      const mapped = head.slice(0, 10).every((byte) => byte === 0) && head[10] === 0xff && head[11] === 0xff;
      // Covers :: and ::1 as well: they are 0.0.0.0 and 0.0.0.1 in the long abandoned compatible form.
      const compatible = head.every((byte) => byte === 0);
      return bytes[0] === 0xff || (mapped && isNoPeer4(bytes.slice(12))) || compatible;
    }
  }
}

function isNoPeer4(bytes: readonly number[]): boolean {
  const first = bytes[0] ?? 0;
  return first === 0 || first === 127 || (first >= 224 && first < 240) || first === 255;
}

function parseMdns(name: string): Address | null {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) return null;
  const pairs = name.replaceAll("-", "").match(/../g) ?? [];
  return { family: "mdns", bytes: Uint8Array.from(pairs, (pair) => parseInt(pair, 16)) };
}

function parseIp4(text: string): number[] | null {
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) return null;
  const bytes = text.split(".").map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIp6(text: string): Address | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const isShort = halves.length === 2;
  const head = parseGroups(halves[0] ?? "", !isShort);
  const tail = isShort ? parseGroups(halves[1] ?? "", true) : [];
  if (head === null || tail === null) return null;
  const missing = 16 - head.length - tail.length;
  if (isShort ? missing < 2 : missing !== 0) return null;
  return { family: "ip6", bytes: Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail]) };
}

function parseGroups(text: string, mayEndInIp4: boolean): number[] | null {
  if (text === "") return [];
  const groups = text.split(":");
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (mayEndInIp4 && group.includes(".") && index === groups.length - 1) {
      const ip4 = parseIp4(group);
      if (ip4 === null) return null;
      bytes.push(...ip4);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return null;
      const value = parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length <= 16 ? bytes : null;
}

function formatIp6(bytes: Uint8Array): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  const text = groups.map((group) => group.toString(16));
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i += 1) {
    let end = i;
    while (end < 8 && groups[end] === 0) end += 1;
    if (end - i > length) [start, length] = [i, end - i];
  }
  if (start < 0) return text.join(":");
  return `${text.slice(0, start).join(":")}::${text.slice(start + length).join(":")}`;
}
