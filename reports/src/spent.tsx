// SPDX-License-Identifier: Apache-2.0
// What time of imports went into: by part, and of each part what was not computing.
import type { ComponentChildren } from "./jsx";
import { countedModules } from "./costliest";
import { count, countText, duration, many, size, total, type Figure } from "./figures";
import { lackingProbes, processOf, processWords, trackProcess, type Model } from "./model";
import { NO_IMPORT, lines, ofList, strip, swatch, type View } from "./parts";
import { WAIT_TITLES, type Module, type PartWaits, type Probe } from "./report";
import { Table, figure, shares, time, type Column } from "./table";
import { clause, name, shown } from "./text";
import { COLLECTIONS, SPLIT_PARTS, color, capitalized, isImporttime } from "./words";

/** One part of the own time of modules. Of what was not measured there is nothing, never 0. */
interface Spent {
  name: string;
  fill: string;
  ns: number;
  cpu_ns?: number;
  io_ns?: number;
  runqueue_ns?: number;
  sleep_ns?: number;
  minor_faults?: number;
  major_faults?: number;
  disk_bytes?: number;
  read_bytes?: number;
  memory_bytes?: number;
}

type Use = keyof PartWaits;

const TIMES: ("io_ns" | "runqueue_ns" | "sleep_ns")[] = ["io_ns", "runqueue_ns", "sleep_ns"];

/** By what a module tells that a use was measured: none that is 0 is in its waits. */
const TOLD_BY: Record<Use, keyof Module> = {
  io_ns: "wait",
  runqueue_ns: "wait",
  sleep_ns: "wait",
  minor_faults: "faults",
  major_faults: "faults",
  disk_bytes: "disk_bytes",
  read_bytes: "read_bytes",
  memory_bytes: "memory_bytes",
};

const USES = Object.keys(TOLD_BY) as Use[];

function timeOf(module: Module, key: (typeof SPLIT_PARTS)[number][0] | "gc"): number {
  return (key === "gc" ? module.gc_ns : module.split[`${key}_ns`]) ?? 0;
}

function addUses(row: Spent, module: Module, ns: number, used: PartWaits | undefined): void {
  for (const use of USES)
    if (module.waits && module[TOLD_BY[use]] !== undefined) row[use] = (row[use] ?? 0) + (used?.[use] ?? 0);
  if (!module.waits || !module.wait) return;
  const off_ns = total(TIMES, (use) => used?.[use]);
  row.cpu_ns = (row.cpu_ns ?? 0) + Math.max(ns - off_ns, 0);
}

/** The parts that took time, or used anything; collections are the last. */
export function spentBy(modules: Module[]): Spent[] {
  return [...SPLIT_PARTS, COLLECTIONS].flatMap(([key, name, fill]) => {
    const row: Spent = { name, fill: color(fill), ns: 0 };
    for (const module of modules) {
      const ns = timeOf(module, key);
      const used = module.waits?.[key];
      row.ns += ns;
      if (ns > 0 || used) addUses(row, module, ns, used);
    }
    return row.ns > 0 || row.minor_faults || row.major_faults ? [row] : [];
  });
}

/** "+36.9 MB": by how much something grew. */
export const growth: Figure = (value, sign = "") => size(value, value && value > 0 ? "+" : sign);

function columns(whole: number): Column<Spent>[] {
  return [
    { title: "Part", at: "name", class: "part-name", cell: (row) => [swatch(row.fill), shown(row.name)] },
    time("Time", "ns"),
    shares(({ ns }) => ns, whole),
    time("On the CPU", "cpu_ns"),
    time(capitalized(WAIT_TITLES.io_ns), "io_ns", "waiting for a disk or file system"),
    time(capitalized(WAIT_TITLES.runqueue_ns), "runqueue_ns", "waiting for a free CPU"),
    time(capitalized(WAIT_TITLES.sleep_ns), "sleep_ns", "any other waiting"),
    figure("Minor faults", "minor_faults", count, "page faults without reading from a disk"),
    figure("Major faults", "major_faults", count, "page faults that read from a disk"),
    figure("Read", "read_bytes", size, "by read(2), of files or of anything else"),
    figure("From the disk", "disk_bytes", size, "brought into the page cache"),
    figure("Memory", "memory_bytes", growth, "by which the process's own memory grew"),
  ];
}

export function spentTable(caption: string, rows: Spent[]): JSX.Element {
  return <Table captionText={caption} rowList={rows} columnList={columns(total(rows, ({ ns }) => ns))} />;
}

/** One bar for the time of all rows. */
export function timeStrip(rows: Pick<Spent, "name" | "ns" | "fill">[]): JSX.Element | false {
  const parts = rows.filter(({ ns }) => ns > 0).map(({ name, ns, fill }) => ({ name, partAmount: ns, fill }));
  return strip(parts, total(parts, ({ partAmount }) => partAmount));
}

/** How much of the time was computing, and what the rest waited for; only where that is known of all. */
function doing(rows: Spent[]): ComponentChildren {
  const parts = ([
    ["cpu_ns", "on the CPU", "orange"],
    ["io_ns", WAIT_TITLES.io_ns, "blue"],
    ["runqueue_ns", WAIT_TITLES.runqueue_ns, "violet"],
    ["sleep_ns", WAIT_TITLES.sleep_ns, "slate"],
  ] as const).map(([at, name, fill]) => ({ name, ns: total(rows, (row) => row[at]), fill: color(fill) }));
  return total(parts, ({ ns }) => ns) > 0 && [<h3>What it was doing</h3>, timeStrip(parts)];
}

const PROBES = /^(python|loader|files|thread)\./;

export function lackWords(probe: Probe): ComponentChildren {
  return [name(probe, probe.without === null ? "name" : "without"), clause(probe, "reason")];
}

function lacking(model: Model, modules: Module[]): ComponentChildren[] {
  const told = modules.filter((one) => one.wait && one.waits).length;
  return [
    ...lackingProbes(model, PROBES).map((one) => ["not measured: ", lackWords(one)]),
    isImporttime(model.report.run.backend) &&
      "not measured: parts, and what was waited for; CPython's own report of imports has neither",
    told > 0 && told < modules.length && `waiting was measured of ${countText(told)} of ${many(modules.length, "module")}`,
  ];
}

function collectionWords(process: number | undefined, model: Model): JSX.Element | false {
  const gc = processOf(model, process)?.gc;
  return !!gc && gc.count > 0 && (
    <p>
      {many(gc.count, "garbage collection")} during imports took {duration(gc.ns)}, the longest{" "}
      {duration(gc.longest_ns)}. They stand in no other part.
    </p>
  );
}

export const spent: View<Model> = (model) => {
  const process = trackProcess(model)?.id;
  const modules = countedModules(model);
  return ["spent", "Parts of imports", ofList(modules, () => {
    const rows = spentBy(modules);
    return (
      <>
        <p>
          {duration(total(rows, ({ ns }) => ns))} in {many(modules.length, "import")} of{" "}
          {process === undefined ? "all processes" : [shown(processWords(model, process)), " that the total counts"]}, each
          without what it imported; threads that import at once count each.
        </p>
        {timeStrip(rows)}
        {doing(rows)}
        {spentTable("Parts of imports", rows)}
        {collectionWords(process, model)}
        {lines(lacking(model, modules))}
      </>
    );
  }, NO_IMPORT)];
};
