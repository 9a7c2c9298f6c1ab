// SPDX-License-Identifier: Apache-2.0
// Where the boxes of an icicle lie: below their parent, as wide as their total, in order of start.
import type { Box } from "./chart";
import { total } from "./figures";
import type { Node } from "./tree";

/** A node of a tree in preorder: each before those below it, which end before `end`. */
export interface Placed<N> {
  total_ns: number;
  offspring: N[];
  nodeDepth: number;
  index: number;
  end: number;
}

interface Whole<N> {
  nodes: N[];
  root: N;
}

export interface Layout<N> {
  tree: Whole<N>;
  /** By its index, in ns from the left edge. */
  start: Float64Array;
  width: Float64Array;
}

export interface View<N> {
  /** Fills the width; what is not below it is not drawn. */
  top: N;
  /** How many levels there is room for, that of top included. */
  levels: number;
}

export interface NodeBox<N = Node> extends Box {
  node: N;
  level: number;
}

export const ROW = 19; // px
export const AXIS = 18; // px

const SMALLEST_BOX = 0.5; // px: what is narrower is not drawn

export function layOut<N extends Placed<N>>(tree: Whole<N>, size = (node: N) => node.total_ns): Layout<N> {
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

export function deepest<N extends Placed<N>>(top: N, nodes: N[]): number {
  let depth = top.nodeDepth;
  for (let i = top.index; i < top.end; i++) depth = Math.max(depth, nodes[i]!.nodeDepth);
  return depth;
}

/** The boxes wide enough to be seen, `pixels` for the whole width. */
export function boxes<N extends Placed<N>>({ tree, start, width }: Layout<N>, view: View<N>, pixels: number): NodeBox<N>[] {
  const { top, levels } = view;
  const scale = pixels / (width[top.index] || 1);
  const found: NodeBox<N>[] = [];
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
