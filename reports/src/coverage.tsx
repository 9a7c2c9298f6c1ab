// SPDX-License-Identifier: Apache-2.0
// What was not seen, and what it was seen with.
import type { ComponentChildren } from "./jsx";
import { count, duration, many, shareText } from "./figures";
import { processWords, type Model } from "./model";
import { details, lines, type View } from "./parts";
import type { Interpreter, Loss, NotVisible, Probe, Run } from "./report";
import { Table, text, type Column } from "./table";
import { clause, name, shown } from "./text";
import { isImporttime } from "./words";

export const coverage: View<Model> = (model) => {
  const { not_visible, probes = [], run } = model.report;
  return ["coverage", "Not seen", () => [
    lines(gaps(model)) || <p>Nothing is missing that this recording was to have.</p>,
    <h3>Not visible from inside this machine</h3>,
    lines(not_visible.map(notVisibleWords)) || <p>Nothing is known to be out of sight.</p>,
    <h3>What recording cost</h3>,
    costWords(run),
    probes.length > 0 && details(
      `${many(probes.length, "probe")}, ${probes.filter(isAttached).length} attached`,
      <Table captionText="Probes" rowList={probes} columnList={PROBE_COLUMNS} />,
    ),
  ]];
};

const isAttached = (probe: Probe) => probe.status === "attached";

/** One line for each thing that a figure here may lack, the worst first. */
export function gaps(model: Model): ComponentChildren[] {
  const { report, mainTrack: track } = model;
  const { recording, modules, losses, interpreters = [], probes = [] } = report;
  const unfinished = modules.filter((one) => one.status === "unfinished").length;
  const inferred = modules.filter((one) => one.end_inferred).length;
  return [
    recording && !recording.finished && "The recording was cut off: figures reach only as far as it does.",
    recording && recording.defect !== null && ["The recording is damaged", clause(recording, "defect"), "."],
    !!recording?.unknown_kinds && `${many(recording.unknown_kinds, "event")} of a newer version of thaw were skipped.`,
    ...losses.map((one) => lossWords(model, one)),
    ...(isImporttime(report.run.backend)
      ? ["Recorded without eBPF: imports are CPython's own report of their durations."]
      : probes.filter((one) => !isAttached(one)).map(probeWords)),
    ...interpreters.filter((one) => one.coverage !== "from start").map(lateWords),
    unfinished > 0 && `The end of ${many(unfinished, "import")}: marked ≥, at least the time shown.`,
    inferred > 0 && `The exact end of ${many(inferred, "import")}: marked ≤, at most the time shown.`,
    !!track && track.unattributed_ns > track.total_ns / 100 && (
      <>
        Unattributed: {duration(track.unattributed_ns)}, {shareText(track.unattributed_ns, track.total_ns)} of the
        total, is in no phase.
      </>
    ),
  ].filter(Boolean);
}

/** Why there is nothing: as the probe's row says. */
export function unobserved({ report: { probes = [] } }: Model, probe: string, words: string, otherwise?: string): JSX.Element {
  const row = probes.find((one) => one.name === probe);
  return <p>{words}{row ? clause(row, "reason") : otherwise && `: ${otherwise}`}.</p>;
}

export function lossWords(model: Model, loss: Loss): JSX.Element {
  const process = processWords(model, loss.process);
  return (
    <>
      Lost: {name(loss, loss.what === null ? "cause" : "what")} ({name(loss, "cause")}
      {loss.count !== 1 && [", ", count(loss.count), " times"]}
      {process && [", ", shown(process)]})
    </>
  );
}

function probeWords(probe: Probe): JSX.Element {
  return (
    <>
      Probe {name(probe, "name")}, {name(probe, "status")}{clause(probe, "reason")}
      {clause(probe, "without", "; not seen without it: ")}.
    </>
  );
}

function lateWords(one: Interpreter): JSX.Element {
  return (
    <>
      Imports of Python{clause(one, "version", " ")} in pid {one.pid}{" "}
      {one.coverage === "refused" ? "were not observed" : "were seen only from some point on"}
      {clause(one, "reason")}.
    </>
  );
}

function notVisibleWords(item: NotVisible): JSX.Element {
  return (
    <>
      {name(item, "what")}{clause(item, "why")}
      {item.typical_ns !== null && (
        [" (typically ", duration(item.typical_ns), clause(item, "source", ", "), "; in no total here)"]
      )}
    </>
  );
}

function costWords({ cost }: Run): JSX.Element {
  if (!cost) return <p>Not measured.</p>;
  return (
    <p>
      {duration(cost.bpf_ns)} in the kernel's probes, {duration(cost.traps_ns)} in traps of the recorded
      programs, {cost.calls_ns ? [duration(cost.calls_ns), " on the way of system calls that are watched, "] : null}
      {duration(cost.reader_cpu_ns)} of CPU in thaw itself, {count(cost.events)} events;{" "}
      {duration(cost.closing_cpu_ns)} of CPU after the end, to close the recording.
    </p>
  );
}

const PROBE_COLUMNS: Column<Probe>[] = [
  text("Probe", "name"),
  text("State", "status"),
  text("On", "target"),
  text("How", "how"),
  text("Why not", "reason"),
  text("Not seen without it", "without"),
];
