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

/** With more letters changed than this it no longer matters where exactly. */
const MOST_CHANGES = 400;

/**
 * All replacements that make `before` into `after`, in the order of the text and by positions in `before`: several
 * people may have written in different places. As few letters as possible are taken for changed.
 */
export function differences(before: string, after: string): Edit[] {
  const all = difference(before, after);
  if (all === null) return [];
  const { at, length, text } = all;
  const found = smallest(before.slice(at, at + length), text);
  return found?.map((edit) => ({ ...edit, at: edit.at + at })) ?? [all];
}

/** Where a position in a text is after edits by others; what is inserted right there comes after it. */
export function moved(position: number, edits: readonly Edit[]): number {
  let by = 0;
  for (const { at, length, text } of edits) {
    if (position <= at) break;
    if (position < at + length) return at + by + text.length;
    by += text.length - length;
  }
  return position + by;
}

/** An edit of a text as one of the text that others have changed meanwhile. */
export function rebased(edit: Edit, others: readonly Edit[]): Edit {
  const at = moved(edit.at, others);
  const end = Math.max(at, moved(edit.at + edit.length, others));
  return { at, length: end - at, text: edit.text };
}

/**
 * The shortest way from one text to another by taking out and putting in single letters, found as Myers describes it
 * (An O(ND) Difference Algorithm, 1986); null if it is longer than {@link MOST_CHANGES}.
 */
function smallest(before: string, after: string): Edit[] | null {
  const [n, m] = [before.length, after.length];
  /** By how much is taken out more than put in: how far in `before` one gets with so many changes. */
  let reached = new Map<number, number>([[1, 0]]);
  const passed: ReadonlyMap<number, number>[] = [];
  for (let changes = 0; changes <= MOST_CHANGES; changes++) {
    passed.push(reached);
    const next = new Map<number, number>();
    for (let more = -changes; more <= changes; more += 2) {
      const from = stepTo(more, reached, n, m);
      if (from === null) continue;
      let { x } = from;
      while (x < n && x - more < m && before[x] === after[x - more]) x++;
      next.set(more, x);
      if (x === n && x - more === m) return wayBack(passed, before, after);
    }
    reached = next;
  }
  return null;
}

/** The better of the two last changes that lead there: one letter taken out, or one put in. */
function stepTo(
  more: number,
  reached: ReadonlyMap<number, number>,
  n: number,
  m: number,
): { x: number; takesOut: boolean } | null {
  const out = (reached.get(more - 1) ?? -Infinity) + 1;
  const put = reached.get(more + 1) ?? -Infinity;
  const takesOut = out <= n && (out > put || put - more > m);
  const x = takesOut ? out : put;
  return x < 0 || x - more > m ? null : { x, takesOut };
}

function wayBack(passed: readonly ReadonlyMap<number, number>[], before: string, after: string): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [before.length, after.length];
  for (let changes = passed.length - 1; changes > 0; changes--) {
    const reached = passed[changes];
    const step = reached === undefined ? null : stepTo(x - y, reached, before.length, after.length);
    if (step === null) break;
    const more = x - y;
    x = step.takesOut ? step.x - 1 : step.x;
    y = step.takesOut ? step.x - more : step.x - more - 1;
    const edit = { at: x, length: step.takesOut ? 1 : 0, text: step.takesOut ? "" : (after[y] ?? "") };
    const [last] = edits;
    if (last !== undefined && last.at === edit.at + edit.length)
      edits[0] = { at: edit.at, length: edit.length + last.length, text: edit.text + last.text };
    else edits.unshift(edit);
  }
  return edits;
}

function isHigh(unit: string | undefined): boolean {
  return unit !== undefined && /[\ud800-\udbff]/.test(unit);
}

function isLow(unit: string | undefined): boolean {
  return unit !== undefined && /[\udc00-\udfff]/.test(unit);
}
