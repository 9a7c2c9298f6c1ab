// SPDX-License-Identifier: Apache-2.0
// Draws a treemap on a canvas.
import type { Piece } from "./bytes_tree";
import { clip, paintFrame, prepare } from "./chart";
import { sizeText } from "./figures";
import { TITLE, type PieceBox } from "./treemap_layout";

const LEAST_LABEL = 15; // px, of both sides of a box with a label

export function paint(canvas: HTMLCanvasElement, boxes: PieceBox[], width: number, height: number, focus: Piece | null): void {
  const [context, palette] = prepare(canvas, width, height);
  const label = ({ piece, x, y, width, height, titled }: PieceBox) => {
    const line = titled ? TITLE / 2 : Math.min(height / 2, 10);
    const size = sizeText(piece.size);
    clip(context, x, y, width, height, palette(titled ? "ink" : "on-color"));
    const below = !titled && height > 32;
    context.fillText(below ? piece.labelText : `${piece.labelText}  ${size}`, x + 4, y + line);
    if (below) context.fillText(size, x + 4, y + line + 15);
    context.restore();
  };
  for (const box of boxes) {
    const { piece, titled, x, y, width, height } = box;
    if (piece.offspring.length > 0 && !titled) continue; // its parts fill it
    context.fillStyle = palette(titled ? "line" : piece.hue || "unknown");
    context.fillRect(x, y, width, height);
    if (titled || (Math.min(width / 2, height) >= LEAST_LABEL)) label(box);
  }
  paintFrame(context, boxes.find((one) => one.piece === focus), palette("ink"));
}
