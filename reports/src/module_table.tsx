// SPDX-License-Identifier: Apache-2.0
// The modules of a process as a table, as a tree that opens or as a flat list.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Swatch, percent } from "./parts";
import { Ms } from "./figures";
import { FIGURES, NAME, flatten, opened, sortNodes } from "./module_rows";
import type { Module } from "./report";
import { More, PAGE, SortHeader, type Order } from "./table";
import { Name, Shown, textOf } from "./text";
import { pathOf, type Node, type Tree } from "./tree";
import { OWNERS, boundSign, boundWords, color, phaseWords } from "./words";

interface Properties {
  tree: Tree;
  found: Set<Node> | null;
  flat: boolean;
  selected: Node | null;
  onSelect: (node: Node) => void;
}

const WORDS = ["Package", "Whose", "Made of", "Asked for by", "File"]; // columns behind the figures

export function ModuleTable({ tree, found, flat, selected, onSelect }: Properties): JSX.Element {
  const [order, setOrder] = useState<Order>({ by: FIGURES[0]!.title, descending: true });
  const [open, setOpen] = useState(() => opened(tree));
  const [limit, setLimit] = useState(PAGE);
  const [walked, setWalked] = useState<Node | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const moved = useRef(false);
  const figures = useMemo(
    () => FIGURES.filter(({ at }) => tree.nodes.some(({ module }) => module?.[at] !== undefined)),
    [tree],
  );

  useEffect(() => setOpen(opened(tree)), [tree]);
  useEffect(() => setLimit(PAGE), [tree, found, flat]);
  useEffect(() => {
    if (selected && !flat) setOpen((now) => new Set([...now, ...pathOf(selected).slice(0, -1)]));
  }, [selected, flat]);

  const rows = useMemo(
    () => (flat ? sortNodes(tree, found, order) : flatten(tree, found, open, order)),
    [tree, found, flat, open, order],
  );
  const shown = rows.slice(0, limit);
  const current = walked && shown.includes(walked) ? walked : shown[0] ?? null;

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
    if (!node || !shown.includes(node)) return;
    moved.current = true;
    setWalked(node);
  };
  const onKey = (event: KeyboardEvent) => {
    const at = current ? shown.indexOf(current) : -1;
    if (!current || (event.target as Element).tagName !== "TR") return;
    const closed = !flat && !found && !open.has(current) && current.children.length > 0;
    const openable = !flat && !found && current.children.length > 0;
    const steps: Record<string, () => void> = {
      ArrowDown: () => walk(shown[at + 1]),
      ArrowUp: () => walk(shown[at - 1]),
      Home: () => walk(shown[0]),
      End: () => walk(shown[shown.length - 1]),
      ArrowRight: () => (closed ? toggle(current) : walk(shown[at + 1])),
      ArrowLeft: () => (openable && !closed ? toggle(current) : walk(current.parent)),
      Enter: () => onSelect(current),
    };
    const act = steps[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  return (
    <>
      <div class="scroll" role="region" aria-label="Modules">
        <table class="modules" role={flat ? "grid" : "treegrid"} aria-rowcount={rows.length + 1}>
          <caption class="hidden">Modules of {tree.words}</caption>
          <thead>
            <tr>
              {[{ title: NAME, help: "", at: "" }, ...figures].map(({ title, help, at }) => (
                <SortHeader key={title} title={title} help={help} figure={!!at} order={order} onSort={setOrder} />
              ))}
              {WORDS.map((title) => <th key={title} scope="col">{title}</th>)}
            </tr>
          </thead>
          <tbody ref={body} onKeyDown={onKey}>
            {shown.map((node) => (
              <Row
                key={node.key}
                node={node}
                tree={tree}
                flat={flat}
                figures={figures}
                open={open.has(node) || found !== null}
                current={node === current}
                selected={node === selected}
                onToggle={() => toggle(node)}
                onSelect={() => {
                  setWalked(node);
                  onSelect(node);
                }}
              />
            ))}
          </tbody>
        </table>
      </div>
      <More shown={shown.length} all={rows.length} onMore={() => setLimit(limit + PAGE)} />
    </>
  );
}

interface RowProperties {
  node: Node;
  tree: Tree;
  flat: boolean;
  figures: typeof FIGURES;
  open: boolean;
  current: boolean;
  selected: boolean;
  onToggle: () => void;
  onSelect: () => void;
}

function Row(properties: RowProperties): JSX.Element {
  const { node, tree, flat, figures, open, current, selected, onSelect } = properties;
  const { module } = node;
  return (
    <tr
      data-key={node.key}
      class={module ? "" : "group"}
      tabIndex={current ? 0 : -1}
      aria-level={flat ? undefined : node.depth}
      aria-expanded={flat || node.children.length === 0 ? undefined : open}
      aria-selected={selected}
      onClick={onSelect}
    >
      <ModuleName {...properties} />
      <td class="number"><Total node={node} tree={tree} /></td>
      {figures.slice(1).map(({ at }) => (
        <td key={at} class="number">{module && <Ms of={module[at]} />}</td>
      ))}
      {module ? <Origin module={module} /> : <td colSpan={WORDS.length}>{phaseWords(node.label)}</td>}
    </tr>
  );
}

const DEEPEST_INDENT = 30; // levels

function ModuleName({ node, flat, open, onToggle }: RowProperties): JSX.Element {
  const { module, children, depth, label } = node;
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle();
  };
  return (
    <th scope="row">
      {!flat && (
        <>
          <svg width={14 * Math.min(depth - 1, DEEPEST_INDENT)} height="1" aria-hidden="true" />
          <button class="toggle" tabIndex={-1} disabled={children.length === 0}
            aria-label={open ? "Close" : "Open"} onClick={toggle}>
            {children.length === 0 ? "·" : open ? "▾" : "▸"}
          </button>
        </>
      )}
      <Shown text={module ? textOf(module, "name") : label} />
      {module && <Status module={module} />}
    </th>
  );
}

/** Says what a module that is not loaded is. */
export function Status({ module: { status } }: { module: Module }): JSX.Element | null {
  if (status === "loaded") return null;
  const why = status === "failed"
    ? "it raised an exception; often an optional import that the program goes on without"
    : "its end was not seen";
  return <span class="tag bad" title={why}>{status}</span>;
}

function Total({ node, tree }: { node: Node; tree: Tree }): JSX.Element {
  const { module, total_ns } = node;
  return (
    <span class="with-bar" title={module ? boundWords(module) : ""}>
      <svg aria-hidden="true">
        <rect width={percent(total_ns / (tree.root.total_ns || 1))} height="100%" />
      </svg>
      <Ms of={total_ns} sign={module ? boundSign(module) : ""} />
    </span>
  );
}

function Origin({ module }: { module: Module }): JSX.Element {
  const { owner, kind, via } = module;
  return (
    <>
      <td><Name of={module} at="distribution" /></td>
      <td><Swatch fill={color(`owner-${owner}`)} /> <Shown text={owner && OWNERS[owner]!} /></td>
      <td><Shown text={kind} /></td>
      <td><Shown text={via} /></td>
      <td><Name of={module} at="file" /></td>
    </>
  );
}
