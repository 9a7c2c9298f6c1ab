// SPDX-License-Identifier: Apache-2.0
// The modules of a process as a table, as a tree that opens or as a flat list.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ms } from "./figures";
import { ALWAYS, CHOICES, type Choice } from "./module_columns";
import { statusTag } from "./module_link";
import { flatten, opened, sortNodes } from "./module_rows";
import { toggleButton, withBar } from "./parts";
import type { Module } from "./report";
import { PAGE, cell, frame, valueOf, type Column, type Order } from "./table";
import { shown, textOf } from "./text";
import { pathOf, type Node, type Tree } from "./tree";
import { boundSign, boundWords, phaseWords } from "./words";

interface Properties {
  tree: Tree;
  found: Set<Node> | null;
  flat: boolean;
  picked: Node | null;
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

export function ModuleTable({ tree, found, flat, picked, onPick }: Properties): JSX.Element {
  const [order, onSort] = useState<Order>({ by: "Total (ms)", falling: true });
  const [open, setOpen] = useState(() => opened(tree));
  const [limit, onMore] = useState(PAGE);
  const [walked, setWalked] = useState<Node | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const moved = useRef(false);
  const [chosen, setChosen] = useState(AT_FIRST);
  const choices = useMemo(() => choicesOf(tree), [tree]);
  const shownChoices = choices.filter(({ title }) => chosen.includes(title));
  const columnList = [...ALWAYS, ...shownChoices.flatMap((one) => one.columnList)];
  const choose = (title: string) =>
    setChosen(chosen.includes(title) ? chosen.filter((one) => one !== title) : [...chosen, title]);
  useEffect(() => setOpen(opened(tree)), [tree]);
  useEffect(() => onMore(PAGE), [tree, found, flat]);
  useEffect(() => {
    if (picked) setOpen((now) => new Set([...now, ...pathOf(picked).slice(0, -1)]));
  }, [picked]);

  const rowList = useMemo(() => {
    const column = columnList.find((one) => one.title === order.by) ?? ALWAYS[1]!;
    const key = (module: Module) => valueOf(module, column);
    return flat
      ? sortNodes(tree, found, key, order.falling)
      : flatten(tree, found, open, key, order.falling);
  }, [tree, found, flat, open, order, chosen]);
  const seen = rowList.slice(0, limit);
  const current = walked && seen.includes(walked) ? walked : seen[0];

  useEffect(() => {
    if (!moved.current || !current) return;
    moved.current = false;
    body.current?.querySelector<HTMLElement>(`[data-key="${current.key}"]`)?.focus();
  }, [current]);

  const toggle = (node: Node) => {
    const next = new Set(open);
    if (!next.delete(node)) next.add(node);
    setOpen(next);
  };
  const walk = (node: Node | null | undefined) => {
    if (!node || !seen.includes(node)) return;
    moved.current = true;
    setWalked(node);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!current || (event.target as Element).tagName !== "TR") return;
    const at = seen.indexOf(current);
    const openable = !flat && !found && current.offspring.length > 0;
    const isOpen = openable && open.has(current);
    const steps: Record<string, () => void> = {
      ArrowDown: () => walk(seen[at + 1]),
      ArrowUp: () => walk(seen[at - 1]),
      Home: () => walk(seen[0]),
      End: () => walk(seen[seen.length - 1]),
      ArrowRight: () => (openable && !isOpen ? toggle(current) : walk(seen[at + 1])),
      ArrowLeft: () => (isOpen ? toggle(current) : walk(current.parent)),
      Enter: () => onPick(current),
    };
    const act = steps[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  const row = (node: Node) => {
    const { offspring, nodeDepth, module } = node;
    const isOpen = open.has(node) || found !== null;
    return (
      <tr
        key={node.key} data-key={node.key} class={module ? "" : "group"}
        tabIndex={node === current ? 0 : -1}
        aria-level={flat ? undefined : nodeDepth}
        aria-expanded={flat || offspring.length === 0 ? undefined : isOpen}
        aria-selected={node === picked}
        onClick={() => {
          setWalked(node);
          onPick(node);
        }}
      >
        <th scope="row">
          {!flat && twisty(node, isOpen, () => toggle(node))}
          {shown(module ? textOf(module, "name") : node.labelText)}
          {module && statusTag(module)}
        </th>
        <td class="number">{total(node, tree)}</td>
        {module
          ? columnList.slice(2).map((column) => cell(module, column, columnList))
          : <td colSpan={columnList.length - 2}>{phaseWords(node.labelText)}</td>}
      </tr>
    );
  };
  return (
    <>
      <div class="controls" role="group" aria-label="Columns of the table">
        <span class="faint">Columns:</span>
        {choices.map(({ title }) => (
          toggleButton(chosen.includes(title), () => choose(title), title)
        ))}
      </div>
      {frame({
        captionText: `Modules of ${tree.words}`,
        columnList, order, onSort, rowList, row, limit, onMore,
        role: "treegrid",
        body: { ref: body, onKeyDown },
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
      <svg width={INDENT * Math.min(nodeDepth - 1, DEEPEST_INDENT)} height="1" aria-hidden="true" />
      <button class="toggle" tabIndex={-1} disabled={offspring.length === 0}
        aria-label={open ? "Close" : "Open"} onClick={toggle}>
        {offspring.length === 0 ? "·" : open ? "▾" : "▸"}
      </button>
    </>
  );
}

function total({ module, total_ns }: Node, { root }: Tree): JSX.Element {
  const figure = ms(total_ns, module ? boundSign(module) : "");
  return withBar(total_ns / (root.total_ns || 1), figure, module ? boundWords(module) : "");
}
