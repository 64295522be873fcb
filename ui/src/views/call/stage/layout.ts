import type { Size } from "../../../conference";

/** The shape most cameras film in. */
const PICTURE = 16 / 9;
/** No tile is narrower for its height than this, so that faces stay whole. */
const NARROWEST = 3 / 4;
/** Where there is width, tiles are not cropped further than this. */
const WIDE_ENOUGH = 4 / 3;
/** The smallest tile that still shows somebody, in CSS pixels. */
const SMALLEST: Size = { width: 104, height: 78 };

/** How tiles of one size stand on an area. */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** One tile, in CSS pixels. */
  readonly tile: Size;
}

/** The grid in which `count` tiles are largest; pictures are cropped to their tiles. */
export function gridOf(count: number, area: Size, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count), tile: { width: 0, height: 0 } };
  let most = -1;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.ceil(Math.max(1, count) / columns);
    const cell = {
      width: Math.max(0, (area.width - gap * (columns - 1)) / columns),
      height: Math.max(0, (area.height - gap * (rows - 1)) / rows),
    };
    const tile = count === 1 ? cell : shaped(cell, area);
    const size = tile.width * tile.height;
    if (size > most) {
      most = size;
      best = { columns, rows, tile };
    }
  }
  return best;
}

/** How many of `count` tiles are shown at once, so that none is too small. At least one. */
export function fitting(count: number, area: Size, gap: number): number {
  for (let shown = count; shown > 1; shown--) {
    const { tile } = gridOf(shown, area, gap);
    if (tile.width >= SMALLEST.width && tile.height >= SMALLEST.height) return shown;
  }
  return 1;
}

/** The largest tile of a good shape in a cell. */
function shaped(cell: Size, area: Size): Size {
  const narrowest = Math.min(WIDE_ENOUGH, Math.max(NARROWEST, area.width / Math.max(1, area.height)));
  const width = Math.min(cell.width, cell.height * PICTURE);
  return { width: Math.floor(width), height: Math.floor(Math.min(cell.height, width / narrowest)) };
}
