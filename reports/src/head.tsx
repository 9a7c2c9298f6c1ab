// SPDX-License-Identifier: Apache-2.0
// The answer in five seconds: how long, from what to what, how sure, and where it went.
import type { ComponentChildren } from "./jsx";
import { gaps } from "./coverage";
import { durationText, headlineText, instantText, many, msText, sizeText } from "./figures";
import { processOf, trackProcess, type Model, type Recorded } from "./model";
import { moduleLink } from "./module_link";
import { details, fact, lines, strip, verdictLine, type Part } from "./parts";
import type { Failure, Invocation, Probe, Track } from "./report";
import { exitWords } from "./runs";
import { clause, listed, name, shown, textOf, textsOf } from "./text";
import { BACKENDS, PLATFORMS, beginning, color, phaseColor, phaseWords, wordsFor } from "./words";

export function head(model: Model): JSX.Element {
  const { report, mainTrack: track } = model;
  return (
    <header>
      <p class="brand faint">
        <b>thaw</b> cold-start report
        {report.run.started && ` · ${instantText(report.run.started)}`}
      </p>
      {track ? headline(track.total_ns, trackWords(model, track)) : runHeadline(report)}
      {verdict(model)}
      {lines(alerts(model), "alerts")}
      {track && strip(partsOf(track), track.total_ns)}
    </header>
  );
}

function headline(ns: number, words: ComponentChildren): JSX.Element {
  return (
    <h1>
      <data value={String(ns)} title={durationText(ns)}>{headlineText(ns)}</data> <span>{words}</span>
    </h1>
  );
}

function trackWords(model: Model, track: Track): ComponentChildren {
  const call = model.report.invocations.find((one) => one.track === track.id);
  if (track.answered) return ["from ", beginning(track), " to the first reply", call && callWords(call)];
  return trackProcess(model)?.role === "worker"
    ? `from ${beginning(track)} on; no first reply was seen`
    : "to start and import (no serverless platform was recognised)";
}

function callWords(call: Invocation): JSX.Element {
  return (
    <>
      {" of "}
      {call.function === null ? "an unknown function" : <b>{name(call, "function")}</b>}
      {call.kind !== null && [" (", name(call, "kind"), ")"]}
      {call.status !== "success" && clause(call, "status", ", ")}
    </>
  );
}

function runHeadline(report: Recorded): JSX.Element {
  const { run } = report;
  if (logOf(report)) return logHeadline(report);
  const { start_ns = 0, end_ns = 0 } = run;
  if (end_ns <= start_ns) return <h1>Nothing was recorded</h1>;
  return headline(end_ns - start_ns, "of recording; no serverless worker was recognised");
}

/** The row of a log of -X importtime, which is no recording. */
function logOf({ run, probes = [] }: Recorded): Probe | undefined {
  return run.backend === "importtime-log" ? probes.find((one) => one.name === "importtime.log") : undefined;
}

/** Of what a log has, nothing is a start; and what contradicts itself has no total. */
function logHeadline({ complete, modules, processes, run }: Recorded): JSX.Element {
  const words = many(modules.length, "import") + (processes.length > 1 ? ` of ${processes.length} processes` : "");
  if (!complete) return <h1>{words}; the log is not whole or contradicts itself, so there is no total</h1>;
  return headline(run.end_ns! - run.start_ns!, `in ${words}; what passed before and between is not known`);
}

function commandWords(report: Recorded): ComponentChildren {
  const log = logOf(report);
  if (log) return ["a log: ", <code>{name(log, "target")}</code>];
  return <code>{shown(commandLine(report) || "none: running processes were recorded")}</code>;
}

function verdict(model: Model): JSX.Element {
  return model.report.complete
    ? verdictLine(true, "Complete", logOf(model.report)
      ? "The times of the log agree with each other."
      : "The recording was closed properly and nothing was lost.")
    : verdictLine(false, "Incomplete", gaps(model)[0], " ", <a href="#coverage">All that is missing</a>);
}

/** What went wrong with the program itself: failures, a worker that ended without an answer. */
function alerts(model: Model): ComponentChildren[] {
  const { mainTrack: track, report: { failures = [], run, tracks } } = model;
  const worker = trackProcess(model);
  return [
    ...failures.map((failure) => failureWords(model, failure)),
    ...tracks.map((start) =>
      start.words && ["The worker (pid ", processOf(model, start.process)?.pid, ") ", name(start, "words")]),
    worker?.exit && worker.role === "worker" && !track!.answered && !track!.words &&
      `The worker (pid ${worker.pid}) ${exitWords(worker)}`,
    !!run.exit_status && `The command exited with status ${run.exit_status}`,
  ];
}

