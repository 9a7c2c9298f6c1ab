// SPDX-License-Identifier: Apache-2.0
// Both import trees as one icicle, coloured by what happened; what is known of the node that was picked;
// and a table of the same nodes.
import { anchor, setting, visit } from "./address";
import { boxAt, chart, chartState, keepZoom, painted } from "./chart";
import type { Diff, Module } from "./diff";
import { placeText } from "./diff_cold";
import { signedText } from "./diff_figures";
import { FATE_COLORS, paintMerged } from "./diff_paint";
import { ChangeTable, changeWord } from "./diff_table";
import {
  FATES, LEAST_NS, LEAST_SHARE, SIZES, differenceOf, fateOf, mergedTree, searchMerged, weigh,
  type Fate, type MergedNode, type MergedTree, type SizeBy,
} from "./diff_tree";
import { countText, duration, durationText, many, ms } from "./figures";
import { AXIS, ROW, boxes, deepest, layOut } from "./icicle_layout";
import { derive, state, type State } from "./jsx";
import { choice, fact, legend, note, type View } from "./parts";
import { made, time, type Column } from "./table";
import { listed, shown, textsOf } from "./text";
import { pathOf } from "./tree";

const MOST_LEVELS = 24;
const ARROW = " → ";

const FATE_WORDS: Record<Fate, string> = {
  came: "came",
  went: "went",
  moved: "moved: another module asks for it first",
  longer: "longer",
  shorter: "shorter",
  changed: "its file, kind or status changed",
  same: "about the same",
};

const SIZE_WORDS: Record<SizeBy, string> = { after: "after", before: "before", larger: "the larger of both" };

function timesText({ after_ns, before_ns }: MergedNode): string {
  const text = (ns: number | null) => (ns === null ? "not there" : durationText(ns));
  return `${text(before_ns)}${ARROW}${text(after_ns)}`;
}

/** What is known of a node in one line, for the eye and for screen readers. */
function describe(node: MergedNode): string {
  return listed([
    `${node.labelText}: ${FATE_WORDS[fateOf(node)]}`,
    `${signedText(differenceOf(node), durationText)} with all it imports (${timesText(node)})`,
    node.packageName && `package ${node.packageName}`,
    node.offspring.length > 0 && `${many(node.end - node.index - 1, "import")} below it`,
  ]);
}

interface Chart {
  tree: State<MergedTree>;
  found: State<Set<MergedNode> | null>;
  picked: State<MergedNode | null>;
  by: State<SizeBy>;
  pick: (node: MergedNode) => void;
}

function icicle({ by, found, pick, picked, tree }: Chart): JSX.Element {
  const of = chartState(() => tree.val.root, (node) => tree.val.nodes[node.index] === node);
  const { focus, focused, pointed, top, width } = of;
  keepZoom(of, tree);
  const layout = derive(() => layOut(tree.val));
  const levels = Math.max(Math.min(deepest(tree.val.root, tree.val.nodes) + 1, MOST_LEVELS), 2);
  const height = AXIS + levels * ROW;
  const drawn = derive(() => boxes(layout.val, { top: top.val, levels }, width.val));
  const sees = (node: MergedNode) =>
    node.index >= top.val.index && node.index < top.val.end && node.nodeDepth - top.val.nodeDepth < levels && node.total_ns > 0;
  const [markup, canvas] = chart(of, {
    kind: "icicle chart",
    labelText: () => `Imports of both, by the time ${SIZE_WORDS[by.val]}. The table below has the same modules. Space selects.`,
    height,
    said: () => describe(pointed.val ?? (focused.val ? focus.val : picked.val ?? top.val)),
    weight: (node) => node.total_ns,
    sees,
    nodeAt: (x, y) => boxAt(drawn.val, x, y)?.node ?? null,
    onPress: (node) => {
      if (node === picked.val) of.zoomTo(node);
      else of.walkTo(node, sees(node));
      pick(node);
    },
    onSpace: pick,
  });
  painted(of, () => paintMerged(canvas, {
    boxes: drawn.val, width: width.val, height, levels, found: found.val,
    marked: [picked.val, focused.val ? focus.val : null],
  }));
  derive(() => {
    // Somebody else picked it: a link, a row.
    if (picked.val && !drawn.rawVal.some(({ node }) => node === picked.val)) of.walkTo(picked.val, sees(picked.val));
  });
  return <div class="icicle">{markup}{meanings(tree.val)}</div>;
}

function meanings({ nodes }: MergedTree): JSX.Element {
  const there = new Set(nodes.map(fateOf));
  return legend(FATES.filter((fate) => there.has(fate)).map((fate) => [FATE_COLORS[fate], FATE_WORDS[fate]]));
}

/** The row of `modules` for each node that has one: what more is known of it. */
function rowsByNode(modules: Module[]): Map<number, [module: Module, index: number]> {
  return new Map(modules.map((module, index) => [module.node, [module, index]]));
}

