/** Without halves of surrogate pairs, which no encoding carries. */
export function wellFormed(text: string): string {
  return text.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g, "\uFFFD");
}

/**
 * What others wrote, fit to be shown as one short line: no control characters, none that turn the reading direction of
 * what stands around them, none that cannot be seen. The joiners U+200C and U+200D stay: scripts and emoji need them.
 */
export function plain(text: string): string {
  return wellFormed(text).replace(UNSEEN, "").replace(MARKS, " ").trim();
}

const MARKS = /[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const UNSEEN = /[\u00ad\u200b\u2060-\u2064\ufeff]/gu;
