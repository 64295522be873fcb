import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { fitting, gridOf } from "../../../src/views/call/stage/layout";

const GAP = 8;
const DESKTOP = { width: 1424, height: 730 };
const PHONE = { width: 344, height: 590 };

const areas = fc.record({
  width: fc.integer({ min: 120, max: 3000 }),
  height: fc.integer({ min: 120, max: 2000 }),
});

describe("tiles of one size", () => {
  test("all stand on the area, whatever its shape", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16 }), areas, (count, area) => {
        const { columns, rows, tile } = gridOf(count, area, GAP);
        expect(columns * rows).toBeGreaterThanOrEqual(count);
        expect((columns - 1) * rows).toBeLessThan(count);
        expect(columns * tile.width + (columns - 1) * GAP).toBeLessThanOrEqual(area.width);
        expect(rows * tile.height + (rows - 1) * GAP).toBeLessThanOrEqual(area.height);
      }),
    );
  });

  test("are no narrower than a face needs, and no wider than a picture is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 16 }), areas, (count, area) => {
        const { tile } = gridOf(count, area, GAP);
        fc.pre(tile.width > 40 && tile.height > 40);
        const shape = tile.width / tile.height;
        expect(shape).toBeGreaterThan(0.73);
        expect(shape).toBeLessThan(1.83);
      }),
    );
  });

  test("one alone has the whole area", () => {
    expect(gridOf(1, DESKTOP, GAP).tile).toEqual(DESKTOP);
  });

  test.each([
    [2, 2, 1],
    [4, 2, 2],
    [5, 3, 2],
    [8, 3, 3],
    [9, 3, 3],
    [12, 4, 3],
    [16, 4, 4],
  ])("on a desktop %i stand in %i columns and %i rows", (count, columns, rows) => {
    expect(gridOf(count, DESKTOP, GAP)).toMatchObject({ columns, rows });
  });

  test.each([
    [2, 1, 2],
    [3, 1, 3],
    [4, 2, 2],
    [8, 2, 4],
    [16, 3, 6],
  ])("on a phone held upright %i stand in %i columns and %i rows", (count, columns, rows) => {
    expect(gridOf(count, PHONE, GAP)).toMatchObject({ columns, rows });
  });

  test("use most of the area", () => {
    for (const area of [DESKTOP, PHONE])
      for (const count of [2, 3, 4, 6, 8, 9, 12, 15, 16]) {
        const { tile } = gridOf(count, area, GAP);
        const used = (count * tile.width * tile.height) / (area.width * area.height);
        expect(used, `${count} on ${area.width}`).toBeGreaterThan(0.6);
      }
  });
});

describe("pages", () => {
  test("all sixteen fit on a desktop and on a phone held upright", () => {
    expect(fitting(16, DESKTOP, GAP)).toBe(16);
    expect(fitting(16, PHONE, GAP)).toBe(16);
  });

  test("on a small area only those fit who can still be seen", () => {
    const area = { width: 330, height: 170 };
    const shown = fitting(16, area, GAP);
    expect(shown).toBeLessThan(16);
    const { tile } = gridOf(shown, area, GAP);
    expect(tile.width).toBeGreaterThanOrEqual(104);
    expect(tile.height).toBeGreaterThanOrEqual(78);
  });

  test("somebody is always shown", () => {
    expect(fitting(5, { width: 10, height: 10 }, GAP)).toBe(1);
  });
});