function failureWords(model: Model, failure: Failure): JSX.Element {
  const process = processOf(model, failure.process);
  return (
    <>
      The worker{process && ` (pid ${process.pid})`}{" "}
      {failure.waited_ns
        ? ["gave no ", name(failure, "message"), " in ", durationText(failure.waited_ns)]
        : ["answered with ", name(failure, "message"), ": ", <b>{name(failure, "status")}</b>]}
      {failure.failure !== null && [" (", name(failure, "failure"), ")"]}
      {clause(failure, "function", ", function ")}
      {failure.module && [": ", moduleLink(model, failure.module)]}
      {clause(failure, "meaning", failure.module ? "; " : ": ")}
    </>
  );
}

/** Counted phases by name, in order; a phase that comes twice is one part. */
function partsOf(track: Track): Part[] {
  const parts = new Map<string, Part>();
  for (const phase of track.phases) {
    if (phase.counted === false) continue;
    const { name } = phase;
    const part = parts.get(name) ?? { name, partAmount: 0, fill: phaseColor(name), words: phaseWords(name) };
    part.partAmount += phase.end_ns - phase.start_ns;
    parts.set(name, part);
  }
  if (track.unattributed_ns > 0)
    parts.set("", { name: "unattributed", partAmount: track.unattributed_ns, fill: color("unknown") });
  return [...parts.values()];
}

function machineWords({ machine }: Recorded): string {
  const { arch, container, cpus, cpu_limit, memory_limit, resumed_from_snapshot } = machine;
  const words = [
    arch,
    cpus && `${cpus} CPUs`,
    cpu_limit && `limited to ${cpu_limit} CPU`,
    memory_limit && `limited to ${sizeText(memory_limit)} of memory`,
    container && "in a container",
    resumed_from_snapshot && "resumed from a snapshot",
  ];
  return listed(words) || "unknown";
}

const INSTANTS: Record<string, string> = {
  created: "made",
  timekeeping: "timekeeping began",
  "init-forked": "init forked",
  "init-executed": "init executed",
  resumed: "resumed from a snapshot",
};

/** When the machine began, on the kernel's clock; "" where no boot is among the phases. */
function bootWords({ mainTrack: track, report: { machine } }: Model): string {
  if (track?.phases[0]?.name !== "vm") return "";
  const instants = (machine.boot ?? []).map((one) =>
    `${wordsFor(INSTANTS, one.what, one.what)} ${msText(one.at_ns)} ± ${msText(one.uncertainty_ns)} ms (${textOf(one, "source")})`);
  if (machine.kernel_log !== undefined && machine.kernel_log !== "read")
    instants.push(`the kernel's log: ${textOf(machine, "kernel_log")}`);
  return instants.join("; ");
}

/** For people: arguments with spaces in quotes. */
function commandLine({ run }: Recorded): string {
  const quoted = (word: string) => (word === "" || /\s/.test(word) ? `'${word}'` : word);
  return textsOf(run, "command").map(quoted).join(" ");
}

export function facts(model: Model): JSX.Element {
  const { machine, processes, run, tool } = model.report;
  const python = trackProcess(model)?.python ? trackProcess(model) : processes.find((one) => one.python);
  const backend = textOf(run, "backend") ?? "";
  const worker = trackProcess(model);
  const signs = worker?.signs ? textsOf(worker, "signs") : [];
  const platform = textOf(run, "platform") ?? "none recognised";
  const boot = bootWords(model);
  return (
    <div class="about">
      <dl class="facts">
        {fact("Platform", shown(wordsFor(PLATFORMS, platform, platform)))}
        {fact("Python", python && name(python, "python"))}
        {fact("Linux", machine.kernel && name(machine, "kernel"))}
        {fact("Machine", [shown(machineWords(model.report)), clause(machine, "hypervisor", ", virtual: ")])}
        {fact("Page cache", run.cold !== undefined && (run.cold ? "emptied before" : "left as it was"))}
        {fact("Trial", run.trial && `${run.trial.number} of ${run.trial.of}`)}
        {fact("Recorded", ["by thaw", clause(tool, "version", " "), " ", shown(wordsFor(BACKENDS, backend, backend))])}
        {fact("Ended by", run.ended && name(run, "ended"))}
      </dl>
      {details(listed(["Command", signs.length > 0 && "signs", boot && "boot"]), (
        <dl class="facts">
          {fact("Command", commandWords(model.report), "wide")}
          {fact("Told by", signs.length > 0 && shown(signs.join(", ")), "wide")}
          {fact("Boot", boot && shown(`${boot}; signs: ${textsOf(machine, "signs").join(", ")}`), "wide")}
        </dl>
      ))}
    </div>
  );
}