function detail(node: MergedNode, partner: MergedNode | undefined, row: [module: Module, index: number] | undefined, pick: Chart["pick"]): JSX.Element {
  const [module, index] = row ?? [];
  const times = (title: string, before: number | null, after: number | null) =>
    fact(title, [duration(before), ARROW, duration(after), <small>{signedText((after ?? 0) - (before ?? 0), durationText)}</small>]);
  return (
    <div id="module">
      <h3>{shown(node.labelText)} {changeWord(fateOf(node))}</h3>
      <dl class="facts">
        {times("With all it imports", node.before_ns, node.after_ns)}
        {times("By itself", node.before_self_ns, node.after_self_ns)}
        {fact("Package", node.packageName && shown(node.packageName))}
        {fact("Below it", many(node.end - node.index - 1, "import"))}
        {fact("Asked for by", module?.importer && shown(placeText(module.importer)))}
        {fact("Path", shown(pathOf(node).map(({ labelText }) => labelText).join(ARROW)), "wide")}
        {module && fact("Chain", shown(textsOf(module, "chain").join(ARROW)), "wide")}
        {partner && fact("Its other place", <button onclick={() => pick(partner)}>{shown(pathOf(partner).map(({ labelText }) => labelText).join(ARROW))}</button>, "wide")}
        {index !== undefined && fact("More", <a href={`#change-${index}`}>among the modules that changed</a>)}
      </dl>
    </div>
  );
}

function nodeColumns(pick: Chart["pick"]): Column<MergedNode>[] {
  return [
    {
      ...made<MergedNode>("Module", ({ labelText }) => labelText),
      cell: (node) => <button class="zoom" onclick={() => pick(node)}>{shown(node.labelText)}</button>,
    },
    { ...made<MergedNode>("What", fateOf), cell: (node) => changeWord(fateOf(node)) },
    time<MergedNode>("Before", ({ before_ns }) => before_ns, "with all it imports"),
    time<MergedNode>("After", ({ after_ns }) => after_ns, "with all it imports"),
    { title: "Change (ms)", value: differenceOf, as: ms, cell: (node) => difference(differenceOf(node)) },
    time<MergedNode>("Before by itself", ({ before_self_ns }) => before_self_ns),
    time<MergedNode>("After by itself", ({ after_self_ns }) => after_self_ns),
    made<MergedNode>("Package", ({ packageName }) => packageName),
    made<MergedNode>("Asked for by", ({ parent }) => parent?.labelText),
  ];
}

// Not coloured: whether it is more than noise is not told here.
function difference(ns: number): JSX.Element {
  return <data value={String(ns)} title={signedText(ns, durationText)}>{signedText(ns, (value) => durationText(value).replace(/ ms$/, ""))}</data>;
}

const NODE_ADDRESS = /^node-(\d+)$/;

export const imports: View<Diff> = (diff) => {
  const whole = mergedTree(diff);
  return !!whole && ["imports", "Imports of both", () => view(diff, whole), whole.byNumber.length];
};

function view({ cold_start }: Diff, whole: MergedTree): JSX.Element {
  const cold = cold_start!;
  const size = setting("size", "larger");
  const by = derive(() => SIZES.find((one) => one === size.val) ?? "larger");
  const query = setting("search");
  const picked = state<MergedNode | null>(null);
  const tree = derive(() => weigh(whole, by.val));
  const found = derive(() => searchMerged(whole, query.val));
  const rows = rowsByNode(cold.modules);
  const pick = (node: MergedNode) => {
    picked.val = node;
    visit(node.key);
  };
  const follow = () => {
    const node = whole.byNumber[Number(NODE_ADDRESS.exec(anchor())?.[1] ?? -1)];
    if (!node) return;
    picked.val = node;
    document.getElementById("imports")?.scrollIntoView();
  };
  addEventListener("hashchange", follow);
  requestAnimationFrame(follow);
  const more = ({ val: node }: typeof picked) => node && detail(node, whole.byNumber[cold.tree.partner[node.number] ?? -1], rows.get(node.number), pick);
  return (
    <>
      <div class="controls">
        <input
          type="search" value={() => query.val} aria-label="Search modules of both" placeholder="Search modules, packages"
          oninput={(event: InputEvent) => { query.val = (event.target as HTMLInputElement).value; }}
        />
        <span class="faint" role="status">{() => (found.val ? `${countText(found.val.size)} found` : "")}</span>
        {choice("As wide as", SIZES.map((one) => [one, SIZE_WORDS[one]]), size)}
      </div>
      {icicle({ by, found, pick, picked, tree })}
      {note(`"Longer" and "shorter" are by at least ${durationText(LEAST_NS)} and ${100 * LEAST_SHARE} %, with all it imports: noise or not. Which modules differ by more than noise is in the table of those that changed.`)}
      {() => more(picked) || <div />}
      <ChangeTable
        captionText="Modules of both, by their path" rowList={whole.nodes} columnList={nodeColumns(pick)}
        words={({ labelText, packageName }) => `${labelText} ${packageName}`} word={fateOf} asked={picked}
      />
    </>
  );
}
