// SPDX-License-Identifier: Apache-2.0
// The page: the answer, what to do first, then everything behind it.
import type { JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { concurrency, sharedHosts } from "./concurrency";
import { coverage } from "./coverage";
import { durable } from "./durable";
import { criticalPath } from "./critical_path";
import { effects } from "./effects";
import { countText } from "./figures";
import { findings, firstFinding } from "./findings";
import { facts, head } from "./head";
import { Imports } from "./imports";
import { machines } from "./machines";
import type { Model } from "./model";
import { native } from "./native";
import { libraries, packages } from "./packages";
import { calls, processes } from "./runs";
import { spent } from "./spent";
import { timeline } from "./timeline";

/** The module that the address names: "#module-412". */
function moduleInAddress(model: Model): number | null {
  const found = /^#module-(\d+)$/.exec(location.hash);
  const id = found ? Number(found[1]) : null;
  return id !== null && model.modules.has(id) ? id : null;
}

type Section = [id: string, title: string, length: number | null];

function sections(model: Model): Section[] {
  const { report } = model;
  const lengthOf = (list: unknown[] | null) => list && list.length;
  const { virtual_machines } = report;
  return [
    ["timeline", "Timeline", null],
    ...(virtual_machines ? [["machines", "Virtual machines", virtual_machines.length] as Section] : []),
    ["critical-path", "Critical path", null],
    ["spent", "Parts of imports", null],
    ["imports", "Imports", report.modules.length],
    ["effects", "Effects", null],
    ["native", "Native code", null],
    ["findings", "Findings", lengthOf(report.findings)],
    ["packages", "Packages", lengthOf(report.distributions)],
    ["libraries", "Libraries", lengthOf(report.libraries)],
    ["calls", "Calls", report.invocations.length],
    ...(sharedHosts(model).length > 0 ? [["concurrency", "At once", null] as [string, string, null]] : []),
    ...(report.durable ? [["durable", "Orchestrations", null] as [string, string, null]] : []),
    ["processes", "Processes", report.processes.length],
    ["coverage", "Not seen", null],
  ];
}

/** The answer and the timeline; once `whole`, all that takes longer to lay out. */
export function Page({ model, whole }: { model: Model; whole: boolean }): JSX.Element {
  const [selected, setSelected] = useState(() => moduleInAddress(model));
  const [asked, setAsked] = useState(selected === null ? 0 : 1);
  useEffect(() => {
    const follow = () => {
      const id = moduleInAddress(model);
      if (id === null) return;
      setSelected(id);
      setAsked((before) => before + 1);
    };
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [model]);
  const select = (id: number | null) => {
    setSelected(id);
    history.replaceState(null, "", id === null ? "#imports" : `#module-${id}`);
  };
  // None of this changes: made once, it is not looked at again.
  const answer = useMemo(() => [head, firstFinding, facts].map((view) => view(model)), [model]);
  const first = useMemo(() => [timeline, machines].map((view) => view(model)), [model]);
  const where = useMemo(() => whole && [criticalPath(model), spent(model)], [model, whole]);
  const rest = useMemo(
    () => whole && [effects, native, findings, packages, libraries, calls, concurrency, durable, processes, coverage].map((view) => view(model)),
    [model, whole],
  );
  return (
    <>
      {answer}
      <nav class="sections" aria-label="Sections">
        {sections(model).map(([id, title, length]) => (
          <a href={`#${id}`}>
            {title}
            {length !== null && ` ${countText(length)}`}
          </a>
        ))}
      </nav>
      <main>
        {first}
        {where}
        {whole && <Imports model={model} selected={selected} asked={asked} onSelect={select} />}
        {rest}
      </main>
      <footer>This page is one file and loads nothing from the network.</footer>
    </>
  );
}
