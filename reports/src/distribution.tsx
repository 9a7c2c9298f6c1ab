// SPDX-License-Identifier: Apache-2.0
// Trials as distributions: a dot for each run, its median, an interval; all samples on one axis. A table
// of the same runs is beside it.
import type { Figure } from "./figures";
import { fold } from "./fold";
import type { ComponentChildren } from "./jsx";
import { percent } from "./parts";
import { niceStep, type Tick } from "./scale";
import { Table, figure, made, text } from "./table";
import { plain, shown } from "./text";
import { color } from "./words";

export interface SampleRun {
  /** What it is called, as it may come from outside. */
  runName: string;
  amount: number | null; // null: not measured in this run
  isOutlier?: boolean;
  /** What else there is to say of it. */
  remark?: string;
}

export interface Sample {
  sampleName: string;
  runList: SampleRun[];
  middle: number | null; // the median
  /** From, to: what it says is for the caller to explain. */
  interval?: [low: number, high: number] | undefined;
  fill: string; // a colour by its name in report.css
}

interface Properties {
  captionText: string;
  samples: Sample[];
  as: Figure;
  amountText: (amount: number) => string;
  /** A mark of the axis; without it as amountText. */
  tickText?: (amount: number) => string;
  /** What the interval is. */
  intervalWords?: string;
}

/** From a little below the least to a little above the most, with marks. */
interface Axis {
  at: (amount: number) => number;
  ticks: Tick[];
}

const MARGIN = 0.04; // of the range, on either side
const DOT = 8; // px
const MOST_STACKED = 8; // dots above one another; more lie closer
const PLACES = 80; // along the axis: dots of one place are stacked

function makeAxis(samples: Sample[]): Axis {
  const all = samples.flatMap(({ interval, middle, runList }) =>
    [...runList.map(({ amount }) => amount), middle, ...(interval ?? [])]).filter((one) => one !== null);
  const least = all.reduce((a, b) => Math.min(a, b), Infinity);
  const most = all.reduce((a, b) => Math.max(a, b), -Infinity);
  const pad = (most - least || Math.abs(most) || 1) * MARGIN;
  const [from, to] = [least >= 0 ? Math.max(least - pad, 0) : least - pad, most + pad];
  const step = niceStep(to - from, 6);
  const at = (amount: number) => (amount - from) / (to - from);
  const ticks: Tick[] = [];
  for (let i = Math.ceil(from / step); i * step <= to; i++) ticks.push({ ns: i * step, at: at(i * step) });
  return { at, ticks };
}

interface Dot extends SampleRun {
  at: number;
  level: number; // how many dots of its place are below it
}

function dotsOf({ runList }: Sample, { at }: Axis): Dot[] {
  const levels = new Map<number, number>();
  return runList.flatMap((run) => {
    if (run.amount === null) return [];
    const place = Math.round(at(run.amount) * PLACES);
    const level = levels.get(place) ?? 0;
    levels.set(place, level + 1);
    return [{ ...run, at: at(run.amount), level }];
  });
}

function strip(sample: Sample, axis: Axis, amountText: (amount: number) => string): JSX.Element {
  const dots = dotsOf(sample, axis);
  const stacked = Math.max(1, ...dots.map(({ level }) => level + 1));
  const step = stacked > MOST_STACKED ? (MOST_STACKED * DOT) / stacked : DOT;
  const height = Math.ceil(stacked * step) + 3 * DOT;
  const base = height - DOT;
  const { interval, middle } = sample;
  return (
    <svg height={height}>
      {axis.ticks.map(({ at }) => <line x1={percent(at)} x2={percent(at)} y2={height} />)}
      {interval && (
        <rect
          class="interval" x={percent(axis.at(interval[0]))} width={percent(axis.at(interval[1]) - axis.at(interval[0]))}
          y={base} height={4}
        />
      )}
      {dots.map(({ amount, at, isOutlier, level, remark, runName }) => (
        <rect
          x={percent(at)} y={base - DOT - level * step} width={DOT} height={DOT} rx={isOutlier ? 0 : DOT / 2}
          transform={`translate(${-DOT / 2})`} fill={color(isOutlier ? "failed" : sample.fill)}
        >
          <title>{[plain(runName), amountText(amount!), remark].filter(Boolean).join(", ")}</title>
        </rect>
      ))}
      {middle !== null && (
        <rect class="median" x={percent(axis.at(middle))} y={DOT / 2} width={2} height={height - DOT / 2} transform="translate(-1)">
          <title>median: {amountText(middle)}</title>
        </rect>
      )}
    </svg>
  );
}

interface Row extends SampleRun {
  side: string;
}

function runTable({ as, captionText, samples }: Properties): JSX.Element {
  const rows: Row[] = samples.flatMap(({ runList, sampleName }) => runList.map((one) => ({ ...one, side: sampleName })));
  return (
    <Table
      captionText={`Runs: ${captionText}`} rowList={rows} quiet
      columnList={[
        text<Row>("Of", "side"), made<Row>("Run", ({ runName }) => runName), figure<Row>("Took", "amount", as),
        made<Row>("Remark", ({ isOutlier, remark }) => [isOutlier && "an outlier", remark].filter(Boolean).join(", ") || null),
      ]}
    />
  );
}

/** Samples below one another on one axis, and a table of all their runs. */
export function distribution(properties: Properties): JSX.Element {
  const { amountText, as, captionText, intervalWords, samples, tickText = amountText } = properties;
  const axis = makeAxis(samples);
  const few = (index: number) => (axis.ticks.length < 5 || index % 2 === 0 ? undefined : "wide");
  const outliers = samples.some(({ runList }) => runList.some((one) => one.isOutlier));
  const key = (name: string, words: ComponentChildren) => <li><i class={name} />{words}</li>;
  return (
    <div class="distribution" role="group" aria-label={captionText}>
      {samples.map((sample) => (
        <div class="sample">
          <p>
            <b>{shown(sample.sampleName)}</b>{" "}
            <small>median of {sample.runList.filter(({ amount }) => amount !== null).length}: {as(sample.middle)}</small>
          </p>
          {strip(sample, axis, amountText)}
        </div>
      ))}
      <div class="sample axis">
        <p />
        <svg height={20}>
          {axis.ticks.map(({ at, ns }, index) => <text class={few(index)} x={percent(at)} y={14}>{tickText(ns)}</text>)}
        </svg>
      </div>
      <ul class="row">
        {key("dot", "a run")}
        {key("median", "median")}
        {intervalWords && key("interval", intervalWords)}
        {outliers && key("outlier", "an outlier: kept, like every other run")}
      </ul>
      {fold("Every run", () => runTable(properties))}
    </div>
  );
}
