// SPDX-License-Identifier: Apache-2.0
// Where the boxes of an icicle lie: below their parent, as wide as their total, in order of start.
import type { Box } from "./chart";
import { total } from "./figures";
import type { Node, Tree } from "./tree";

export interface Layout {
  tree: Tree;
  /** By Node.index, in ns from the left edge. */
  start: Float64Array;
  width: Float64Array;
}

export interface View {
  /** Fills the width; what is not below it is not drawn. */
  top: Node;
  /** How many levels there is room for, that of top included. */
  levels: number;
}

export interface NodeBox extends Box {
  node: Node;
  level: number;
}

export const ROW = 19; // px
export const AXIS = 18; // px

const SMALLEST_BOX = 0.5; // px: what is narrower is not drawn

export function layOut(tree: Tree, size = (node: Node) => node.total_ns): Layout {
  const { nodes } = tree;
  const start = new Float64Array(nodes.length);
  const width = new Float64Array(nodes.length);
  width[0] = size(tree.root);
  for (const node of nodes) {
    const sum = total(node.offspring, size);
    // Durations that were not measured by one clock may sum to more than their parent.
    const factor = sum > width[node.index]! ? width[node.index]! / sum : 1;
    let next = start[node.index]!;
    for (const child of node.offspring) {
      start[child.index] = next;
      width[child.index] = size(child) * factor;
      next += width[child.index]!;
    }
  }
  return { tree, start, width };
}

export function deepest(top: Node, nodes: Node[]): number {
  let depth = top.nodeDepth;
  for (let i = top.index; i < top.end; i++) depth = Math.max(depth, nodes[i]!.nodeDepth);
  return depth;
}

/** The boxes wide enough to be seen, `pixels` for the whole width. */
export function boxes({ tree, start, width }: Layout, view: View, pixels: number): NodeBox[] {
  const { top, levels } = view;
  const scale = pixels / (width[top.index] || 1);
  const found: NodeBox[] = [];
  for (let i = top.index; i < top.end; ) {
    const node = tree.nodes[i]!;
    const level = node.nodeDepth - top.nodeDepth;
    const wide = width[i]! * scale;
    if (wide < SMALLEST_BOX || level >= levels) {
      i = node.end;
      continue;
    }
    const x = (start[i]! - start[top.index]!) * scale;
    found.push({ node, level, x, y: AXIS + level * ROW, width: wide, height: ROW });
    i++;
  }
  return found;
}
