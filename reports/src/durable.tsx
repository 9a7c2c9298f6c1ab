// SPDX-License-Identifier: Apache-2.0
// Orchestrations of Durable Functions: replays, fan-outs, and time outside of workers.
import { count, many, size } from "./figures";
import { since, type Model } from "./model";
import { lines, note, type View } from "./parts";
import type { Durable, DurableBatch, DurableFunction, DurableInstance } from "./report";
import { Table, figure, headed, made, text, time, type Column } from "./table";

const FUNCTIONS: Column<DurableFunction>[] = [
  text("Function", "name"),
  text("What it is", "role"),
  figure("Calls", "invocations", count),
  figure("Failed", "failed", count),
  time("All", "total_ns", "from request to answer, added up"),
  time("Longest", "longest_ns"),
];

type Instance = DurableInstance & Partial<NonNullable<DurableInstance["divided"]>>;

const INSTANCES: Column<Instance>[] = [
  made("Instance", (one) => one.instance, "as they were seen first; ids are not recorded"),
  text("Orchestrator", "orchestrator"),
  figure("Executions", "executions", count),
  figure("Replays", "replays", count),
  time("Replays", "replays_ns", "from request to answer, added up"),
  figure("Requests", "request_bytes", size, "of all executions: each has the whole history"),
  figure("History", "history", count, "events"),
  figure("Activities", "activities", count),
  time("All", (one) => one.end_ns - one.start_ns, "from its first request to its last answer"),
  time("Orchestrator", "orchestrator_ns"),
  time("Activities", "activities_ns", "while the orchestrator was not in a worker"),
  time("Outside", "outside_ns", "neither was in a worker"),
];

type Batch = DurableBatch & { instance: number };

function batchColumns(model: Model): Column<Batch>[] {
  return [
    made("Instance", (one) => one.instance),
    time("At", (one) => since(model, one.scheduled_ns), "when they were scheduled, on the headline's clock"),
    figure("Scheduled", (one) => one.scheduled, count, "activities, by the next history"),
    figure("Seen", "seen", count),
    figure("In flight", "most_in_flight", count, "most at once, observed"),
    figure("Ran", (one) => one.most_running, count, "most handlers at once, derived"),
    made("Mean", (one) => one.running_average?.toFixed(2), "handlers that ran while any was in flight, derived"),
    figure("Waited for a worker", "cold", count, "that was not up when they were scheduled"),
    time("Longest", "cold_longest_ns", "that one of them waited while its worker started"),
    time("Took", (one) => one.end_ns && one.end_ns - one.scheduled_ns),
  ];
}

function unknownWords({ unknown_executions, unknown_activities }: Durable): (string | false)[] {
  return [
    !!unknown_executions && `${many(unknown_executions, "execution")} of orchestrators can't be told to an instance: too little of the request was seen.`,
    !!unknown_activities && `${many(unknown_activities, "activity", "activities")} can't be told to an instance: the host did not name it.`,
  ];
}

export const durable: View<Model> = (model) => {
  const found = model.report.durable;
  if (!found) return false;
  const batches = found.instances.flatMap(({ instance, batches }) => batches.map((one) => ({ ...one, instance })));
  return ["durable", "Orchestrations", () => [
    lines(unknownWords(found)),
    <Table captionText="Durable functions" rowList={found.functions} columnList={FUNCTIONS} />,
    headed("Instances", { captionText: "Instances", rowList: found.instances.map((one): Instance => ({ ...one, ...one.divided })), columnList: INSTANCES, quiet: true }),
    found.instances.length > 0 &&
      note("Outside is time in queues, storage and the host, or while workers start: what it went into can't be seen from here."),
    headed("Activities by the execution that scheduled them",
      { captionText: "Batches of activities", rowList: batches, columnList: batchColumns(model) }),
  ]];
};
