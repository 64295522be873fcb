/** One replacement in a text; positions and lengths in UTF-16 units. */
export interface Edit {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

/**
 * The smallest replacement that makes `before` into `after`; null if they are alike. Where several would do, as after
 * typing the second `l` of `all`, the one that ends at `caret`.
 */
export function difference(before: string, after: string, caret: number = after.length): Edit | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  const longestEnd = Math.min(shorter, Math.max(0, after.length - caret));
  let end = 0;
  while (end < longestEnd && before.at(-1 - end) === after.at(-1 - end)) end++;
  let at = 0;
  while (at < shorter - end && before[at] === after[at]) at++;
  // What the caret left open, for example after several lines were replaced elsewhere.
  while (end < shorter - at && before.at(-1 - end) === after.at(-1 - end)) end++;
  // Half of a character outside the basic plane is none.
  if (isHigh(before[at - 1]) || isHigh(after[at - 1])) at--;
  if (end > 0 && (isLow(before[before.length - end]) || isLow(after[after.length - end]))) end--;
  return { at, length: before.length - end - at, text: after.slice(at, after.length - end) };
}

export function apply(text: string, edit: Edit): string {
  return text.slice(0, edit.at) + edit.text + text.slice(edit.at + edit.length);
}

/** Where a position in a text is after an edit by somebody else; what is inserted right there comes after it. */
export function moved(position: number, { at, length, text }: Edit): number {
  if (position <= at) return position;
  if (position >= at + length) return position + text.length - length;
  return at + text.length;
}

/** An edit of a text as one of the text that `other` has changed meanwhile. */
export function rebased(edit: Edit, other: Edit): Edit {
  const at = moved(edit.at, other);
  const end = Math.max(at, moved(edit.at + edit.length, other));
  return { at, length: end - at, text: edit.text };
}

function isHigh(unit: string | undefined): boolean {
  return unit !== undefined && /[\ud800-\udbff]/.test(unit);
}

function isLow(unit: string | undefined): boolean {
  return unit !== undefined && /[\udc00-\udfff]/.test(unit);
}
