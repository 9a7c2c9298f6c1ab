// SPDX-License-Identifier: Apache-2.0
// What was imported: the costliest packages, the icicle, the tree, one module in detail.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { costliest } from "./costliest";
import { countText, many, ms, shareText } from "./figures";
import { Icicle } from "./icicle";
import type { Model } from "./model";
import { moduleDetail } from "./module_detail";
import { moduleLink, statusTag } from "./module_link";
import { ModuleTable } from "./module_table";
import { listSection, note, percent, toggleButton } from "./parts";
import type { Module } from "./report";
import { figure, headed, made, text, type Column } from "./table";
import { makeTrees, search, type Node, type Tree } from "./tree";
import { OWNERS, boundSign, color, wordsFor } from "./words";

const MOST_COSTLIEST = 10;

interface Properties {
  model: Model;
  picked: number | null; // id of a module
  asked: number; // grows with every link followed to a module
  onPick: (id: number | null) => void;
}

export function Imports(properties: Properties): JSX.Element {
  const { model } = properties;
  const trees = useMemo(() => makeTrees(model), [model]);
  const top = useMemo(() => costliestImports(model), [model]);
  return listSection("imports", "Imports", trees, () => (
    <>
      {top}
      <Explorer {...properties} trees={trees} />
    </>
  ), "No import was observed.");
}

function costliestImports(model: Model): JSX.Element | false {
  const { modules, among } = costliest(model, MOST_COSTLIEST);
  const whole = model.mainTrack?.total_ns ?? 0;
  const longest = modules[0]?.total_ns || 1;
  const columns: Column<Module>[] = [
    { ...text("Module", "name"), cell: (one) => [moduleLink(model, one.id), statusTag(one)] },
    {
      ...made("", (one) => one.total_ns),
      class: "bar",
      cell: ({ owner, total_ns }) => (
        <svg aria-hidden="true">
          <rect fill={color(`owner-${owner}`)} width={percent(total_ns / longest)} />
        </svg>
      ),
    },
    { ...figure("Total (ms)", "total_ns", ms), cell: (one) => ms(one.total_ns, boundSign(one)) },
    { ...made("Share", ({ total_ns }) => shareText(total_ns, whole) || null), class: "number" },
    figure("Self (ms)", "self_ns", ms),
    made("From", ({ distribution, owner }) => distribution ?? (wordsFor(OWNERS, owner) || null)),
  ];
  return modules.length > 0 && (
    <>
      {headed(`Costliest of ${countText(among)}, one row for each package`,
        { captionText: "Costliest imports", rowList: modules, columnList: columns })}
      {note("A total holds all that the module imported first, so rows may overlap.")}
    </>
  );
}

function Explorer(properties: Properties & { trees: Tree[] }): JSX.Element {
  const { model, trees, asked, onPick } = properties;
  const [chosen, setChosen] = useState(0);
  const [query, setQuery] = useState("");
  const [flat, setFlat] = useState(false);
  const detail = useRef<HTMLDivElement>(null);
  const tree = trees[chosen] ?? trees[0]!;
  const found = useMemo(() => search(tree, query), [tree, query]);
  const picked = properties.picked === null ? null : tree.modules.get(properties.picked) ?? null;
  const module = picked?.module ?? null;

  useEffect(() => {
    const home = trees.findIndex((one) => one.modules.has(properties.picked ?? -1));
    if (home >= 0) setChosen(home);
    if (asked > 0) detail.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);

  const select = (node: Node) => onPick(node.module && node.module.id);
  return (
    <>
      <div class="controls">
        <h3>All imports</h3>
        <label>
          of{" "}
          <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {trees.map((one, index) => <option value={index}>{one.words} ({countText(one.count)})</option>)}
          </select>
        </label>
        <label>
          Search{" "}
          <input type="search" value={query} placeholder="name, file, package, failed …"
            onInput={(event) => setQuery(event.currentTarget.value)} />
        </label>
        <span role="status">{found && `${many(found.size, "module")} of ${countText(tree.count)}`}</span>
      </div>
      {note("A box is as wide as its module took with all it imports, which is below it. A click shows " +
        "all that is known of it, a second one zooms.")}
      <Icicle tree={tree} found={found} picked={picked} onPick={select} />
      <div ref={detail}>{module && moduleDetail(model, module)}</div>
      <div class="controls">
        {toggleButton(!flat, () => setFlat(false), "Tree")}
        {toggleButton(flat, () => setFlat(true), "List")}
      </div>
      <ModuleTable tree={tree} found={found} flat={flat} picked={picked} onPick={select} />
    </>
  );
}
