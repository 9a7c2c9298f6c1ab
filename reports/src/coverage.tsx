// SPDX-License-Identifier: Apache-2.0
// What was not seen, and what it was seen with.
import type { ComponentChildren, JSX } from "preact";
import { Count, Duration, many, share } from "./figures";
import type { Model } from "./model";
import { Lines } from "./parts";
import type { Interpreter, Loss, NotVisible, Probe, Run } from "./report";
import { wordsOf } from "./runs";
import { Table, text, type Column } from "./table";
import { Clause, Name, Shown } from "./text";

export function Coverage({ model }: { model: Model }): JSX.Element {
  const { not_visible, probes = [], run } = model.report;
  const lines = gaps(model);
  return (
    <section id="coverage">
      <h2>What was not seen</h2>
      {lines.length > 0 ? <Lines of={lines} /> : <p>Nothing is missing that this recording was to have.</p>}
      <h3>Not visible from inside this machine</h3>
      {not_visible.length > 0
        ? <Lines of={not_visible.map(notVisibleWords)} />
        : <p>Nothing is known to be out of sight.</p>}
      <h3>What recording cost</h3>
      <RecordingCost run={run} />
      {probes.length > 0 && (
        <details>
          <summary>{many(probes.length, "probe")}, {probes.filter(isAttached).length} attached</summary>
          <Table caption="Probes" rows={probes} columns={PROBE_COLUMNS} />
        </details>
      )}
    </section>
  );
}

const isAttached = (probe: Probe) => probe.status === "attached";

/** One line for each thing that a figure here may lack. */
function gaps(model: Model): ComponentChildren[] {
  const { report, track } = model;
  const { recording, modules, losses, interpreters = [], probes = [] } = report;
  const lines: ComponentChildren[] = [];
  if (recording && !recording.finished)
    lines.push("The recording was cut off: figures reach only as far as it does.");
  if (recording && recording.defect !== null)
    lines.push(<>The recording is damaged<Clause of={recording} at="defect" /></>);
  if (recording?.unknown_kinds)
    lines.push(`${many(recording.unknown_kinds, "event")} of a newer version of thaw were skipped.`);
  lines.push(...losses.map((one) => lossWords(model, one)));
  if (report.run.backend === "importtime")
    lines.push("Recorded without eBPF: imports are CPython's own report of their durations.");
  else lines.push(...probes.filter((one) => !isAttached(one)).map(probeWords));
  lines.push(...interpreters.filter((one) => one.coverage !== "from start").map(lateWords));
  const unfinished = modules.filter((one) => one.status === "unfinished").length;
  const inferred = modules.filter((one) => one.end_inferred).length;
  if (unfinished) lines.push(`The end of ${many(unfinished, "import")}: marked ≥, at least the time shown.`);
  if (inferred) lines.push(`The exact end of ${many(inferred, "import")}: marked ≤, at most the time shown.`);
  if (track && track.unattributed_ns > track.total_ns / 100)
    lines.push(
      <>
        <Duration of={track.unattributed_ns} />, {share(track.unattributed_ns, track.total_ns)} of the
        total, is in no phase.
      </>,
    );
  return lines;
}

function lossWords(model: Model, loss: Loss): JSX.Element {
  const process = wordsOf(model, loss.process);
  return (
    <>
      <b>Lost</b>
      <Clause of={loss} at="cause" />, <Count of={loss.count} /> times
      <Clause of={loss} at="what" />
      {process && <> (<Shown text={process} />)</>}
    </>
  );
}

function probeWords(probe: Probe): JSX.Element {
  return (
    <>
      Probe <Name of={probe} at="name" />, <Name of={probe} at="status" />
      <Clause of={probe} at="reason" />
      <Clause of={probe} at="without" before="; not seen without it: " />
    </>
  );
}

function lateWords(one: Interpreter): JSX.Element {
  return (
    <>
      Imports of Python<Clause of={one} at="version" before=" " /> in pid {one.pid}{" "}
      {one.coverage === "refused" ? "were not observed" : "were seen only from some point on"}
      <Clause of={one} at="reason" />
    </>
  );
}

function notVisibleWords(item: NotVisible): JSX.Element {
  return (
    <>
      <Name of={item} at="what" />
      <Clause of={item} at="why" />
      {item.typical_ns !== null && (
        <> (typically <Duration of={item.typical_ns} /><Clause of={item} at="source" before=", " />; in no total here)</>
      )}
    </>
  );
}

function RecordingCost({ run: { cost } }: { run: Run }): JSX.Element {
  if (!cost) return <p>Not measured.</p>;
  return (
    <p>
      <Duration of={cost.bpf_ns} /> in the kernel's probes, <Duration of={cost.traps_ns} /> in traps of the
      recorded programs, <Duration of={cost.reader_cpu_ns} /> of CPU in thaw itself,{" "}
      <Count of={cost.events} /> events.
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
