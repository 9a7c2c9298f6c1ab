// SPDX-License-Identifier: Apache-2.0
// Draws an icicle on a canvas. Colours come from the page's style, so that they follow its theme.
import { clip, paintFrame, prepare, type Palette } from "./chart";
import { msText, tickText } from "./figures";
import { AXIS, ROW, type NodeBox } from "./icicle_layout";
import { niceStep } from "./scale";
import type { Node } from "./tree";
import { boundSign } from "./words";

export interface Picture {
  boxes: NodeBox[];
  width: number; // px
  height: number; // px
  levels: number;
  top: Node;
  focus: Node | null;
  picked: Node | null;
  found: Set<Node> | null; // null: nothing is searched for
  size: (node: Node) => number; // ns
  colorOf: (node: Node) => string;
}

const LEAST_LABEL = 28; // px

export function paint(canvas: HTMLCanvasElement, picture: Picture): void {
  const [context, palette] = prepare(canvas, picture.width, picture.height);
  paintAxis(context, picture, palette);
  for (const box of picture.boxes) paintBox(context, box, picture, palette);
  for (const node of [picture.picked, picture.focus])
    paintFrame(context, picture.boxes.find((one) => one.node === node), palette("ink"));
}

function paintAxis(context: CanvasRenderingContext2D, picture: Picture, palette: Palette): void {
  const { top, width, height } = picture;
  const whole = picture.size(top);
  if (!(whole > 0)) return;
  const step_ns = niceStep(whole, Math.max(2, width / 110));
  for (let ns = 0; ns <= whole; ns += step_ns) {
    const x = Math.round((ns / whole) * width) + 0.5;
    const label = tickText(ns);
    context.fillStyle = palette("line");
    context.fillRect(x - 0.5, AXIS - 4, 1, height);
    context.fillStyle = palette("faint");
    const room = width - x;
    if (room > context.measureText(label).width + 4) context.fillText(label, x + 3, AXIS / 2);
  }
}

function paintBox(
  context: CanvasRenderingContext2D,
  { node, level, x, y, width }: NodeBox,
  picture: Picture,
  palette: Palette,
): void {
  const inner = Math.max(width - 1, 0.5);
  const color = picture.colorOf(node);
  const found = !picture.found || color === "line" || picture.found.has(node);
  context.globalAlpha = found ? 1 : 0.25;
  context.fillStyle = palette(color);
  context.fillRect(x, y, inner, ROW - 1);
  if (width >= LEAST_LABEL) label(context, node, x, y, inner, level === picture.levels - 1, palette(color === "line" ? "ink" : "on-color"), picture.size(node));
  context.globalAlpha = 1;
}

function label(
  context: CanvasRenderingContext2D,
  node: Node,
  x: number,
  y: number,
  width: number,
  last: boolean,
  color: string,
  ns: number,
): void {
  const sign = node.module && ns === node.total_ns ? boundSign(node.module) : "";
  const deeper = last && node.offspring.length > 0 ? " …" : "";
  const name = last || width > 90 ? node.labelText : shortName(node.labelText);
  clip(context, x, y, width, ROW, color);
  context.fillText(`${name}${deeper}  ${sign}${msText(ns)}`, x + 4, y + ROW / 2);
  context.restore();
}

// Below its parent the last part of a dotted name tells most.
function shortName(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
