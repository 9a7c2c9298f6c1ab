// SPDX-License-Identifier: Apache-2.0
// Which modules a table shows, and in which order.
import type { Module } from "./report";
import type { Order } from "./table";
import { pathOf, type Node, type Tree } from "./tree";

export const NAME = "Module"; // title of the first column

/** The columns of figures; the last one is there only where it was measured. */
export const FIGURES: { title: string; at: "total_ns" | "self_ns" | "retained_ns"; help: string }[] = [
  { title: "Total (ms)", at: "total_ns", help: "with everything it imported" },
  { title: "Self (ms)", at: "self_ns", help: "without what it imported" },
  { title: "Retained (ms)", at: "retained_ns", help: "what would vanish if nothing imported it" },
];

function comparing({ by, descending }: Order): (a: Node, b: Node) => number {
  const sign = descending ? -1 : 1;
  const at = FIGURES.find((one) => one.title === by)?.at;
  const figure = ({ module }: Node) => (module as Module)[at!] ?? -1;
  if (!at) return (a, b) => sign * (a.label < b.label ? -1 : Number(a.label > b.label));
  return (a, b) => sign * (figure(a) - figure(b)) || a.index - b.index;
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
export function sortNodes(tree: Tree, found: Set<Node> | null, order: Order): Node[] {
  return tree.nodes
    .filter((node) => node.module && (!found || found.has(node)))
    .sort(comparing(order));
}

/** The rows of the tree: what is open; or what was found, with what leads to it. */
export function flatten(tree: Tree, found: Set<Node> | null, open: Set<Node>, order: Order): Node[] {
  const kept = found && new Set([...found].flatMap(pathOf));
  const compare = comparing(order);
  const rows: Node[] = [];
  const waiting = [tree.root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (node !== tree.root) rows.push(node);
    if (node !== tree.root && !kept && !open.has(node)) continue;
    const below = kept ? node.children.filter((child) => kept.has(child)) : node.children.slice();
    if (node !== tree.root || below.every((child) => child.module)) below.sort(compare);
    for (let i = below.length - 1; i >= 0; i--) waiting.push(below[i]!); // the first comes next
  }
  return rows;
}
