// SPDX-License-Identifier: Apache-2.0
// The icicle of a process' imports.
import { boxAt, chart, chartState, painted } from "./chart";
import { durationText, many, shareText } from "./figures";
import { derive, type State } from "./jsx";
import { AXIS, ROW, boxes, deepest, layOut } from "./icicle_layout";
import { paint } from "./icicle_paint";
import { legend } from "./parts";
import { listed } from "./text";
import type { Node, Tree } from "./tree";
import { OWNERS, boundSign, boundWords, wordsFor } from "./words";

const MOST_LEVELS = 24;

interface Properties {
  tree: State<Tree>;
  found: State<Set<Node> | null>;
  picked: State<Node | null>;
  onPick: (node: Node) => void;
}

/** What is known of a node in one line, for the eye and for screen readers. */
function describe(node: Node, tree: Tree): string {
  const { module } = node;
  const part = shareText(node.total_ns, tree.root.total_ns);
  if (!module) {
    const below = node.end - node.index - 1 - node.offspring.filter((one) => !one.module).length;
    return `${node.labelText}: ${many(below, "import")}, ${durationText(node.total_ns)} (${part})`;
  }
  const words = [
    `${node.labelText}: ${boundSign(module)}${durationText(module.total_ns)} with all it imports (${part})`,
    `${durationText(module.self_ns)} by itself`,
    module.distribution ? `package ${module.distribution}` : wordsFor(OWNERS, module.owner),
    module.status === "loaded" ? "" : module.status,
    boundWords(module),
  ];
  return listed(words);
}

export function icicle({ tree, found, picked, onPick }: Properties): JSX.Element {
  const of = chartState(() => tree.val.root, (node) => tree.val.nodes[node.index] === node);
  const { focus, focused, pointed, top, width } = of;
  const layout = derive(() => layOut(tree.val));
  const levels = derive(() => Math.max(Math.min(deepest(tree.val.root, tree.val.nodes) + 1, MOST_LEVELS), 2));
  const height = derive(() => AXIS + levels.val * ROW);
  const shown = derive(() => boxes(layout.val, { top: top.val, levels: levels.val }, width.val));
  const sees = (node: Node) =>
    node.index >= top.val.index && node.index < top.val.end && node.nodeDepth - top.val.nodeDepth < levels.val;
  const [markup, canvas] = chart(of, {
    kind: "icicle chart",
    labelText: () => `Imports of ${tree.val.words}. Arrow keys walk, Enter zooms, Escape shows all, Space selects. The table below has the same modules.`,
    height: height.rawVal,
    said: () => describe(pointed.val ?? (focused.val ? focus.val : picked.val ?? top.val), tree.val),
    weight: (node) => node.total_ns,
    sees,
    nodeAt: (x, y) => boxAt(shown.val, x, y)?.node ?? null,
    onPress: (node) => {
      if (node === picked.val) of.zoomTo(node);
      else of.walkTo(node, sees(node));
      onPick(node);
    },
    onSpace: onPick,
  });
  painted(of, () => paint(canvas, {
    boxes: shown.val, width: width.val, height: height.val, levels: levels.val, top: top.val,
    picked: picked.val, found: found.val, focus: focused.val ? focus.val : null,
  }));
  return <div class="icicle">{markup}{() => legend(meanings(tree.val))}</div>;
}

function meanings(tree: Tree): [fill: string, words: string][] {
  const has = (key: "owner" | "status", value: string) =>
    tree.nodes.some(({ module }) => module?.[key] === value);
  const owners = Object.keys(OWNERS).filter((key) => has("owner", key));
  const some: [fill: string, words: string][] = [...owners.map((key): [string, string] => [`owner-${key}`, OWNERS[key]!]), ["unknown", "unknown"]];
  if (has("status", "failed") || has("status", "not-found")) some.push(["failed", "failed"]);
  return some;
}
