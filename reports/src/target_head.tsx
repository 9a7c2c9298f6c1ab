// SPDX-License-Identifier: Apache-2.0
// What a target is, how large, and what stands out.
import type { ComponentChildren } from "./jsx";
import { KINDS, KIND_NAMES } from "./bytes_tree";
import { count, countText, many, size, sizeText, total } from "./figures";
import { NO_LIBRARIES, missingLibraries } from "./libraries";
import type { AnyModel, Model } from "./model";
import { fact, lines, strip, verdictLine, type View } from "./parts";
import type { Amount, Report } from "./report";
import { name, shown, textOf, textsOf } from "./text";

export function targetHead({ report }: AnyModel): JSX.Element {
  return (
    <header>
      <p class="brand faint"><b>thaw</b> dependency report</p>
      <h1>{answer(report)}</h1>
      {summary(report)}
    </header>
  );
}

/** Beside a recording: a section of its own. */
export const targetSection: View<Model> = ({ report }) =>
  !!report.target && ["target", "What is shipped", () => [<p>{answer(report)}</p>, summary(report)]];

function answer({ target, totals }: Report): ComponentChildren {
  return [totals && size(totals.disk_bytes), " ", <span>on disk in {name(target!, "path")}</span>];
}

function summary(report: Report): JSX.Element {
  const { totals } = report;
  const [bad, waste] = [wrong(report), wasted(report)].map((all) => all.filter(([, , texts]) => texts.length > 0).map(line));
  return (
    <>
      {bad!.length === 0 && report.libraries && verdictLine(true, "Fits", "Nothing is missing, in conflict, or of another platform.")}
      {!report.libraries && <p>{NO_LIBRARIES}</p>}
      {lines(bad!, "alerts")}
      {lines(waste!, "finding")}
      {totals?.kinds && strip(
        KIND_NAMES.map((name) => ({ name, partAmount: totals.kinds![name]?.disk_bytes ?? 0, fill: `var(--${KINDS[name]})` }))
          .filter(({ partAmount }) => partAmount > 0),
        totals.disk_bytes, size)}
      {targetFacts(report)}
    </>
  );
}

const MOST_TEXTS = 5;

type Line = [section: string, title: string, texts: string[]];

/** "Conflicts: a, b and 3 more" */
function line([section, title, texts]: Line): ComponentChildren {
  const more = texts.length - MOST_TEXTS;
  return [
    <a href={`#${section}`}>{title}</a>, ": ", shown(texts.slice(0, MOST_TEXTS).join(", ")),
    more > 0 && ` and ${countText(more)} more`,
  ];
}

function over({ limits = [] }: Report, hard: boolean): string[] {
  return limits.filter((one) => one.exceeded && one.hard === hard)
    .map((one) => `${sizeText(one.bytes)} of ${sizeText(one.limit_bytes)}: ${one.what}`);
}

/** What will not work. */
function wrong(report: Report): Line[] {
  const { conflicts = [], faults = [], foreign = [], libraries } = report;
  return [
    ["limits", "Over a limit", over(report, true)],
    ["missing", "Missing libraries", missingLibraries(libraries ?? []).map((one) => one.name)],
    ["conflicts", "Conflicts", conflicts.map((one) => textOf(one, "what")!)],
    ["foreign", "Files of another platform", foreign.map((one) => textOf(one, "path")!)],
    ["faults", "Faults", faults.map((one) => textOf(one, "path")!)],
  ];
}

/** What is shipped for nothing. */
function wasted(report: Report): Line[] {
  const sum = (all: number[]) =>
    all.length > 0 ? [`${sizeText(total(all, (one) => one))} in ${countText(all.length)}`] : [];
  return [
    ["limits", "More than is advised", over(report, false)],
    ["duplicates", "Libraries shipped again", sum((report.duplicates ?? []).map((one) => one.waste_bytes))],
    ["libraries", "Libraries to strip", sum((report.libraries ?? []).flatMap((one) => (!one.outside && one.strip_bytes) || []))],
  ];
}

function targetFacts({ distributions, target, totals }: Report): JSX.Element {
  const { kind, python } = target!;
  const keys = ["implementation", python.full_version ? "full_version" : "version", "machine"] as const;
  const amount = (title: string, of: Amount | undefined | null) =>
    of && fact(title, [size(of.disk_bytes), " on disk", <small>{size(of.bytes)} in {many(of.files, "file")}</small>]);
  const list = (title: string, key: "signs" | "sites" | "folders_read") =>
    fact(title, target![key].length > 0 && shown(textsOf(target!, key).join(", ")), "wide");
  return (
    <dl class="facts">
      {fact("Target", kind.replaceAll("-", " "))}
      {fact("Python", [shown(keys.map((key) => textOf(python, key) ?? "").join(" ")), <small>by {name(python, "evidence")}</small>])}
      {amount("Size", totals)}
      {amount("App", totals?.app)}
      {amount("Of no package", totals?.unowned)}
      {totals && fact("Folders", count(totals.directories))}
      {distributions && fact("Packages", [count(distributions.length), <small>{count(distributions.filter((one) => one.direct).length)} asked for</small>])}
      {list("Told by", "signs")}
      {list("Packages in", "sites")}
      {list("Folders read", "folders_read")}
    </dl>
  );
}
