import type { ParticipantId } from "../types";
import { fieldsOf, idOf, idsOf, parseFields, type Fields } from "./fields";

/** What two neighbours say to each other. */
export type Frame =
  /** Every second: the fingerprint of each replica. */
  | { readonly t: "beat"; readonly prints: Readonly<Record<string, string>> }
  /** What the sender holds of some replicas; `ask`: and the other side shall say the same. */
  | { readonly t: "digest"; readonly digests: Fields; readonly ask: boolean }
  | { readonly t: "items"; readonly groups: readonly ItemGroup[] }
  /** The sender has taken a portion of what it asked for, and goes on. */
  | { readonly t: "more"; readonly replica: string }
  /** A routed message: a signed record, and who shall pass it on. */
  | { readonly t: "msg"; readonly msg: unknown; readonly via: readonly ParticipantId[] };

/** Items of one replica that spread from one participant; `origin` is nobody's claim but the neighbour's. */
export interface ItemGroup {
  readonly replica: string;
  /** Null: asked for, spreads from whoever it is new to. */
  readonly origin: ParticipantId | null;
  readonly items: readonly unknown[];
  /** At the end of a portion of what was asked for: whether something follows. */
  readonly more?: boolean;
}

/** The longest frame that is read, in UTF-16 units. */
export const MAX_FRAME = 256 * 1024;
/** The most replicas a frame speaks of. */
export const MAX_REPLICAS = 16;
/** The most participants between the ends of a path. */
export const MAX_HOPS = 32;
const MAX_GROUPS = 256;
const MAX_ITEMS = 1024;

export function writeFrame(frame: Frame): string {
  return JSON.stringify(frame);
}

/** Null for garbage of any kind. */
export function readFrame(text: string): Frame | null {
  if (text.length > MAX_FRAME) return null;
  const fields = parseFields(text);
  switch (fields?.["t"]) {
    case "beat": {
      const prints = fieldsOf(fields["prints"]);
      if (prints === null || !Object.values(prints).every((one) => typeof one === "string")) return null;
      return isSmall(prints) ? { t: "beat", prints: prints as Record<string, string> } : null;
    }
    case "digest": {
      const digests = fieldsOf(fields["digests"]);
      if (digests === null || !isSmall(digests)) return null;
      return { t: "digest", digests, ask: fields["ask"] === true };
    }
    case "items": {
      const groups = readGroups(fields["groups"]);
      return groups && { t: "items", groups };
    }
    case "more": {
      const { replica } = fields;
      return typeof replica === "string" ? { t: "more", replica } : null;
    }
    case "msg": {
      const via = idsOf(fields["via"], MAX_HOPS);
      return via && { t: "msg", msg: fields["msg"], via };
    }
    default:
      return null;
  }
}

function readGroups(value: unknown): ItemGroup[] | null {
  if (!Array.isArray(value) || value.length > MAX_GROUPS) return null;
  const groups: ItemGroup[] = [];
  for (const one of value) {
    const fields = fieldsOf(one);
    const replica = fields?.["replica"];
    const items: unknown = fields?.["items"];
    if (fields === null || typeof replica !== "string" || !Array.isArray(items)) return null;
    if (items.length > MAX_ITEMS) return null;
    const more = fields["more"];
    groups.push({
      replica,
      origin: idOf(fields["origin"]),
      items,
      ...(typeof more === "boolean" ? { more } : {}),
    });
  }
  return groups;
}

function isSmall(fields: Fields): boolean {
  return Object.keys(fields).length <= MAX_REPLICAS;
}
