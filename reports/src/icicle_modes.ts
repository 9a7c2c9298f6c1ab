// SPDX-License-Identifier: Apache-2.0
// What the boxes of an icicle stand for: how wide they are, and what their colours mean.
import { total } from "./figures";
import { WAIT_TITLES, type Module } from "./report";
import type { Node, Tree } from "./tree";
import { OWNERS, SPLIT_PARTS, WAIT_COLORS } from "./words";

type Sizing = (node: Node) => number;

export const SIZES: [key: string, words: string][] = [["total", "Total"], ["self", "Self"], ["retained", "Retained"]];
export const COLORINGS: [key: string, words: string][] = [["owner", "Whose"], ["part", "Largest part"], ["wait", "CPU or wait"]];

/** In ns: with all it imports; the sum of what is known of it and these; or what would vanish without it. */
export function sizing({ nodes }: Tree, by: string): Sizing {
  if (by !== "self" && by !== "retained") return (node) => node.total_ns;
  const sums = new Float64Array(nodes.length);
  for (let i = nodes.length - 1; i >= 0; i--) {
    const { module, offspring, self_ns } = nodes[i]!;
    const below = () => total(offspring, ({ index }) => sums[index]);
    sums[i] = by === "self" ? (self_ns ?? 0) + below() : module ? module.retained_ns ?? 0 : below();
  }
  return ({ index }) => sums[index]!;
}

/** The modules that a box is of. */
export const membersOf = ({ members, module }: Node): Module[] => members ?? (module ? [module] : []);

/** Those that own time went into, with it. */
function spentOn(all: Module[], by: string): [color: string, ns: number][] {
  if (by === "part") return SPLIT_PARTS.map(([key, , color]) => [color, total(all, ({ split }) => split[`${key}_ns`])]);
  const known = all.filter(({ wait, waits }) => wait && waits);
  const off = WAIT_COLORS.map(([key, color]): [string, number] =>
    [color, total(known, ({ waits }) => total(Object.values(waits!), (part) => part[key]))]);
  return [["green", total(known, ({ self_ns }) => self_ns) - total(off, ([, ns]) => ns)], ...off];
}

/** A colour of report.css for a box: of its owner, or of what most of its own time went into. */
export function coloring(by: string): (node: Node) => string {
  return (node) => {
    const all = membersOf(node);
    const [first] = all;
    if (!first) return "line";
    if (by === "owner") return node.module && ["failed", "not-found"].includes(first.status) ? "failed" : `owner-${first.owner}`;
    const [color, ns] = spentOn(all, by).reduce((most, one) => (one[1] > most[1] ? one : most));
    return ns > 0 ? color : "unknown";
  };
}

/** What the colours of waits mean. */
export const WAIT_WORDS = WAIT_COLORS.map(([key, color]): [color: string, words: string] => [color, WAIT_TITLES[key]]);

/** What colours may mean. */
export function meaningsOf(by: string): [color: string, words: string][] {
  const others: [string, string][] = [["unknown", "unknown"], ["failed", "failed"]];
  if (by === "part") return SPLIT_PARTS.map(([, words, color]) => [color, words]);
  if (by === "wait") return [["green", "on the CPU"], ...WAIT_WORDS, others[0]!];
  return [...Object.entries(OWNERS).map(([key, words]): [string, string] => [`owner-${key}`, words]), ["owner-null", "unknown"], others[1]!];
}
