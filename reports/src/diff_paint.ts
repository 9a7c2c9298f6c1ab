// SPDX-License-Identifier: Apache-2.0
// Draws the icicle of both import trees on a canvas, each box in the colour of what happened to it.
import { clip, paintFrame, prepare, type Palette } from "./canvas";
import { signedText } from "./diff_figures";
import { differenceOf, fateOf, type Fate, type MergedNode } from "./diff_tree";
import { msText } from "./figures";
import { ROW, type NodeBox } from "./icicle_layout";

type MergedBox = NodeBox<MergedNode>;

export interface MergedPicture {
  boxes: MergedBox[];
  width: number; // px
  height: number; // px
  levels: number;
  marked: (MergedNode | null)[]; // framed
  found: Set<MergedNode> | null; // null: nothing is searched for
}

/** By their names in report.css. */
export const FATE_COLORS: Record<Fate, string> = {
  came: "failed",
  longer: "orange",
  went: "blue",
  shorter: "teal",
  moved: "violet",
  changed: "gold",
  same: "unknown",
};

const LEAST_LABEL = 28; // px

export function paintMerged(canvas: HTMLCanvasElement, { boxes, found, height, levels, marked, width }: MergedPicture): void {
  const [context, palette] = prepare(canvas, width, height);
  for (const box of boxes) {
    context.globalAlpha = !found || found.has(box.node) ? 1 : 0.25;
    paintBox(context, box, box.level === levels - 1, palette);
    context.globalAlpha = 1;
  }
  for (const node of marked)
    paintFrame(context, boxes.find((one) => one.node === node), palette("ink"));
}

function paintBox(context: CanvasRenderingContext2D, { node, x, y, width }: MergedBox, last: boolean, palette: Palette): void {
  const inner = Math.max(width - 1, 0.5);
  context.fillStyle = palette(FATE_COLORS[fateOf(node)]);
  context.fillRect(x, y, inner, ROW - 1);
  if (width < LEAST_LABEL) return;
  clip(context, x, y, inner, ROW, palette("on-color"));
  const short = width > 90 ? node.labelText : node.labelText.slice(node.labelText.lastIndexOf(".") + 1);
  context.fillText(`${short}${last && node.offspring.length > 0 ? " …" : ""}  ${signedText(differenceOf(node), msText)}`, x + 4, y + ROW / 2);
  context.restore();
}
