import { MAX_PROOF } from "../../limits";
import type { ParticipantId } from "../types";
import { countOf, idsOf, lineOf, textOf, type Fields } from "./fields";
import { MAX_ADDRESS, MAX_NAME } from "./statements";

/** How good a participant finds its connections. */
export type EntryQuality = "good" | "fair" | "poor" | "unknown";

/** What a participant says of itself. */
export interface Entry {
  readonly name: string;
  /** Worth what {@link proof} says. */
  readonly address: string;
  /** An OpenPGP signature by the address's key over conference, participant id and address; may be empty. */
  readonly proof: string;
  /** What its device is called; may be empty. */
  readonly device: string;
  readonly muted: boolean;
  readonly camera: boolean;
  readonly sharing: boolean;
  readonly quality: EntryQuality;
  /** When it raised its hand, in the order of all hands ever raised; null: not raised. */
  readonly hand: number | null;
  /** Whom it has a live link to. */
  readonly links: readonly ParticipantId[];
}

/** An entry as it is signed. */
export interface SeqEntry extends Entry {
  readonly t: "entry";
  /** Of one participant's entries the highest counts. */
  readonly seq: number;
}

/** The most links one participant can list. */
export const MAX_LINKS = 64;
export const MAX_HAND = 2 ** 31;
/** A raised hand whose number is farther than this beyond all others is behind those who raise theirs later. */
const MAX_LEAP = 2 ** 20;

/** Null unless it is a roster entry. */
export function readEntry(fields: Fields): SeqEntry | null {
  const seq = countOf(fields["seq"], Number.MAX_SAFE_INTEGER);
  const name = lineOf(fields["name"], MAX_NAME);
  const address = lineOf(fields["address"], MAX_ADDRESS);
  const device = lineOf(fields["device"], MAX_NAME);
  const proof = textOf(fields["proof"], MAX_PROOF);
  const hand = fields["hand"] === null ? null : countOf(fields["hand"], MAX_HAND);
  const links = idsOf(fields["links"], MAX_LINKS);
  const quality = QUALITIES.find((one) => one === fields["quality"]);
  const { muted, camera, sharing } = fields;
  if (fields["t"] !== "entry" || seq === null || name === null || address === null) return null;
  if (device === null || proof === null || links === null || quality === undefined) return null;
  if (hand === null && fields["hand"] !== null) return null;
  if (typeof muted !== "boolean" || typeof camera !== "boolean" || typeof sharing !== "boolean") return null;
  return { t: "entry", seq, name, address, proof, device, muted, camera, sharing, quality, hand, links };
}

/** Whether two entries show the same; links are not shown. */
export function looksSame(a: Entry, b: Entry): boolean {
  return SHOWN.every((field) => a[field] === b[field]);
}

/** The place of each raised hand in the queue, from 1. */
export function queueOf(hands: Iterable<readonly [ParticipantId, Entry]>): Map<ParticipantId, number> {
  const raised: [number, ParticipantId][] = [];
  for (const [id, { hand }] of hands) if (hand !== null) raised.push([hand, id]);
  raised.sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1));
  return new Map(raised.map(([, id], at) => [id, at + 1]));
}

/** The number of a hand that is raised now, behind all these: so many that nobody can use them up. */
export function nextHand(hands: Iterable<number>): number {
  let highest = 0;
  for (const hand of [...hands].sort((a, b) => a - b)) {
    if (hand - highest > MAX_LEAP) break;
    highest = hand;
  }
  return Math.min(MAX_HAND, highest + 1);
}

const QUALITIES = ["good", "fair", "poor", "unknown"] as const;
const SHOWN = [
  "name",
  "address",
  "proof",
  "device",
  "muted",
  "camera",
  "sharing",
  "quality",
  "hand",
] as const satisfies readonly (keyof Entry)[];
