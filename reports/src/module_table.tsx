// SPDX-License-Identifier: Apache-2.0
// The modules of a process as a table, as a tree that opens or as a flat list.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ms } from "./figures";
import { statusTag } from "./module_detail";
import { flatten, opened, sortNodes } from "./module_rows";
import { percent, swatch } from "./parts";
import type { Module } from "./report";
import { PAGE, figure, frame, text, type Column, type Order } from "./table";
import { name, shown, textOf } from "./text";
import { pathOf, type Node, type Tree } from "./tree";
import { OWNERS, boundSign, boundWords, color, phaseWords, wordsFor } from "./words";

interface Properties {
  tree: Tree;
  found: Set<Node> | null;
  flat: boolean;
  selected: Node | null;
  onSelect: (node: Node) => void;
}

/** The columns that hold figures of nodes sort by them; the others sort by their texts. */
const COLUMNS: Column<Module>[] = [
  text("Module", "name"),
  figure("Total (ms)", "total_ns", ms, "with everything it imported"),
  figure("Self (ms)", "self_ns", ms, "without what it imported"),
  figure("Retained (ms)", "retained_ns", ms, "what would vanish if nothing imported it"),
  text("Package", "distribution"),
  text("Whose", "owner"),
  text("Made of", "kind"),
  text("Asked for by", "via"),
  text("File", "file"),
];

export function ModuleTable({ tree, found, flat, selected, onSelect }: Properties): JSX.Element {
  const [order, onSort] = useState<Order>({ by: "Total (ms)", descending: true });
  const [open, setOpen] = useState(() => opened(tree));
  const [limit, onMore] = useState(PAGE);
  const [walked, setWalked] = useState<Node | null>(null);
  const body = useRef<HTMLTableSectionElement>(null);
  const moved = useRef(false);
  const columns = useMemo(
    () => COLUMNS.filter(({ as, at }) => !as || tree.nodes.some(({ module }) => module?.[at!] !== undefined)),
    [tree],
  );
  useEffect(() => setOpen(opened(tree)), [tree]);
  useEffect(() => onMore(PAGE), [tree, found, flat]);
  useEffect(() => {
    if (selected) setOpen((now) => new Set([...now, ...pathOf(selected).slice(0, -1)]));
  }, [selected]);

  const rows = useMemo(() => {
    const at = COLUMNS.find((one) => one.title === order.by)!.at!;
    return flat
      ? sortNodes(tree, found, at, order.descending)
      : flatten(tree, found, open, at, order.descending);
  }, [tree, found, flat, open, order]);
  const seen = rows.slice(0, limit);
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
    const openable = !flat && !found && current.children.length > 0;
    const isOpen = openable && open.has(current);
    const steps: Record<string, () => void> = {
      ArrowDown: () => walk(seen[at + 1]),
      ArrowUp: () => walk(seen[at - 1]),
      Home: () => walk(seen[0]),
      End: () => walk(seen[seen.length - 1]),
      ArrowRight: () => (openable && !isOpen ? toggle(current) : walk(seen[at + 1])),
      ArrowLeft: () => (isOpen ? toggle(current) : walk(current.parent)),
      Enter: () => onSelect(current),
    };
    const act = steps[event.key];
    if (!act) return;
    act();
    event.preventDefault();
  };
  const row = (node: Node) => {
    const { children, depth, module } = node;
    const isOpen = open.has(node) || found !== null;
    return (
      <tr
        key={node.key} data-key={node.key} class={module ? "" : "group"}
        tabIndex={node === current ? 0 : -1}
        aria-level={flat ? undefined : depth}
        aria-expanded={flat || children.length === 0 ? undefined : isOpen}
        aria-selected={node === selected}
        onClick={() => {
          setWalked(node);
          onSelect(node);
        }}
      >
        <th scope="row">
          {!flat && twisty(node, isOpen, () => toggle(node))}
          {shown(module ? textOf(module, "name") : node.label)}
          {module && statusTag(module)}
        </th>
        <td class="number">{total(node, tree)}</td>
        {columns.filter(({ as }) => as).slice(1).map(({ at }) => (
          <td class="number">{module && ms(module[at!] as number | undefined)}</td>
        ))}
        {module ? origin(module) : <td colSpan={5}>{phaseWords(node.label)}</td>}
      </tr>
    );
  };
  return frame({
    caption: `Modules of ${tree.words}`,
    columns, order, onSort, rows, row, limit, onMore,
    role: "treegrid",
    body: { ref: body, onKeyDown },
  });
}

const DEEPEST_INDENT = 30; // levels
const INDENT = 14; // px for each

function twisty({ children, depth }: Node, open: boolean, onToggle: () => void): JSX.Element {
  const toggle = (event: Event) => {
    event.stopPropagation();
    onToggle();
  };
  return (
    <>
      <svg width={INDENT * Math.min(depth - 1, DEEPEST_INDENT)} height="1" aria-hidden="true" />
      <button class="toggle" tabIndex={-1} disabled={children.length === 0}
        aria-label={open ? "Close" : "Open"} onClick={toggle}>
        {children.length === 0 ? "·" : open ? "▾" : "▸"}
      </button>
    </>
  );
}

function total({ module, total_ns }: Node, { root }: Tree): JSX.Element {
  return (
    <span class="with-bar" title={module ? boundWords(module) : ""}>
      <svg aria-hidden="true">
        <rect width={percent(total_ns / (root.total_ns || 1))} height="100%" />
      </svg>
      {ms(total_ns, module ? boundSign(module) : "")}
    </span>
  );
}

function origin(module: Module): JSX.Element {
  const { owner, kind, via } = module;
  return (
    <>
      <td>{name(module, "distribution")}</td>
      <td>{swatch(color(`owner-${owner}`))}{shown(wordsFor(OWNERS, owner) || null)}</td>
      <td>{shown(kind)}</td>
      <td>{shown(via)}</td>
      <td>{name(module, "file")}</td>
    </>
  );
}
