/** Without padding (RFC 4648, 5). */
export function toBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += BLOCK)
    binary += String.fromCharCode(...bytes.subarray(at, at + BLOCK));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Null unless it is exactly what {@link toBase64url} makes of some bytes. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!EXACT.test(text)) return null;
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** Whole groups of four digits; what is left over for one or two bytes ends in zero bits. */
const EXACT = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/;
/** How many arguments every engine takes. */
const BLOCK = 8192;

/** Cuts a row of `from`-bit numbers into `to`-bit numbers, most significant bit first, filled up with zero bits. */
export function regroup(numbers: Iterable<number>, from: number, to: number): number[] {
  const out: number[] = [];
  let pending = 0;
  let bits = 0;
  for (const number of numbers) {
    pending = (pending << from) | number;
    bits += from;
    while (bits >= to) {
      bits -= to;
      out.push((pending >> bits) & (2 ** to - 1));
    }
    pending &= 2 ** bits - 1;
  }
  if (bits > 0) out.push((pending << (to - bits)) & (2 ** to - 1));
  return out;
}
