// SPDX-License-Identifier: Apache-2.0
// The page: the answer, what to do first, then everything behind it.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { concurrency, sharedHosts } from "./concurrency";
import { coverage } from "./coverage";
import { criticalPath } from "./critical_path";
import { durable } from "./durable";
import { effects } from "./effects";
import { countText } from "./figures";
import { findings, firstFinding } from "./findings";
import { facts, head } from "./head";
import { Imports } from "./imports";
import { libraries } from "./libraries";
import { machines } from "./machines";
import { isRecorded, type AnyModel, type Model } from "./model";
import { native } from "./native";
import { packages } from "./packages";
import { onHash, section } from "./parts";
import { calls, processes } from "./runs";
import { spent } from "./spent";
import { targetHead, targetSection } from "./target_head";
import { LISTS, type Shipped, type View } from "./target_lists";
import { timeline } from "./timeline";
import { Treemap } from "./treemap";
import { use } from "./use";

/** The module that the address names: "#module-412". */
function moduleInAddress(model: AnyModel): number | null {
  const found = /^#module-(\d+)$/.exec(location.hash);
  const id = found ? Number(found[1]) : null;
  return id !== null && model.moduleById.has(id) ? id : null;
}

type Section = [id: string, title: string, length: number | null];

const lengthOf = (list: unknown[] | null) => list && list.length;

const some = (there: unknown, id: string, title: string, length: number | null = null): Section[] =>
  there ? [[id, title, length]] : [];

function recordedSections(model: Model): Section[] {
  const { report } = model;
  const { virtual_machines } = report;
  return [
    ["timeline", "Timeline", null],
    ...some(virtual_machines, "machines", "Virtual machines", virtual_machines?.length),
    ["critical-path", "Critical path", null],
    ["spent", "Parts of imports", null],
    ["imports", "Imports", report.modules.length],
    ["effects", "Effects", null],
    ["native", "Native code", null],
    ["findings", "Findings", lengthOf(report.findings)],
    ...some(report.target, "target", "What is shipped"),
  ];
}

function lastSections(model: Model): Section[] {
  const { report } = model;
  return [
    ["calls", "Calls", report.invocations.length],
    ...some(sharedHosts(model).length, "concurrency", "At once"),
    ...some(report.durable, "durable", "Orchestrations"),
    ["processes", "Processes", report.processes.length],
    ["coverage", "Not seen", null],
  ];
}

const bytes: View = (model) => {
  const { target, totals } = model.report;
  return !!target && !!totals && ["bytes", "Bytes", null, section("bytes", "Where the bytes are", <Treemap model={model} />)];
};

const SHIPPED: View[] = [
  bytes,
  use,
  (model) => ["packages", "Packages", lengthOf(model.report.distributions), packages(model)],
  (model) => ["libraries", "Libraries", lengthOf(model.report.libraries), libraries(model)],
  ...LISTS,
];

/** The answer and the timeline; once `whole`, all that takes longer to lay out. */
export function Page({ model, whole }: { model: AnyModel; whole: boolean }): JSX.Element {
  const recorded = isRecorded(model) ? model : null;
  const [picked, setSelected] = useState(() => moduleInAddress(model));
  const [asked, setAsked] = useState(picked === null ? 0 : 1);
  useEffect(() => {
    const follow = () => {
      const id = moduleInAddress(model);
      if (id === null) return;
      setSelected(id);
      setAsked((before) => before + 1);
    };
    return onHash(follow);
  }, [model]);
  const select = (id: number | null) => {
    setSelected(id);
    history.replaceState(null, "", id === null ? "#imports" : `#module-${id}`);
  };
  // None of this changes: made once, it is not looked at again.
  const shipped = useMemo(() => SHIPPED.map((view) => view(model)).filter((one): one is Shipped => !!one), [model]);
  const [answer, first, middle, last] = useMemo(() => {
    const make = (recorded: Model | null | false, ...views: ((model: Model) => ComponentChildren)[]) =>
      recorded && views.map((view) => view(recorded));
    return [
      make(recorded, head, firstFinding, facts) ?? targetHead(model),
      [make(recorded, timeline, machines), make(whole && recorded, criticalPath, spent)],
      make(whole && recorded, effects, native, findings, targetSection),
      make(whole && recorded, calls, concurrency, durable, processes, coverage),
    ];
  }, [model, whole]);
  const sections = [
    ...(recorded ? recordedSections(recorded) : []),
    ...shipped,
    ...(recorded ? lastSections(recorded) : []),
  ];
  return (
    <>
      {answer}
      <nav class="sections" aria-label="Sections">
        {sections.map(([id, title, length]) => (
          <a href={`#${id}`}>
            {title}
            {length !== null && ` ${countText(length)}`}
          </a>
        ))}
      </nav>
      <main aria-busy={!whole}>
        {first}
        {whole && recorded && <Imports model={recorded} picked={picked} asked={asked} onPick={select} />}
        {middle}
        {whole && shipped.map((one) => one[3])}
        {last}
      </main>
      {whole && <footer>This page is one file and loads nothing from the network.</footer>}
    </>
  );
}
