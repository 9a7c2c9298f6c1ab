// SPDX-License-Identifier: Apache-2.0
// What was imported: the costliest packages, the icicle, the tree, one module in detail.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { costliest } from "./costliest";
import { Ms, count, many, share } from "./figures";
import { Icicle } from "./icicle";
import type { Model } from "./model";
import { ModuleDetail, ModuleLink } from "./module_detail";
import { ModuleTable, Status } from "./module_table";
import { Section, percent } from "./parts";
import type { Module } from "./report";
import { Table, figure, type Column } from "./table";
import { makeTrees, search, type Node, type Tree } from "./tree";
import { OWNERS, boundSign, color } from "./words";

const MOST_COSTLIEST = 10;

interface Properties {
  model: Model;
  selected: number | null; // id of a module
  asked: number; // grows with every link followed to a module
  onSelect: (id: number | null) => void;
}

export function Imports(properties: Properties): JSX.Element {
  const { model } = properties;
  const trees = useMemo(() => makeTrees(model), [model]);
  return (
    <Section id="imports" title="Imports" list={trees} empty="No import was observed.">
      {() => (
        <>
          <Costliest model={model} />
          <Explorer {...properties} trees={trees} />
        </>
      )}
    </Section>
  );
}

function Costliest({ model }: { model: Model }): JSX.Element | null {
  const { modules, among } = useMemo(() => costliest(model, MOST_COSTLIEST), [model]);
  const whole = model.track?.total_ns;
  const longest = modules[0]?.total_ns || 1;
  const columns: Column<Module>[] = [
    {
      title: "Module", at: "name",
      cell: (one) => <><ModuleLink module={one} /><Status module={one} /></>,
    },
    {
      title: "", value: (one) => one.total_ns, class: "bar",
      cell: ({ owner, total_ns }) => (
        <svg aria-hidden="true">
          <rect fill={color(`owner-${owner}`)} width={percent(total_ns / longest)} />
        </svg>
      ),
    },
    {
      ...figure("Total (ms)", "total_ns", Ms),
      cell: (one) => <Ms of={one.total_ns} sign={boundSign(one)} />,
    },
    figure("Self (ms)", "self_ns", Ms),
    { title: "From", value: ({ distribution, owner }) => distribution ?? OWNERS[owner ?? ""] },
  ];
  if (whole)
    columns.splice(3, 0, { title: "Share", value: ({ total_ns }) => share(total_ns, whole), class: "number" });
  return (
    <>
      <h3>Costliest of {count(among)}, one row for each package</h3>
      <Table caption="Costliest imports" rows={modules} columns={columns} />
      <p class="faint">
        Totals hold what a module itself imported, so rows may overlap. What two packages need is in
        the total of the one that asked first.
      </p>
    </>
  );
}

function Explorer(properties: Properties & { trees: Tree[] }): JSX.Element {
  const { model, trees, asked, onSelect } = properties;
  const [chosen, setChosen] = useState(0);
  const [query, setQuery] = useState("");
  const [flat, setFlat] = useState(false);
  const detail = useRef<HTMLDivElement>(null);
  const tree = trees[chosen] ?? trees[0]!;
  const found = useMemo(() => search(tree, query), [tree, query]);
  const selected = properties.selected === null ? null : tree.modules.get(properties.selected) ?? null;
  const module = selected?.module ?? null;

  useEffect(() => {
    const home = trees.findIndex((one) => one.modules.has(properties.selected ?? -1));
    if (home >= 0) setChosen(home);
    if (asked > 0) detail.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);

  const select = (node: Node) => onSelect(node.module && node.module.id);
  return (
    <>
      <div class="controls">
        <h3>All imports</h3>
        <label>
          of{" "}
          <select value={chosen} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {trees.map((one, index) => <option value={index}>{one.words} ({count(one.count)})</option>)}
          </select>
        </label>
        <label>
          Search{" "}
          <input type="search" value={query} placeholder="name, file, package, failed …"
            onInput={(event) => setQuery(event.currentTarget.value)} />
        </label>
        <span role="status">{found && `${many(found.size, "module")} of ${count(tree.count)}`}</span>
      </div>
      <p class="faint">
        Each box is a module, as wide as it took with all it imports; below it is what it imported.
      </p>
      <Icicle tree={tree} found={found} selected={selected} onSelect={select} />
      <div ref={detail}>
        {module ? <ModuleDetail model={model} module={module} /> : (
          <p class="faint hint">Select a box or a row to see all that is known of a module.</p>
        )}
      </div>
      <div class="controls">
        <div role="group" aria-label="Form of the table" class="switch">
          <button aria-pressed={!flat} onClick={() => setFlat(false)}>Tree</button>
          <button aria-pressed={flat} onClick={() => setFlat(true)}>List</button>
        </div>
      </div>
      <ModuleTable tree={tree} found={found} flat={flat} selected={selected} onSelect={select} />
    </>
  );
}
