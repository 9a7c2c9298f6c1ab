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
import { NO_IMPORT, note, ofList, onHash, percent, toggleButton, type View } from "./parts";
import type { Module } from "./report";
import { headed, made, text, time, type Column } from "./table";
import { makeTrees, search, type Node } from "./tree";
import { OWNERS, boundSign, color, wordsFor } from "./words";

const MOST_COSTLIEST = 10;

export const imports: View<Model> = (model) => {
  const { modules } = model.report;
  return ["imports", "Imports", ofList(modules, () => [
    costliestImports(model),
    <Explorer model={model} />,
  ], NO_IMPORT), modules.length];
};

/** The module that the address names: "#module-412". */
function moduleInAddress({ moduleById }: Model): number | null {
  const found = /^#module-(\d+)$/.exec(location.hash);
  const id = Number(found?.[1]);
  return moduleById.has(id) ? id : null;
}

/** The module that is picked, how many links to modules were followed, and what picks another. */
function usePicked(model: Model): [number | null, number, (id: number | null) => void] {
  const [picked, setPicked] = useState(() => moduleInAddress(model));
  const [asked, setAsked] = useState(picked === null ? 0 : 1);
  useEffect(() => onHash(() => {
    const id = moduleInAddress(model);
    if (id === null) return;
    setPicked(id);
    setAsked((before) => before + 1);
  }), [model]);
  return [picked, asked, (id) => {
    setPicked(id);
    history.replaceState(null, "", id === null ? "#imports" : `#module-${id}`);
  }];
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
    { ...time("Total", "total_ns"), cell: (one) => ms(one.total_ns, boundSign(one)) },
    { ...made("Share", ({ total_ns }) => shareText(total_ns, whole) || null), class: "number" },
    time("Self", "self_ns"),
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

function Explorer({ model }: { model: Model }): JSX.Element {
  const [pickedId, asked, pick] = usePicked(model);
  const trees = useMemo(() => makeTrees(model), [model]);
  const [chosen, setChosen] = useState(0);
  const [query, setQuery] = useState("");
  const [flat, setFlat] = useState(false);
  const detail = useRef<HTMLDivElement>(null);
  const tree = trees[chosen] ?? trees[0]!;
  const found = useMemo(() => search(tree, query), [tree, query]);
  const picked = tree.modules.get(pickedId ?? -1) ?? null;
  const module = picked?.module ?? null;

  useEffect(() => {
    const home = trees.findIndex((one) => one.modules.has(pickedId ?? -1));
    if (home >= 0) setChosen(home);
    if (asked > 0) detail.current?.scrollIntoView({ block: "nearest" });
  }, [asked]);

  const select = (node: Node) => pick(node.module && node.module.id);
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
