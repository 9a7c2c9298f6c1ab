// SPDX-License-Identifier: Apache-2.0
// Both import trees in one: each node as it was and as it is.
import type { Diff, Tree as Columns } from "./diff";
import { total } from "./figures";
import { inOrder } from "./preorder";
import { plain, textsOf } from "./text";

export interface MergedNode {
  /** Names it for as long as the page is open, and in the address. */
  key: string;
  /** Its place in the report's columns; -1: the root above several roots. */
  number: number;
  labelText: string; // plain text
  change: Columns["change"][number];
  before_ns: number | null;
  after_ns: number | null;
  before_self_ns: number | null;
  after_self_ns: number | null;
  packageName: string | null; // plain text
  /** What its box is as wide as: see weigh(). */
  total_ns: number;
  parent: MergedNode | null;
  offspring: MergedNode[];
  nodeDepth: number;
  index: number; // in nodes
  end: number; // behind the last one below it, in nodes
}

export interface MergedTree {
  nodes: MergedNode[]; // each before those below it
  root: MergedNode;
  /** By place in the report's columns. */
  byNumber: MergedNode[];
}

export const SIZES = ["after", "before", "larger"] as const;
export type SizeBy = (typeof SIZES)[number];

/** What a node is as wide as: after, before, or the larger of both. */
const WEIGHTS: Record<SizeBy, (node: MergedNode) => number> = {
  after: ({ after_ns }) => after_ns ?? 0,
  before: ({ before_ns }) => before_ns ?? 0,
  larger: ({ after_ns, before_ns }) => Math.max(after_ns ?? 0, before_ns ?? 0),
};

function makeNode(number: number, label: string, fields: Partial<MergedNode>): MergedNode {
  return {
    key: number < 0 ? "all" : `node-${number}`, number, labelText: label, change: "same", before_ns: null, after_ns: null, before_self_ns: null,
    after_self_ns: null, packageName: null, total_ns: 0, parent: null, offspring: [], nodeDepth: 0, index: 0, end: 0, ...fields,
  };
}

/** null where nothing was imported. */
export function mergedTree({ cold_start: cold }: Diff): MergedTree | null {
  if (!cold || cold.tree.parent.length === 0) return null;
  const { tree } = cold;
  const [names, packages] = [textsOf(tree, "name").map(plain), textsOf(tree, "packages").map(plain)];
  const byNumber = tree.parent.map((_, i) => makeNode(i, names[i]!, {
    change: tree.change[i]!,
    before_ns: tree.before_total_ns[i]!,
    after_ns: tree.after_total_ns[i]!,
    before_self_ns: tree.before_self_ns[i]!,
    after_self_ns: tree.after_self_ns[i]!,
    packageName: packages[tree.package[i]!] ?? null,
  }));
  const tops: MergedNode[] = [];
  for (const node of byNumber) {
    node.parent = byNumber[tree.parent[node.number]!] ?? null;
    (node.parent?.offspring ?? tops).push(node);
  }
  const root = tops.length === 1 ? tops[0]! : above(tops);
  return { nodes: inOrder(root), root, byNumber };
}

/** One root for several: what they take sums up, though it may have been at once. */
function above(tops: MergedNode[]): MergedNode {
  const sum = (key: "before_ns" | "after_ns") =>
    tops.every((one) => one[key] === null) ? null : total(tops, (one) => one[key] ?? 0);
  const root = makeNode(-1, "all processes", { before_ns: sum("before_ns"), after_ns: sum("after_ns"), offspring: tops });
  for (const one of tops) one.parent = root;
  return root;
}

/** Gives every node its width; a parent is at least as wide as what is below it. */
export function weigh(tree: MergedTree, by: SizeBy): MergedTree {
  for (const node of tree.nodes) node.total_ns = WEIGHTS[by](node);
  for (let i = tree.nodes.length - 1; i >= 0; i--) {
    const node = tree.nodes[i]!;
    node.total_ns = Math.max(node.total_ns, total(node.offspring, (child) => child.total_ns));
  }
  return { ...tree };
}

/** after less before, where one that is not there counts as nothing. */
export function differenceOf({ after_ns, before_ns }: MergedNode): number {
  return (after_ns ?? 0) - (before_ns ?? 0);
}

// Below both, a difference is not coloured; whether one is more than noise is tested elsewhere.
export const LEAST_NS = 1e6;
export const LEAST_SHARE = 0.1;

/** What happened to a node, which is how it is coloured. */
export const FATES = ["came", "went", "moved", "longer", "shorter", "changed", "same"] as const;
export type Fate = (typeof FATES)[number];

export function fateOf(node: MergedNode): Fate {
  const { before_ns, change } = node;
  if (change === "came" || change === "went" || change === "moved") return change;
  const difference = differenceOf(node);
  if (Math.abs(difference) >= Math.max(LEAST_NS, LEAST_SHARE * (before_ns ?? 0))) return difference > 0 ? "longer" : "shorter";
  return change;
}

/** The nodes that have the text in a name or a package; null: no text. */
export function searchMerged({ nodes }: MergedTree, query: string): Set<MergedNode> | null {
  const wanted = query.trim().toLowerCase();
  if (!wanted) return null;
  return new Set(nodes.filter(({ labelText, packageName }) => `${labelText} ${packageName ?? ""}`.toLowerCase().includes(wanted)));
}
