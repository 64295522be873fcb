const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Without padding (RFC 4648, 5). */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (const digit of regroup(bytes, 8, 6)) text += ALPHABET.charAt(digit);
  return text;
}

/** Null unless it is exactly what {@link toBase64url} makes of some bytes. */
export function fromBase64url(text: string): Uint8Array | null {
  const digits = Array.from(text, (char) => ALPHABET.indexOf(char));
  if (digits.includes(-1)) return null;
  const bytes = Uint8Array.from(regroup(digits, 6, 8));
  const whole = bytes.subarray(0, Math.floor((digits.length * 6) / 8));
  return toBase64url(whole) === text ? whole : null;
}

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
