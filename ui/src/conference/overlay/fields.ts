import { plain } from "../plain";
import type { ParticipantId } from "../types";

/** What came from others, as it came: nothing is known about it yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Null unless it is the JSON text of an object. */
export function parseFields(text: string): Fields | null {
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return null;
  }
}

export function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** Null unless it is a text of at most `max` UTF-16 units. */
export function textOf(value: unknown, max: number): string | null {
  return typeof value === "string" && value.length <= max ? value : null;
}

/** One short line, fit to be shown. */
export function lineOf(value: unknown, max: number): string | null {
  const text = textOf(value, max);
  return text === null ? null : plain(text);
}

/** Null unless it is an integer from 0 to `max`. */
export function countOf(value: unknown, max: number): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max ? value : null;
}

export function idOf(value: unknown): ParticipantId | null {
  return typeof value === "string" && ID.test(value) ? value : null;
}

/** Null unless it is a list of at most `max` different ids. */
export function idsOf(value: unknown, max: number): readonly ParticipantId[] | null {
  if (!Array.isArray(value) || value.length > max) return null;
  const ids = value.filter((one): one is ParticipantId => idOf(one) !== null);
  return ids.length === value.length && new Set(ids).size === ids.length ? ids : null;
}

/** Null unless it is a list of at most `max` beginnings of hashes. */
export function hashesOf(value: unknown, max: number): readonly string[] | null {
  if (!Array.isArray(value) || value.length > max) return null;
  return value.every((one): one is string => typeof one === "string" && HASH.test(one)) ? value : null;
}

const ID = /^[0-9a-f]{32}$/;
const HASH = /^[0-9a-f]{16}$/;
