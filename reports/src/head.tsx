// SPDX-License-Identifier: Apache-2.0
// The answer in five seconds: how long, from what to what, how sure, and where it went.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { duration, headline, instant, size } from "./figures";
import { isWorker, pythonProcess, type Model } from "./model";
import { Fact, Lines, Strip, type Part } from "./parts";
import type { Failure, Report, Track } from "./report";
import { PAGE } from "./table";
import { Clause, Name, Shown, textOf, textsOf } from "./text";
import { BACKENDS, PLATFORMS, beginning, color, phaseColor, phaseWords } from "./words";

export function Head({ model }: { model: Model }): JSX.Element {
  const { report, track } = model;
  return (
    <header>
      <p class="brand faint">
        <b>thaw</b> cold-start report
        {report.run.started && ` · ${instant(report.run.started)}`}
      </p>
      {track ? <TrackHeadline model={model} track={track} /> : <RunHeadline report={report} />}
      <Verdict report={report} />
      <Alerts model={model} />
      {track && <Strip parts={partsOf(track)} whole={track.total_ns} />}
      <Facts model={model} />
    </header>
  );
}

function Headline({ ns, children }: { ns: number; children: ComponentChildren }): JSX.Element {
  return (
    <h1>
      <data value={String(ns)} title={duration(ns)}>{headline(ns)}</data> <span>{children}</span>
    </h1>
  );
}

function TrackHeadline({ model, track }: { model: Model; track: Track }): JSX.Element {
  return (
    <Headline ns={track.total_ns}>
      {track.answered
        ? <>from {beginning(track)} to the first reply<FirstCall model={model} track={track} /></>
        : isWorker(model, track)
          ? `from ${beginning(track)} on; no first reply was seen`
          : "to start and import (no serverless platform was recognised)"}
    </Headline>
  );
}

function FirstCall({ model, track }: { model: Model; track: Track }): JSX.Element | null {
  const call = model.report.invocations.find((one) => one.track === track.id);
  if (!call) return null;
  return (
    <>
      {" of "}
      {call.function === null ? "an unknown function" : <b><Name of={call} at="function" /></b>}
      {call.kind !== null && <> (<Name of={call} at="kind" />)</>}
      {call.status !== "success" && <Clause of={call} at="status" before=", " />}
    </>
  );
}

function RunHeadline({ report }: { report: Report }): JSX.Element {
  const { start_ns = 0, end_ns = 0 } = report.run;
  if (end_ns <= start_ns) return <h1>Nothing was recorded</h1>;
  return (
    <Headline ns={end_ns - start_ns}>
      {ending(report)}; no serverless worker was recognised, so there are no phases
    </Headline>
  );
}

function ending({ run }: Report): string {
  if (typeof run.exit_status === "number")
    return `until the command exited with status ${run.exit_status}`;
  if (run.ended === "interrupted") return "until the recording was interrupted";
  if (run.ended === "duration") return "for as long as was asked";
  return run.ended ? "until the recording was closed" : "until the recording breaks off";
}

/** Why figures may be too small. */
function incompleteWords({ recording, losses }: Report): string {
  if (recording && !recording.finished)
    return "The recording was cut off; figures reach only as far as it does.";
  return losses.length > 0
    ? "Events were lost; figures may be too small."
    : "Some of the run was not seen.";
}

function Verdict({ report }: { report: Report }): JSX.Element {
  return report.complete ? (
    <p class="verdict">
      <b class="good">Complete</b> The recording was closed properly and nothing was lost.
    </p>
  ) : (
    <p class="verdict">
      <b>Incomplete</b> {incompleteWords(report)} <a href="#coverage">What is missing</a>
    </p>
  );
}

function failureWords(model: Model, failure: Failure): JSX.Element {
  const process = model.processes.get(failure.process ?? 0);
  return (
    <>
      The worker{process && ` (pid ${process.pid})`} answered with <Name of={failure} at="message" />:{" "}
      <b><Name of={failure} at="status" /></b>
      {failure.failure !== null && <> (<Name of={failure} at="failure" />)</>}
      <Clause of={failure} at="function" before=", function " />
    </>
  );
}

