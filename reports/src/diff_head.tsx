// SPDX-License-Identifier: Apache-2.0
// The answer in five seconds: more or less, by how much, and whether that can be trusted.
import type { Diff, Numbers, Side } from "./diff";
import { causes, coldAnswer, coldWarnings, isAnswered, notCompared, runsText } from "./diff_cold";
import { changeText, sizeChange, countChange, signedText } from "./diff_figures";
import { problemsOf } from "./diff_lists";
import { numberColumns, type NumbersRow } from "./diff_table";
import { count, many, size, sizeText } from "./figures";
import { fact, lines, type View } from "./parts";
import { Table } from "./table";
import { listed, name, shown, textOf } from "./text";

function brand(diff: Diff): JSX.Element {
  return (
    <p class="brand faint">
      <b>thaw</b> comparison: {name(diff.before, "name")} → <b>{name(diff.after, "name")}</b>
    </p>
  );
}

/** What differs at all, by kind: "3 packages", … */
function changesOf(diff: Diff): string[] {
  const counted = (list: unknown[] | null | undefined, one: string, several?: string) =>
    list?.length ? many(list.length, one, several) : "";
  const { modules = [] } = diff.cold_start ?? {};
  const of = (word: string) => modules.filter(({ change }) => change === word).length;
  const others = modules.length - of("came") - of("went");
  return [
    of("came") > 0 && `${many(of("came"), "module")} came`,
    of("went") > 0 && `${many(of("went"), "module")} went`,
    others > 0 && `${many(others, "module")} changed`,
    counted(diff.distributions, "package"),
    counted(diff.libraries, "shared library", "shared libraries"),
    counted(diff.requirements, "requirement"),
    counted(problemsOf(diff), "problem"),
    counted(diff.folders, "folder"),
  ].filter((one) => !!one) as string[];
}

export function head(diff: Diff): JSX.Element {
  const { cold_start: cold, totals: { disk_bytes } } = diff;
  const changes = changesOf(diff);
  const isSame = changes.length === 0 && (cold ? cold.total_ns.change_ns ?? 0 : disk_bytes.change) === 0;
  return (
    <header>
      {brand(diff)}
      {isSame ? <><h1><b>Nothing changed</b></h1><p class="verdict"><b class="good">The same</b> {cold ? "The same was loaded, in the same time." : "No size and no list differs."}</p></> : cold ? coldAnswer(cold, isAnswered(diff)) : targetAnswer(disk_bytes, changes)}
      {cold && !isSame && <p>{changes.length > 0 ? `Changed: ${listed(changes)}.` : "The same was loaded."}</p>}
      {cold && causes(cold)}
      {warnings(diff)}
      {notCompared(diff)}
      {sides(diff)}
    </header>
  );
}

function targetAnswer({ before, after, change }: Numbers, changes: string[]): JSX.Element {
  if (change === null) return <h1>{changes.length > 0 ? `Changed: ${listed(changes)}` : "Nothing that both have changed"}</h1>;
  return [
    <h1>
      <data value={String(change)}>{signedText(change, sizeText)}</data>{" "}
      <span>on disk: {sizeText(before!)} → {sizeText(after!)}{change !== 0 && before ? ` (${changeText(change, before)})` : ""}</span>
    </h1>,
    <p class="verdict">
      <b class={change > 0 ? "" : change < 0 ? "good" : "open"}>{change > 0 ? "Larger" : change < 0 ? "Smaller" : "As large"}</b>{" "}
      {changes.length > 0 ? `Changed: ${listed(changes)}.` : "No list changed."}
    </p>,
  ];
}

/** What makes the figures less than they look: incomplete sides, problems that came. */
function warnings(diff: Diff): JSX.Element | false {
  const came = problemsOf(diff).filter((one) => one.change === "came").length;
  const side = (title: string, one: Side) => [
    !one.complete && one.runs.length === 0 && <>{title} ({name(one, "name")}) is <b>incomplete</b>: what it lacks is not a change</>,
    one.faults > 0 && <>Of {title.toLowerCase()} ({name(one, "name")}) {many(one.faults, "place")} could not be read: its figures may be too small</>,
  ];
  return lines([
    ...coldWarnings(diff),
    ...side("The side before", diff.before), ...side("The side after", diff.after),
    came > 0 && <><a href="#problems">{many(came, "problem")}</a> came</>,
  ], "alerts");
}

function sides({ after, before, tool }: Diff): JSX.Element {
  return (
    <dl class="facts">
      {sideFact("Before", before)}
      {sideFact("After", after)}
      {fact("Compared", ["by thaw ", name(tool, "version")])}
    </dl>
  );
}

function sideFact(title: string, side: Side) {
  const { python } = side;
  const words = listed((["implementation", python.full_version ? "full_version" : "version", "machine"] as const).map((key) => textOf(python, key)), " ");
  const path = textOf(side, "path");
  return fact(title, [
    name(side, "name"),
    side.runs.length > 0 && <small>{shown(runsText(side))}</small>,
    <small>{shown(listed([textOf(side, "kind")?.replaceAll("-", " "), path !== textOf(side, "name") && path, words]))}</small>,
  ]);
}

export const totals: View<Diff> = ({ after, before, totals }) => {
  const bytes = (title: string, of: Numbers): NumbersRow => ({ title, ...of, as: size, signed: sizeChange });
  const counts = (title: string, of: Numbers): NumbersRow => ({ title, ...of, as: count, signed: countChange });
  const pair = (key: "distributions" | "libraries"): Numbers => ({
    before: before[key], after: after[key],
    change: before[key] !== null && after[key] !== null ? after[key] - before[key] : null,
  });
  const rows = [
    bytes("On disk", totals.disk_bytes),
    ...Object.entries(totals.kinds).map(([kind, amount]) => bytes(`of which ${kind}`, amount!.disk_bytes)),
    bytes("App's own", totals.app.disk_bytes), bytes("Of no package", totals.unowned.disk_bytes),
    bytes("Bytes of files", totals.bytes), counts("Files", totals.files), counts("Folders", totals.directories),
    counts("Packages", pair("distributions")), counts("Shared libraries", pair("libraries")),
  ].filter((one) => one.before !== null || one.after !== null);
  return rows.length > 0 && ["totals", "What is shipped", () => (
    <Table captionText="Totals" rowList={rows} columnList={numberColumns()} quiet />
  )];
};
