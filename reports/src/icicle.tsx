// SPDX-License-Identifier: Apache-2.0
// The icicle of a process' imports.
import { setting } from "./address";
import { boxAt, chart, chartState, keepZoom, painted } from "./chart";
import { durationText, many, shareText, total } from "./figures";
import { derive, type State } from "./jsx";
import { AXIS, ROW, boxes, deepest, layOut } from "./icicle_layout";
import { paint } from "./icicle_paint";
import { COLORINGS, SIZES, coloring, meaningsOf, membersOf, sizing } from "./icicle_modes";
import { choice, legend, note } from "./parts";
import { listed } from "./text";
import { byPackage, type Node, type Tree } from "./tree";
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
  const { members, module } = node;
  const part = shareText(node.total_ns, tree.root.total_ns);
  if (members) return listed([
    `${node.labelText}: ${durationText(node.total_ns)} with all it imports (${part})`,
    `${durationText(node.self_ns!)} by itself`,
    many(members.length, "module"),
  ]);
  if (!module) {
    const below = total(tree.nodes.slice(node.index, node.end), (one) => membersOf(one).length);
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

export function icicle({ tree: whole, found, picked, onPick }: Properties): JSX.Element {
  const sizedBy = setting("size", "total");
  const coloredBy = setting("color", "owner");
  const by = setting("by", "module");
  const merged = derive(() => (by.val === "package" ? byPackage(whole.val) : null));
  const tree = derive(() => merged.val?.[0] ?? whole.val);
  const drawnAs = (node: Node) => (merged.val ? merged.val[1].get(node)! : node);
  const foundNodes = derive(() => found.val && new Set([...found.val].map(drawnAs)));
  const pickedNode = derive(() => picked.val && drawnAs(picked.val));
  const of = chartState(() => tree.val.root, (node) => tree.val.nodes[node.index] === node);
  const { focus, focused, pointed, top, width } = of;
  keepZoom(of, tree);
  const size = derive(() => sizing(tree.val, sizedBy.val));
  const layout = derive(() => layOut(tree.val, size.val));
  const levels = derive(() => Math.max(Math.min(deepest(tree.val.root, tree.val.nodes) + 1, MOST_LEVELS), 2));
  const height = derive(() => AXIS + levels.val * ROW);
  const shown = derive(() => boxes(layout.val, { top: top.val, levels: levels.val }, width.val));
  const sees = (node: Node) =>
    node.index >= top.val.index && node.index < top.val.end && node.nodeDepth - top.val.nodeDepth < levels.val;
  const [markup, canvas] = chart(of, {
    kind: "icicle chart",
    labelText: () => `Imports of ${tree.val.words}, which the table below has. Space selects.`,
    height: height.rawVal,
    said: () => describe(pointed.val ?? (focused.val ? focus.val : pickedNode.val ?? top.val), tree.val),
    weight: (node) => size.val(node),
    sees,
    nodeAt: (x, y) => boxAt(shown.val, x, y)?.node ?? null,
    onPress: (node) => {
      if (node === pickedNode.val || node.members) of.zoomTo(node);
      else of.walkTo(node, sees(node));
      if (!node.members) onPick(node);
    },
    onSpace: (node) => (node.members ? of.zoomTo(node) : onPick(node)),
  });
  painted(of, () => paint(canvas, {
    boxes: shown.val, width: width.val, height: height.val, levels: levels.val, top: top.val,
    picked: pickedNode.val, found: foundNodes.val, focus: focused.val ? focus.val : null,
    size: size.val, colorOf: coloring(coloredBy.val),
  }));
  const knows = ({ members, module }: Node, key: "retained_ns" | "waits") => !members && module?.[key] !== undefined;
  const offered = () => [
    choice("Boxes are", [["module", "Modules"], ["package", "Packages"]], by),
    choice("As wide as", SIZES.filter(([key]) => key !== "retained" || tree.val.nodes.some((one) => knows(one, "retained_ns"))), sizedBy),
    choice("Coloured by", COLORINGS.filter(([key]) => key !== "wait" || whole.val.nodes.some((one) => knows(one, "waits"))), coloredBy),
  ];
  const meanings = () => {
    const drawn = new Set(tree.val.nodes.map(coloring(coloredBy.val)));
    return meaningsOf(coloredBy.val).filter(([color]) => drawn.has(color));
  };
  return (
    <div class="icicle">
      {() => <div class="controls">{offered()}</div>}
      {() => note("A box is as wide as ", wordsFor(WIDTHS, sizedBy.val, WIDTHS.total), ". A click tells all of a module, a second one zooms.")}
      {markup}
      {() => legend(meanings())}
    </div>
  );
}

const WIDTHS: Record<string, string> = {
  total: "it took with all it imports, which is below it",
  self: "its own time and that of all below it",
  retained: "what would vanish if nothing imported it, within what is above it",
};
