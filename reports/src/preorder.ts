// SPDX-License-Identifier: Apache-2.0
// A tree as a list in which what is below a node stands behind it, up to its end.
import type { Placed } from "./icicle_layout";

// Without recursion: a tree may be as deep as it likes.
export function inOrder<N extends Placed<N> & { parent: N | null }>(root: N): N[] {
  const nodes: N[] = [];
  const waiting = [root];
  for (let node: N | undefined = waiting.pop(); node; node = waiting.pop()) {
    node.nodeDepth = node.parent ? node.parent.nodeDepth + 1 : 0;
    node.index = nodes.length;
    node.end = node.index + 1;
    nodes.push(node);
    for (let i = node.offspring.length - 1; i >= 0; i--) waiting.push(node.offspring[i]!);
  }
  for (let i = nodes.length - 1; i > 0; i--) {
    const { parent, end } = nodes[i]!;
    if (parent!.end < end) parent!.end = end;
  }
  return nodes;
}
