import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

const css = readFileSync(new URL("../../src/styles/tokens.css", import.meta.url), "utf8");

/** The value of a colour token in a scheme. */
function colour(token: string, scheme: "light" | "dark"): string {
  const value = new RegExp(`--${token}: ([^;]+);`).exec(css)?.[1];
  const pair = /^light-dark\((#\w+), (#\w+)\)$/.exec(value ?? "");
  const found = pair === null ? value : pair[scheme === "light" ? 1 : 2];
  if (found === undefined || !/^#[0-9a-f]{6}$/.test(found)) throw new Error(`--${token} is not a colour`);
  return found;
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Text and the ground it stands on. */
const TEXTS: [string, string[]][] = [
  ["ink", ["paper", "surface", "raised", "sunken", "accent-soft", "warn-soft", "bad-soft"]],
  ["ink-soft", ["paper", "surface", "raised", "sunken"]],
  ["accent", ["paper", "surface", "raised", "accent-soft", "bad-soft"]],
  ["good", ["paper", "surface"]],
  ["bad", ["paper", "surface", "raised"]],
  ["warn", ["surface", "warn-soft"]],
  ["on-accent", ["accent", "accent-hover"]],
  ["on-good", ["good-fill"]],
  ["stage-ink", ["stage", "stage-raised", "stage-hover"]],
  ["stage-soft", ["stage", "stage-raised"]],
];
const cases = TEXTS.flatMap(([text, grounds]) =>
  grounds.flatMap((ground) => (["light", "dark"] as const).map((scheme) => ({ text, ground, scheme }))),
);

test.each(cases)("$text on $ground can be read ($scheme)", ({ text, ground, scheme }) => {
  expect(contrast(colour(text, scheme), colour(ground, scheme))).toBeGreaterThanOrEqual(4.5);
});

test.each(["light", "dark"] as const)("white on the red buttons can be read (%s)", (scheme) => {
  expect(contrast("#ffffff", colour("bad-fill", scheme))).toBeGreaterThanOrEqual(4.5);
});

test.each(["light", "dark"] as const)("the edge of a field can be seen (%s)", (scheme) => {
  expect(contrast(colour("line-strong", scheme), colour("surface", scheme))).toBeGreaterThanOrEqual(3);
});
