// SPDX-License-Identifier: Apache-2.0
// Calls of functions, failures, processes.
import type { JSX } from "preact";
import { Duration, Ms } from "./figures";
import { processWords, type Model } from "./model";
import { Section } from "./parts";
import type { Invocation, Process } from "./report";
import { Table, figure, text, type Column } from "./table";
import { Clause } from "./text";

const CLOCK = "on the headline's clock";

/** ns since what the headline's clock begins with. */
function since({ track, report }: Model, ns: number): number {
  return ns - (track?.start_ns ?? report.run.start_ns ?? 0);
}

export function wordsOf(model: Model, process: number | null | undefined): string | null {
  return process ? processWords(model.processes.get(process)) : null;
}

const length = (span: { start_ns: number; end_ns: number | null }) =>
  span.end_ns === null ? null : span.end_ns - span.start_ns;

function callColumns(model: Model): Column<Invocation>[] {
  const worker = (call: Invocation) => model.report.tracks.find((one) => one.id === call.track)?.process;
  return [
    text("Function", "function"),
    text("Trigger", "kind"),
    figure("At (ms)", (call) => since(model, call.start_ns), Ms, CLOCK),
    figure("Took (ms)", length, Ms),
    text("Result", "status"),
    { title: "First of its worker", value: (call) => (call.cold ? "yes" : "no") },
    { title: "Worker", value: (call) => wordsOf(model, worker(call)) },
  ];
}

export function Calls({ model }: { model: Model }): JSX.Element {
  return (
    <Section id="calls" title="Calls" list={model.report.invocations} empty="No call of a function was seen.">
      {(rows) => <Table caption="Calls of functions" rows={rows} columns={callColumns(model)} />}
    </Section>
  );
}

function exitWords({ exit, end_ns }: Process): string {
  if (end_ns === null || !exit) return "still ran";
  return exit.signal === null ? `exited with status ${exit.code}` : `ended by signal ${exit.signal}`;
}

function processColumns(model: Model): Column<Process>[] {
  return [
    text("Pid", "pid"),
    text("Role", "role"),
    text("Program", "executable"),
    text("Python", "python"),
    { title: "Started by", value: (one) => model.processes.get(one.parent ?? 0)?.pid, help: "its pid" },
    figure("Start (ms)", (one) => since(model, one.start_ns), Ms, CLOCK),
    figure("Ran (ms)", length, Ms),
    { title: "End", value: exitWords },
    text("Imports seen", "coverage"),
  ];
}

export function Processes({ model }: { model: Model }): JSX.Element {
  const { processes, run } = model.report;
  const { start_ns, end_ns } = run;
  return (
    <Section id="processes" title="Processes" list={processes} empty="No process was seen.">
      {(rows) => (
        <>
          <Table caption="Processes" rows={rows} columns={processColumns(model)} />
          <p class="faint">
            The whole recording took <Duration of={end_ns && start_ns && end_ns - start_ns} />
            <Clause of={run} at="directory" before=", in " />.
          </p>
        </>
      )}
    </Section>
  );
}
