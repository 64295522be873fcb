import type { TurnServer } from "../../bindings/TurnServer";

/** The most STUN servers and the most TURN servers; browsers slow down beyond a few (`MAX_SERVERS` in Rust). */
export const MAX_SERVERS = 8;

/** The backend takes no longer URL, user name or password, in bytes (`MAX_TEXT` in Rust). */
const MAX_TEXT = 512;

/** Whether a browser takes this as a STUN server (RFC 7064); the same rules as `server_urls` in Rust. */
export function isStun(url: string): boolean {
  const [, server] = /^stuns?:(.*)$/.exec(url) ?? [];
  return server !== undefined && isHostAndPort(server);
}

/** Whether a browser takes this as a TURN server (RFC 7065); the same rules as `server_urls` in Rust. */
export function isTurn(url: string): boolean {
  const [, server] = /^turns?:([^?]*)(?:\?transport=(?:udp|tcp))?$/.exec(url) ?? [];
  return server !== undefined && isHostAndPort(server);
}

/** Whether a browser makes links with it. */
export function isWhole({ url, username, credential }: TurnServer): boolean {
  const isFit = (text: string) => text !== "" && bytes(text) <= MAX_TEXT;
  return isTurn(url) && isFit(username) && isFit(credential);
}

/** An address as browsers spell it, in which the scheme is in small letters. */
export function tidy(url: string): string {
  return url.trim().replace(/^[a-z]+(?=:)/i, (scheme) => scheme.toLowerCase());
}

/** The lines that are not empty, tidied. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map(tidy)
    .filter((line) => line !== "");
}

/** `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT` */
function isHostAndPort(text: string): boolean {
  if (bytes(text) > MAX_TEXT) return false;
  const [, host = "", port] = /^(\[[^\]]*\]|[^:[]*)(?::(\d+))?$/.exec(text) ?? [];
  const portIsGood = port === undefined || (Number(port) > 0 && Number(port) < 65_536);
  return portIsGood && (host.startsWith("[") ? isIpv6(host) : isName(host));
}

function isIpv6(bracketed: string): boolean {
  return /^\[[0-9a-f:.]+\]$/i.test(bracketed) && URL.canParse(`http://${bracketed}/`);
}

/** A host name or an IPv4 address. */
function isName(host: string): boolean {
  const labels = host.replace(/\.$/, "").split(".");
  return host.length <= 253 && labels.every((label) => /^(?!-)[a-z0-9_-]+(?<!-)$/i.test(label));
}

function bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
