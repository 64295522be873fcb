/** Whether a browser takes this as a STUN server (RFC 7064). */
export function isStun(text: string): boolean {
  return /^stuns?:[^\s/?#@]+$/i.test(text);
}

/** Whether a browser takes this as a TURN server (RFC 7065). */
export function isTurn(text: string): boolean {
  return /^turns?:[^\s/?#@]+(\?transport=(udp|tcp))?$/i.test(text);
}

/** The lines that are not empty, trimmed. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
