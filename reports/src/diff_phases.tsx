// SPDX-License-Identifier: Apache-2.0
// Phases before and after, as bars below one another, and what was loaded.
import type { ColdStart, Counts, Diff, Phase, Track } from "./diff";
import { countChange, sizeChange } from "./diff_figures";
import { measureColumns } from "./diff_measure";
import { changeWord, numberColumns, type NumbersRow } from "./diff_table";
import { count, size } from "./figures";
import { legend, note, percent, type View } from "./parts";
import { Table, made, type Column } from "./table";
import { name, textOf } from "./text";
import { phaseColor, phaseWords } from "./words";

type Row = Phase | (Pick<Phase, "change" | "level" | "counted" | "ns"> & { name: string; sum: true });

function nameCell(row: Row): JSX.Element {
  const words = "sum" in row ? "" : phaseWords(textOf(row, "name")!);
  return (
    <span class={row.level > 0 ? "sub" : ""}>
      {"sum" in row ? <b>{row.name}</b> : name(row, "name")}
      {row.change !== "same" && <> {changeWord(row.change)}</>}
      {!row.counted && <span class="tag">not counted</span>}
      {words && <small> {words}</small>}
    </span>
  );
}

/** What it took before above what it takes, on one scale: that of what is counted, beside hours of waiting nothing is seen. */
function pairOfBars({ ns, ...row }: Row, longest_ns: number): JSX.Element {
  return (
    <svg>
      <rect class="was" width={percent((ns.before_ns ?? 0) / longest_ns)} height="45%" />
      <rect fill={"sum" in row ? "var(--unknown)" : phaseColor(textOf(row, "name")!)} y="55%" width={percent((ns.after_ns ?? 0) / longest_ns)} height="45%" />
    </svg>
  );
}

/** Phases in order, what is in none, and the total. */
function rowsOf({ phases, total_ns, unattributed_ns }: ColdStart): Row[] {
  const sum = (name: string, ns: Row["ns"]): Row => ({ name, ns, change: "same", level: 0, counted: true, sum: true });
  const rest = (unattributed_ns.before_ns ?? 0) + (unattributed_ns.after_ns ?? 0) > 0;
  return [...phases, ...(rest ? [sum("unattributed", unattributed_ns)] : []), sum("total", total_ns)];
}

export const phases: View<Diff> = ({ cold_start: cold }) => {
  if (!cold || cold.phases.length === 0) return false;
  const rows = rowsOf(cold);
  const longest_ns = Math.max(...rows.filter((row) => row.counted && !("sum" in row)).flatMap(({ ns }) => [ns.before_ns ?? 0, ns.after_ns ?? 0])) || 1;
  const columns: Column<Row>[] = [
    { ...made<Row>("Phase", (row) => row.name), cell: nameCell },
    { ...made<Row>("Before above after", () => "bars"), cell: (row) => row.counted && !("sum" in row && row.name === "total") && pairOfBars(row, longest_ns), class: "pair" },
    ...measureColumns<Row>(({ ns }) => ns, cold.method),
  ];
  return ["phases", "Phases", () => [
    <Table captionText="Phases before and after" rowList={rows} columnList={columns} isFaint={({ counted }) => !counted} quiet />,
    legend([["slate", "before"], ["orange", "after, in the colour of the phase"]]),
  ]];
};

const COUNTS: [key: keyof Counts, title: string][] = [
  ["modules", "Modules"], ["app_modules", "of which your app's"], ["extensions", "of which extension modules"],
  ["compiled", "of which compiled from source"], ["failed", "Imports that failed"], ["packages", "Packages"],
  ["libraries", "Shared libraries mapped"], ["opened_bytes", "Files opened by modules"], ["lookups", "Look-ups in the file system"],
  ["failed_lookups", "of which in vain"],
];

export const counts: View<Diff> = ({ cold_start: cold }) => {
  if (!cold) return false;
  const rows: NumbersRow[] = COUNTS.map(([key, title]) => ({
    title, ...cold.counts[key],
    ...(key === "opened_bytes" ? { as: size, signed: sizeChange } : { as: count, signed: countChange }),
  })).filter((row) => row.before !== null || row.after !== null);
  return rows.length > 0 && ["counts", "What was loaded", () => [
    <Table captionText="Counts before and after" rowList={rows} columnList={numberColumns()} quiet />,
    note("Counts are exact from one run each; of several they are medians."),
  ]];
};

export const workers: View<Diff> = ({ cold_start: cold }) => !!cold && cold.tracks.length > 0 && [
  "workers", "Further workers",
  () => (
    <Table
      captionText="Further workers before and after" rowList={cold.tracks} quiet
      columnList={[
        made<Track>("Worker", ({ number }) => number + 1),
        { ...made<Track>("What", ({ change }) => change), cell: ({ change }) => changeWord(change) },
        ...measureColumns<Track>(({ total_ns }) => total_ns, cold.method),
      ]}
    />
  ),
  cold.tracks.length,
];
