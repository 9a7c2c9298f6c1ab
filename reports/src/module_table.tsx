// SPDX-License-Identifier: Apache-2.0
// The modules of a process as a table, as a tree that opens or as a flat list.
import { ms } from "./figures";
import { derive, state, type State } from "./jsx";
import { ALWAYS, CHOICES, type Choice } from "./module_columns";
import { statusTag } from "./module_link";
import { flatten, opened, sortNodes } from "./module_rows";
import { toggleButton, withBar } from "./parts";
import type { Module } from "./report";
import { PAGE, cell, focusRow, frame, orderSetting, valueOf, type Column } from "./table";
import { shown, textOf } from "./text";
import { pathOf, type Node, type Tree } from "./tree";
import { boundSign, boundWords, phaseWords } from "./words";

interface Properties {
  tree: State<Tree>;
  found: State<Set<Node> | null>;
  flat: State<boolean>;
  picked: State<Node | null>;
  onPick: (node: Node) => void;
}

const AT_FIRST = ["Retained", "Origin"];

/** The choices that have anything to show, each with the columns that do. */
function choicesOf({ nodes }: Tree): Choice[] {
  const has = (column: Column<Module>) =>
    !column.as || nodes.some(({ module }) => module && valueOf(module, column) !== null);
  return CHOICES.map(({ title, columnList }) => ({ title, columnList: columnList.filter(has) })).filter(
    ({ columnList }) => columnList.length > 0,
  );
}

export function moduleTable({ tree, found, flat, picked, onPick }: Properties): JSX.Element {
  const order = orderSetting("modules", "Total (ms)");
  const open = state(new Set<Node>());
  const limit = state(PAGE);
  const walked = state<Node | null>(null);
  const chosen = state(AT_FIRST);
  const choices = derive(() => choicesOf(tree.val));
  const columns = derive(() => [
    ...ALWAYS, ...choices.val.flatMap((one) => (chosen.val.includes(one.title) ? one.columnList : [])),
  ]);
  let openedOf: Tree | null = null;
  derive(() => {
    const now = tree.val === openedOf ? open.rawVal : opened(tree.val);
    const path = picked.val ? pathOf(picked.val).slice(0, -1) : [];
    openedOf = tree.val;
    open.val = path.every((node) => now.has(node)) ? now : new Set([...now, ...path]);
  });
  derive(() => {
    for (const one of [tree, found, flat]) void one.val; // any of them changed
    limit.val = PAGE;
  });

  const rowList = derive(() => {
    const { by, falling } = order.val;
    const column = columns.val.find((one) => one.title === by) ?? ALWAYS[1]!;
    const key = (module: Module) => valueOf(module, column);
    return flat.val
      ? sortNodes(tree.val, found.val, key, falling)
      : flatten(tree.val, found.val, open.val, key, falling);
  });
  const seen = derive(() => rowList.val.slice(0, limit.val));
  const current = derive(() => (walked.val && seen.val.includes(walked.val) ? walked.val : seen.val[0]));

  const toggle = (node: Node) => {
    const next = new Set(open.val);
    if (!next.delete(node)) next.add(node);
    open.val = next;
  };
  const onkeydown = (event: KeyboardEvent) => {
    const all = seen.val;
    const node = current.val;
    if (!node || (event.target as Element).tagName !== "TR") return;
    const walk = (to: Node | null | undefined) => {
      if (!to || !all.includes(to)) return;
      walked.val = to;
      focusRow(event.currentTarget as Element, to.key);
    };
    const at = all.indexOf(node);
    const openable = !flat.val && !found.val && node.offspring.length > 0;
    const isOpen = openable && open.val.has(node);
    const steps: Record<string, () => void> = {
      ArrowDown: () => walk(all[at + 1]),
      ArrowUp: () => walk(all[at - 1]),
      Home: () => walk(all[0]),
      End: () => walk(all[all.length - 1]),
      ArrowRight: () => (openable && !isOpen ? toggle(node) : walk(all[at + 1])),
      ArrowLeft: () => (isOpen ? toggle(node) : walk(node.parent)),
      Enter: () => onPick(node),
    };
    const act = steps[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  const row = (node: Node) => {
    const { offspring, nodeDepth, module } = node;
    const isOpen = open.val.has(node) || found.val !== null;
    const columnList = columns.val;
    return (
      <tr
        data-key={node.key} class={module ? "" : "group"}
        tabIndex={() => (node === current.val ? 0 : -1)}
        aria-level={flat.val ? null : nodeDepth}
        aria-expanded={flat.val || offspring.length === 0 ? null : isOpen}
        aria-selected={() => node === picked.val}
        onclick={() => {
          walked.val = node;
          onPick(node);
        }}
      >
        <th scope="row" class="module">
          {!flat.val && twisty(node, isOpen, () => toggle(node))}
          {shown(module ? textOf(module, "name") : node.labelText)}
          {module && statusTag(module)}
        </th>
        <td class="number">{total(node, tree.val)}</td>
        {module
          ? columnList.slice(2).map((column) => cell(module, column, columnList))
          : <td colSpan={columnList.length - 2}>{phaseWords(node.labelText)}</td>}
      </tr>
    );
  };
  const choose = (title: string) => {
    const without = chosen.val.filter((one) => one !== title);
    chosen.val = without.length < chosen.val.length ? without : [...chosen.val, title];
  };
  return (
    <>
      {() => (
        <div class="controls" role="group" aria-label="Columns of the table">
          <span class="faint">Columns:</span>
          {choices.val.map(({ title }) => (
            toggleButton(() => chosen.val.includes(title), () => choose(title), title)
          ))}
        </div>
      )}
      {frame({
        captionText: () => `Modules of ${tree.val.words}`,
        columnList: () => columns.val, order, rowList, row, limit,
        role: "treegrid",
        body: { onkeydown },
      })}
    </>
  );
}

const DEEPEST_INDENT = 30; // levels
const INDENT = 14; // px for each

function twisty({ offspring, nodeDepth }: Node, open: boolean, onToggle: () => void): JSX.Element {
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle();
  };
  return (
    <>
      <svg width={INDENT * Math.min(nodeDepth - 1, DEEPEST_INDENT)} height="1" />
      <button class="toggle" tabIndex={-1} disabled={offspring.length === 0}
        aria-label={open ? "Close" : "Open"} onclick={toggle}>
        {offspring.length === 0 ? "·" : open ? "▾" : "▸"}
      </button>
    </>
  );
}

function total({ module, total_ns }: Node, { root }: Tree): JSX.Element {
  const figure = ms(total_ns, module ? boundSign(module) : "");
  return withBar(total_ns / (root.total_ns || 1), figure, module ? boundWords(module) : "");
}
