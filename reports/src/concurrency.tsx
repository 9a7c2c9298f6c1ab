// SPDX-License-Identifier: Apache-2.0
// What workers did at once, and what further workers cost.
import { count, duration, many, shareText } from "./figures";
import { processWords, type Model } from "./model";
import { percent, type View } from "./parts";
import type { HostLoad, Invocation, Load, WorkerLoad } from "./report";
import { Table, figure, made, text, time, type Column } from "./table";

const LANES = 200; // invocations drawn at most: each is one or two rectangles
const ROW = 6; // pixels

type Derived = NonNullable<Load["derived"]>;

/** A worker with its load, or all of them together. */
type Row = Load & Partial<Derived & WorkerLoad> & { name: string };

const COLUMNS: Column<Row>[] = [
  text("Worker", "name"),
  figure("Calls", "invocations", count),
  figure("In flight", "most_in_flight", count, "most at once, observed"),
  figure("Ran", "most_running", count, "most handlers at once, derived"),
  made("Mean", (row) => row.running_average?.toFixed(2), "handlers that ran while any call was in flight, derived"),
  figure("Waited", "waited", count, "calls that waited for others, derived"),
  time("Longest", "waited_longest_ns", "that one of them waited"),
  made("Saturated", (row) => row.derived && shareText(row.derived.saturated_ns, row.busy_ns), "share of the time with calls in flight in which at least one waited"),
  time("Cold start", "cold_start_ns"),
  time("Imports", "imports_ns", "all of them, up to the first reply"),
  time("On the CPU", "imports_cpu_ns", "of the imports"),
];

function capacityWords({ capacity }: HostLoad): string {
  const { at_once, host_at_once, compared, waited, spread, spread_unlimited } = capacity;
  if (capacity.status === "unknown") return `How many ran at once can't be derived: ${capacity.reason}.`;
  if (capacity.status === "at-least")
    return `No call waited, as far as can be derived: a worker runs ${at_once} or more at once.`;
  return (
    `Each worker ran ${at_once} at once (${host_at_once} in all). This is derived from ${compared} calls, as no ` +
    `message says when a handler begins: so, the times of alike ones differ by ${(100 * spread).toFixed(1)} %; if nothing ` +
    `had limited the ${waited} of them that waited, theirs would by ${(100 * spread_unlimited).toFixed(0)} %.`
  );
}

function rows(model: Model, host: HostLoad): Row[] {
  const row = (name: string, load: Load, worker?: WorkerLoad): Row => ({ ...load, ...load.derived, ...worker, name });
  const all = host.workers.map((one) => row(processWords(model, one.process) ?? "worker", one.load, one));
  return all.length > 1 ? [...all, row("together", host.load)] : all;
}

/** A bar for each call, in the order they came: pale while it waited. */
function lanes(model: Model, host: HostLoad): JSX.Element | false {
  const tracks = new Set(host.workers.map((worker) => worker.track));
  const calls = model.report.invocations.filter(
    (call) => call.end_ns !== null && call.waited_ns !== undefined && tracks.has(call.track ?? 0),
  );
  if (calls.length < 2 || calls.length > LANES) return false;
  const start = Math.min(...calls.map((call) => call.start_ns));
  const length = Math.max(...calls.map((call) => call.end_ns!)) - start;
  const bar = (call: Invocation, from: number, to: number, y: number, name: string) =>
    to > from && (
      <rect class={name} x={percent((from - start) / length)} width={percent((to - from) / length)} y={y} height={ROW - 1}>
        <title>{`${name} ${((to - from) / 1e6).toFixed(1)} ms, ${processWords(model, host.workers.find((one) => one.track === call.track)?.process)}`}</title>
      </rect>
    );
  return (
    <svg class="lanes" height={ROW * calls.length} role="img" aria-label={`${calls.length} calls over ${(length / 1e6).toFixed(0)} ms: waiting, then running`}>
      {calls.map((call, index) => {
        const running = call.start_ns + call.waited_ns!;
        return [bar(call, call.start_ns, running, ROW * index, "waited"), bar(call, running, call.end_ns!, ROW * index, "ran")];
      })}
    </svg>
  );
}

function host(model: Model, one: HostLoad): JSX.Element {
  return (
    <>
      <p>{capacityWords(one)}</p>
      <Table captionText="What ran at once" rowList={rows(model, one)} columnList={COLUMNS} quiet={true} />
      {lanes(model, one)}
      {one.further_imports_ns !== null && (
        <p>
          Repeating the imports took {duration(one.further_imports_ns)} in{" "}
          {many(one.workers.length - 1, "further worker")}
          {one.further_imports_cpu_ns !== null && [", on the CPU ", duration(one.further_imports_cpu_ns)]}.
        </p>
      )}
    </>
  );
}

/** Those with more than one call of one worker. */
function sharedHosts({ report }: Model): HostLoad[] {
  return (report.concurrency?.hosts ?? []).filter(
    ({ load, workers }) => load.invocations > 1 || workers.length > 1,
  );
}

export const concurrency: View<Model> = (model) => {
  const hosts = sharedHosts(model);
  return hosts.length > 0 && ["concurrency", "What ran at once", () => hosts.map((one) => host(model, one))];
};
