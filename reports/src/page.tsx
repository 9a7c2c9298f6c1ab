// SPDX-License-Identifier: Apache-2.0
// The page: the answer, what to do first, then everything behind it.
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
import { add } from "./jsx";
import { libraries } from "./libraries";
import { machines } from "./machines";
import { isRecorded, type AnyModel, type Model } from "./model";
import { native } from "./native";
import { packages } from "./packages";
import type { Section, View } from "./parts";
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

/** The answer and the timeline, and what adds all that takes longer to lay out. */
export function page(model: AnyModel): [markup: JSX.Element, rest: () => void] {
  const recorded = isRecorded(model) && model;
  const of = <M,>(views: View<M>[], model: M | false) =>
    views.map((view) => model && view(model)).filter((one) => !!one);
  const sections = [...of(RECORDED, recorded), ...of(SHIPPED, model), ...of(LAST, recorded)];
  const section = ([id, title, contents]: Section) => <section id={id}><h2>{title}</h2>{contents()}</section>;
  const early = new Map(sections.filter(([id]) => EARLY.includes(id)).map((one) => [one, section(one)]));
  const main = <main aria-busy="true">{[...early.values()]}</main> as HTMLElement;
  const markup = (
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
      {main}
    </>
  );
  return [markup, () => {
    const all = sections.map((one) => early.get(one) ?? section(one));
    add(main, all as never);
    main.ariaBusy = "false";
    main.after(<footer>This page is one file and loads nothing from the network.</footer> as Node);
  }];
}
