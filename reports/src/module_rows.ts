// SPDX-License-Identifier: Apache-2.0
// Which modules a table shows, and in which order.
import type { Module } from "./report";
import { comparing, type Value } from "./table";
import { pathOf, type Node, type Tree } from "./tree";

/** What rows are sorted by. */
type Key = (module: Module) => Value;

function comparingNodes(key: Key, falling: boolean): (a: Node, b: Node) => number {
  const compare = comparing<Node>(({ module }) => module && key(module), falling);
  return (left, right) => compare(left, right) || left.index - right.index;
}

/**
 * What is open at first: the phases that import the user's own modules, and these; without any, all
 * phases.
 */
export function opened(tree: Tree): Set<Node> {
  const isOwn = (node: Node) => node.module?.owner === "app" && !node.parent?.module;
  const own = tree.nodes.filter(isOwn).flatMap(pathOf);
  return new Set(own.length > 0 ? own : tree.nodes.filter((node) => !node.module));
}

/** All modules, or those that were found, as a list. */
export function sortNodes(tree: Tree, found: Set<Node> | null, key: Key, falling: boolean): Node[] {
  return tree.nodes
    .filter((node) => node.module && (!found || found.has(node)))
    .sort(comparingNodes(key, falling));
}

/** The rows of the tree: what is open; or what was found, with what leads to it. Phases keep their order. */
export function flatten(
  tree: Tree,
  found: Set<Node> | null,
  open: Set<Node>,
  key: Key,
  falling: boolean,
): Node[] {
  const kept = found && new Set([...found].flatMap(pathOf));
  const compare = comparingNodes(key, falling);
  const rows: Node[] = [];
  const waiting = [tree.root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node !== tree.root) rows.push(node);
    if (node !== tree.root && !kept && !open.has(node)) continue;
    const below = kept ? node.offspring.filter((child) => kept.has(child)) : node.offspring.slice();
    if (below.every((child) => child.module)) below.sort(compare);
    for (let i = below.length - 1; i >= 0; i--) waiting.push(below[i]!); // the first comes next
  }
  return rows;
}