const FEW = 5; // failures

/** What went wrong with the program itself: failures, a worker that ended without an answer. */
function Alerts({ model }: { model: Model }): JSX.Element {
  const { track, report: { failures = [], run } } = model;
  const worker = track && model.processes.get(track.process);
  const [shown, setShown] = useState(FEW);
  const lines: ComponentChildren[] = failures.slice(0, shown).map((failure) => failureWords(model, failure));
  if (failures.length > shown)
    lines.push(<button onClick={() => setShown(shown + PAGE)}>and {failures.length - shown} more</button>);
  if (worker?.exit && worker.role === "worker" && !track?.answered)
    lines.push(
      `The worker (pid ${worker.pid}) ` +
        (worker.exit.signal === null
          ? `exited with status ${worker.exit.code}`
          : `was ended by signal ${worker.exit.signal}`),
    );
  if (run.exit_status) lines.push(`The command exited with status ${run.exit_status}`);
  return <Lines class="alerts" of={lines} />;
}

/** Counted phases by name, in order; a phase that comes twice is one part. */
function partsOf(track: Track): Part[] {
  const parts = new Map<string, Part>();
  for (const phase of track.phases) {
    if (phase.counted === false) continue;
    const { name } = phase;
    const part = parts.get(name) ?? { name, ns: 0, fill: phaseColor(name), words: phaseWords(name) };
    part.ns += phase.end_ns - phase.start_ns;
    parts.set(name, part);
  }
  if (track.unattributed_ns > 0)
    parts.set("", { name: "in no phase", ns: track.unattributed_ns, fill: color("unknown") });
  return [...parts.values()];
}

function machineWords({ machine }: Report): string {
  const { arch, cpus, cpu_limit, memory_limit, resumed_from_snapshot } = machine;
  const words = [
    arch,
    cpus && `${cpus} CPUs`,
    cpu_limit && `limited to ${cpu_limit} CPU`,
    memory_limit && `limited to ${size(memory_limit)} of memory`,
    resumed_from_snapshot && "resumed from a snapshot",
  ];
  return words.filter(Boolean).join(", ") || "unknown";
}

/** For people: arguments with spaces in quotes. */
function commandLine(report: Report): string {
  const quoted = (word: string) => (word === "" || /\s/.test(word) ? `'${word}'` : word);
  return textsOf(report.run, "command").map(quoted).join(" ");
}

function Facts({ model }: { model: Model }): JSX.Element {
  const { machine, run, tool } = model.report;
  const python = pythonProcess(model);
  const backend = textOf(run, "backend") ?? "";
  const platform = textOf(run, "platform");
  return (
    <dl class="facts">
      <Fact title="Platform">
        <Shown text={platform === null ? "none recognised" : PLATFORMS[platform] ?? platform} />
      </Fact>
      <Fact title="Python">{python && <Name of={python} at="python" />}</Fact>
      <Fact title="Linux">{machine.kernel && <Name of={machine} at="kernel" />}</Fact>
      <Fact title="Machine">
        <Shown text={machineWords(model.report)} />
        <Clause of={machine} at="hypervisor" before=", virtual: " />
      </Fact>
      <Fact title="Page cache">
        {run.cold !== undefined && (run.cold ? "emptied before" : "left as it was")}
      </Fact>
      <Fact title="Trial">{run.trial && `${run.trial.number} of ${run.trial.of}`}</Fact>
      <Fact title="Recorded">
        by thaw<Clause of={tool} at="version" before=" " /> <Shown text={BACKENDS[backend] ?? backend} />
      </Fact>
      <Fact title="Command" class="wide">
        <code><Shown text={commandLine(model.report) || "none: running processes were recorded"} /></code>
      </Fact>
    </dl>
  );
}
