// SPDX-License-Identifier: Apache-2.0
// Calls of functions, processes.
import { duration } from "./figures";
import { processOf, processWords, type Model } from "./model";
import { note, ofList, type View } from "./parts";
import type { Invocation, Process } from "./report";
import { Table, made, sinceColumn, text, time, type Column } from "./table";
import { clause } from "./text";

const length = (span: { start_ns: number; end_ns: number | null }) =>
  span.end_ns === null ? null : span.end_ns - span.start_ns;

function callColumns(model: Model): Column<Invocation>[] {
  const worker = (call: Invocation) => model.report.tracks.find((one) => one.id === call.track)?.process;
  return [
    text("Function", "function"),
    text("Trigger", "kind"),
    sinceColumn("At", model, (call) => call.start_ns),
    time("Took", length),
    text("Result", "status"),
    made("First of its worker", (call) => (call.cold ? "yes" : "no")),
    made("Worker", (call) => processWords(model, worker(call))),
  ];
}

export const calls: View<Model> = (model) => {
  const { invocations } = model.report;
  return ["calls", "Calls", ofList(invocations, (rows) => (
    <Table captionText="Calls of functions" rowList={rows} columnList={callColumns(model)} />
  ), "No call of a function was seen."), invocations.length];
};

export function exitWords({ exit }: Process): string {
  if (!exit) return "still ran";
  return exit.signal === null ? `exited with status ${exit.code}` : `was ended by signal ${exit.signal}`;
}

function processColumns(model: Model): Column<Process>[] {
  return [
    text("Pid", "pid"),
    text("Role", "role"),
    text("Program", "executable"),
    text("Python", "python"),
    made("Started by", (one) => processOf(model, one.parent)?.pid, "its pid"),
    sinceColumn("Start", model, (one) => one.start_ns),
    time("Ran", length),
    time("GC", (one) => one.gc?.ns, "garbage collections during its imports"),
    made("End", exitWords),
    text("Imports seen", "coverage"),
  ];
}

export const processes: View<Model> = (model) => {
  const { processes, run } = model.report;
  const { start_ns, end_ns } = run;
  return ["processes", "Processes", ofList(processes, (rows) => (
    <>
      <Table captionText="Processes" rowList={rows} columnList={processColumns(model)} />
      {note("The whole recording took ", duration(end_ns && start_ns && end_ns - start_ns),
        clause(run, "directory", ", in "), ".")}
    </>
  ), "No process was seen."), processes.length];
};
