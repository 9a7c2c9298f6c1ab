// SPDX-License-Identifier: Apache-2.0
// What was imported: the costliest packages, the icicle, the tree, one module in detail.
import { setting } from "./address";
import { costliest } from "./costliest";
import { countText, many, ms, shareText } from "./figures";
import { icicle } from "./icicle";
import { derive } from "./jsx";
import type { Model } from "./model";
import { detailIn } from "./module_detail";
import { moduleLink, statusTag } from "./module_link";
import { moduleTable } from "./module_table";
import { NO_IMPORT, choice, note, ofList, percent, type View } from "./parts";
import { moduleInAddress, pick, picked as chosenModule, toldIn } from "./picked";
import type { Module } from "./report";
import { headed, made, text, time, type Column } from "./table";
import { makeTrees, search, type Node } from "./tree";
import { OWNERS, boundSign, color, wordsFor } from "./words";

const MOST_COSTLIEST = 10;

export const imports: View<Model> = (model) => {
  const { modules } = model.report;
  return ["imports", "Imports", ofList(modules, () => [
    costliestImports(model),
    explorer(model),
  ], NO_IMPORT), modules.length];
};

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
        <svg>
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

function explorer(model: Model): JSX.Element {
  const trees = makeTrees(model);
  const home = () => String(Math.max(trees.findIndex((one) => one.modules.has(chosenModule.rawVal?.id ?? -1)), 0));
  chosenModule.val = moduleInAddress(model) ?? null;
  const chosen = setting("process", home());
  const query = setting("search");
  const list = setting("list");
  const flat = derive(() => !!list.val);
  const tree = derive(() => trees[Number(chosen.val)] ?? trees[0]!);
  const found = derive(() => search(tree.val, query.val));
  const picked = derive(() => tree.val.modules.get(chosenModule.val?.id ?? -1) ?? null);
  const detail = detailIn("imports", model) as HTMLElement;
  addEventListener("hashchange", () => {
    const module = moduleInAddress(model);
    if (!module) return;
    toldIn.val = "imports";
    chosenModule.val = module;
    chosen.val = home();
    setTimeout(() => detail.scrollIntoView({ block: "nearest" }));
  });
  const onPick = ({ module }: Node) => pick(module, "imports");
  return (
    <>
      <div class="controls">
        <h3>All imports</h3>
        <label>
          of{" "}
          <select value={() => chosen.val} onchange={(event: Event) => {
            chosen.val = (event.target as HTMLSelectElement).value;
          }}>
            {trees.map((one, index) => (
              <option value={index} selected={String(index) === chosen.rawVal}>{one.words} ({countText(one.count)})</option>
            ))}
          </select>
        </label>
        <label>
          Search{" "}
          <input type="search" value={() => query.val} placeholder="name, file, package, failed …" oninput={(event: Event) => {
            query.val = (event.target as HTMLInputElement).value;
          }} />
        </label>
        <span role="status">
          {() => (found.val ? `${many(found.val.size, "module")} of ${countText(tree.val.count)}` : "")}
        </span>
      </div>
      {icicle({ tree, found, picked, onPick })}
      {detail}
      <div class="controls">{choice("Rows", [["", "Tree"], ["yes", "List"]], list)}</div>
      {moduleTable({ tree, found, flat, picked, onPick })}
    </>
  );
}
