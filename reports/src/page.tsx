// SPDX-License-Identifier: Apache-2.0
// The page: the answer, what to do first, then everything behind it.
import type { JSX } from "preact";
import { calls, processes } from "./runs";
import { concurrency } from "./concurrency";
import { coverage } from "./coverage";
import { criticalPath } from "./critical_path";
import { durable } from "./durable";
import { effects } from "./effects";
import { countText } from "./figures";
import { findings, firstFinding } from "./findings";
import { facts, head } from "./head";
import { imports } from "./imports";
import { libraries } from "./libraries";
import { machines } from "./machines";
import { isRecorded, type AnyModel, type Model } from "./model";
import { native } from "./native";
import { packages } from "./packages";
import type { View } from "./parts";
import { spent } from "./spent";
import { targetHead, targetSection } from "./target_head";
import { LISTS } from "./target_lists";
import { timeline } from "./timeline";
import { bytes } from "./treemap";
import { use } from "./use";

const RECORDED: View<Model>[] = [
  timeline, machines, criticalPath, spent, imports, effects, native, findings, targetSection,
];
const SHIPPED: View[] = [bytes, use, packages, libraries, ...LISTS];
const LAST: View<Model>[] = [calls, concurrency, durable, processes, coverage];

const EARLY = ["timeline", "machines"];

/** The answer and the timeline; once `whole`, all that takes longer to lay out. */
export function page(model: AnyModel, whole: boolean): JSX.Element {
  const recorded = isRecorded(model) && model;
  const of = <M,>(views: View<M>[], model: M | false) =>
    views.map((view) => model && view(model)).filter((one) => !!one);
  const sections = [...of(RECORDED, recorded), ...of(SHIPPED, model), ...of(LAST, recorded)];
  return (
    <>
      {recorded ? [head(recorded), firstFinding(recorded), facts(recorded)] : targetHead(model)}
      <nav class="sections" aria-label="Sections">
        {sections.map(([id, title, , count = null]) => (
          <a href={`#${id}`}>
            {title}
            {count !== null && ` ${countText(count)}`}
          </a>
        ))}
      </nav>
      <main aria-busy={!whole}>
        {sections.map(([id, title, contents]) => (whole || EARLY.includes(id)) && (
          <section id={id}><h2>{title}</h2>{contents()}</section>
        ))}
      </main>
      {whole && <footer>This page is one file and loads nothing from the network.</footer>}
    </>
  );
}
