// SPDX-License-Identifier: Apache-2.0
// Where the boxes of a treemap lie: squarified (Bruls, Huizing, van Wijk: Squarified Treemaps, 2000).
import type { Piece } from "./bytes_tree";
import type { Box } from "./chart";

export interface PieceBox extends Box {
  piece: Piece;
  titled: boolean; // its parts are below a line with its name
}

export const TITLE = 17; // px
const GAP = 1; // px
const LEAST = 1.5; // px: what is narrower is not drawn
const LEAST_TITLED = 36; // px: of a box with a line for its name

/** The worst ratio of sides in a row of sizes along a side. */
function worst(sum: number, least: number, most: number, side: number): number {
  const square = sum * sum;
  return Math.max((side * side * most) / square, square / (side * side * least));
}

/** Divides an area among pieces, the largest first, in rows whose boxes are as square as they can be. */
function squarify(pieces: Piece[], area: Box, whole: number, place: (piece: Piece, area: Box) => void): void {
  let { x, y, width, height } = area;
  const scale = (width * height) / (whole || 1);
  for (let begin = 0; begin < pieces.length; ) {
    const side = Math.min(width, height);
    if (side < LEAST) return;
    const most = pieces[begin]!.size * scale;
    let sum = most;
    let end = begin + 1;
    for (; end < pieces.length; end++) {
      const next = pieces[end]!.size * scale;
      const before = pieces[end - 1]!.size * scale;
      if (worst(sum + next, next, most, side) > worst(sum, before, most, side)) break;
      sum += next;
    }
    const thickness = sum / side;
    let along = 0;
    for (const piece of pieces.slice(begin, end)) {
      const length = (piece.size * scale) / thickness;
      place(piece, width >= height
        ? { x, y: y + along, width: thickness, height: length }
        : { x: x + along, y, width: length, height: thickness });
      along += length;
    }
    if (width >= height) [x, width] = [x + thickness, width - thickness];
    else [y, height] = [y + thickness, height - thickness];
    begin = end;
  }
}

/** The boxes large enough to be seen, each before its parts. */
export function boxesOf(top: Piece, width: number, height: number): PieceBox[] {
  const found: PieceBox[] = [];
  const divide = (of: Piece, area: Box) =>
    squarify(of.offspring, area, of.size, (piece, { x, y, width, height }) => {
      if (width < LEAST || height < LEAST) return;
      const inner = piece.offspring.length > 0;
      const titled = inner && Math.min(width, height) >= LEAST_TITLED;
      found.push({ piece, titled, x, y, width: width - GAP, height: height - GAP });
      if (!inner) return;
      const border = titled ? 2 : 0;
      const title = titled ? TITLE : 0;
      divide(piece, { x: x + border, y: y + title, width: width - 2 * border, height: height - title - border });
    });
  if (width > 0 && height > 0)
    if (top.offspring.length > 0) divide(top, { x: 0, y: 0, width: width + GAP, height: height + GAP });
    else found.push({ piece: top, titled: false, x: 0, y: 0, width, height });
  return found;
}
