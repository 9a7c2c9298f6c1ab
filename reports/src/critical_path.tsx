// SPDX-License-Identifier: Apache-2.0
// What the first reply waited for, moment by moment, and what ran beside that.
import { duration, share } from "./figures";
import { moduleOf, processWords, type Model } from "./model";
import { moduleLink } from "./module_link";
import { ofList, type View } from "./parts";
import type { Beside, CriticalStep, Track } from "./report";
import { Table, made, sinceColumn, text, time, type Column } from "./table";

const length = (span: { start_ns?: number; end_ns?: number }) => (span.end_ns ?? 0) - (span.start_ns ?? 0);

function stepColumns(model: Model, track: Track): Column<CriticalStep>[] {
  const whole = length(track);
  return [
    sinceColumn("At", model, (step) => step.start_ns),
    time("Took", length),
    { ...made<CriticalStep>("Share", length), cell: (step) => share(length(step), whole), class: "number" },
    text("Waited for", "waited_for"),
    made("Process", (step) => processWords(model, step.process)),
    text("In", "phase"),
    {
      ...made<CriticalStep>("Importing", ({ module }) => moduleOf(model, module)?.name,
        "the costliest module that began there"),
      cell: ({ module }) => module && moduleLink(model, module),
    },
    time("Off the CPU", ({ wait }) => wait && wait.io_ns + wait.runqueue_ns + wait.sleep_ns,
      "of the imports: waiting for a disk, a CPU or anything else"),
    text("How it is known", "confidence"),
  ];
}

function besideColumns(model: Model): Column<Beside>[] {
  return [
    made("Process", (one) => processWords(model, one.process)),
    text("Thread", "thread", "that imported; else it is the whole process"),
    sinceColumn("At", model, (one) => one.start_ns),
    time("Took", (one) => one.ns),
  ];
}

export const criticalPath: View<Model> = (model) => {
  const { mainTrack: track } = model;
  return ["critical-path", "Critical path", ofList(track?.critical_path ?? null, (steps) => (
    <>
      <p>
        What {track!.answered ? "the first reply" : "the start"} waited for in {duration(length(track!))}: the
        worker while it starts or owes its host an answer, the host while the worker has answered all.
      </p>
      <Table captionText="Critical path" rowList={steps} columnList={stepColumns(model, track!)} />
      <h3>Beside it</h3>
      {track!.beside?.length
        ? <Table captionText="Beside the critical path" rowList={track!.beside} columnList={besideColumns(model)} />
        : <p>Nothing else was seen to run in that time.</p>}
    </>
  ), "No start was recorded.")];
};
