// SPDX-License-Identifier: Apache-2.0
// The page of a comparison: the answer, then what brought it, from what weighs most to the lists.
import type { Diff } from "./diff";
import { head, totals } from "./diff_head";
import { imports } from "./diff_imports";
import { folders, libraries, packages, problems, requirements } from "./diff_lists";
import { loadedPackages, modules } from "./diff_modules";
import { counts, phases, workers } from "./diff_phases";
import { runs } from "./diff_runs";
import { countText } from "./figures";
import { add } from "./jsx";
import type { View } from "./parts";

const VIEWS: View<Diff>[] = [
  phases, runs, modules, imports, loadedPackages, counts, workers, totals, problems, requirements, packages, libraries, folders,
];

/** The answer, and what adds all that takes longer to lay out. */
export function diffPage(diff: Diff): [markup: JSX.Element, rest: () => void] {
  const sections = VIEWS.map((view) => view(diff)).filter((one) => !!one);
  const main = <main aria-busy="true" /> as HTMLElement;
  const markup = (
    <>
      {head(diff)}
      <nav class="sections" aria-label="Sections">
        {sections.map(([id, title, , count = null]) => <a href={`#${id}`}>{title}{count !== null && ` ${countText(count)}`}</a>)}
      </nav>
      {main}
    </>
  );
  return [markup, () => {
    add(main, sections.map(([id, title, contents]) => <section id={id}><h2>{title}</h2>{contents()}</section>) as never);
    main.ariaBusy = "false";
    main.after(<footer>This page is one file and loads nothing from the network.</footer> as Node);
  }];
}
