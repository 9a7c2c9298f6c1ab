// SPDX-License-Identifier: Apache-2.0
// The icicle of a process' imports.
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import { boxAt, chart, useChart } from "./chart";
import { durationText, many, shareText } from "./figures";
import { AXIS, ROW, boxes, deepest, layOut } from "./icicle_layout";
import { paint } from "./icicle_paint";
import { legend } from "./parts";
import { listed } from "./text";
import type { Node, Tree } from "./tree";
import { OWNERS, boundSign, boundWords, wordsFor } from "./words";

const MOST_LEVELS = 24;

interface Properties {
  tree: Tree;
  found: Set<Node> | null;
  picked: Node | null;
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

export function Icicle({ tree, found, picked, onPick }: Properties): JSX.Element {
  const layout = useMemo(() => layOut(tree), [tree]);
  const state = useChart(tree.root, (node) => tree.nodes[node.index] === node);
  const { canvas, focus, focused, pointed, theme, top, width } = state;
  const all = Math.min(deepest(tree.root, tree.nodes) + 1, MOST_LEVELS);
  const levels = Math.max(all, 2);
  const height = AXIS + levels * ROW;
  const shown = useMemo(() => boxes(layout, { top, levels }, width), [layout, top, levels, width]);

  useEffect(() => {
    if (!canvas.current || width === 0) return;
    paint(canvas.current, {
      boxes: shown, width, height, levels, top, picked, found,
      focus: focused ? focus : null,
    });
  }, [shown, height, picked, found, focused, focus, theme]);

  const sees = (node: Node) =>
    node.index >= top.index && node.index < top.end && node.nodeDepth - top.nodeDepth < levels;
  return (
    <div class="icicle">
      {chart(state, {
        kind: "icicle chart",
        labelText: `Imports of ${tree.words}. Arrow keys walk, Enter zooms, Escape shows all, Space selects. The table below has the same modules.`,
        height,
        said: describe(pointed ?? (focused ? focus : picked ?? top), tree),
        weight: (node) => node.total_ns,
        sees,
        nodeAt: (x, y) => boxAt(shown, x, y)?.node ?? null,
        onClick: (node) => {
          if (node === picked) state.zoomTo(node);
          else state.walkTo(node, sees(node));
          onPick(node);
        },
        onSpace: onPick,
      })}
      {legend(meanings(tree))}
    </div>
  );
}

function meanings(tree: Tree): [fill: string, words: string][] {
  const has = (key: "owner" | "status", value: string) =>
    tree.nodes.some(({ module }) => module?.[key] === value);
  const owners = Object.keys(OWNERS).filter((key) => has("owner", key));
  const some: [fill: string, words: string][] = [...owners.map((key): [string, string] => [`owner-${key}`, OWNERS[key]!]), ["unknown", "unknown"]];
  if (has("status", "failed") || has("status", "not-found")) some.push(["failed", "failed"]);
  return some;
}
