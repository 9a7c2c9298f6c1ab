// SPDX-License-Identifier: Apache-2.0
// The waterfall: for each worker, what happened when. The chart is a table, so it reads as one.
import { add, attempt, type ComponentChildren } from "./jsx";
import { durationText, ms, share, tickText } from "./figures";
import { processWords, type Model } from "./model";
import { details, note, percent, type View } from "./parts";
import type { Phase, Track } from "./report";
import { makeScale, type Scale, type Tick } from "./scale";
import { clause, listed, plain, shown, textOf, textsOf } from "./text";
import { tracks } from "./tracks";
import { CONFIDENCE, color, phaseColor, phaseWords } from "./words";

const TICKS = 8;
const LAST_TICK = 0.95; // share of the width: behind it there is no room for a label
const MOST_EVIDENCE = 90; // characters: more of it is folded
const NARROWEST = 0.0015; // share of the width: a bar that can still be seen

export const timeline: View<Model> = (model) => {
  const others = model.report.tracks.filter((track) => track !== model.mainTrack);
  // The chart comes with the second frame: the first has the answer.
  const place = <div /> as HTMLElement;
  requestAnimationFrame(() => setTimeout(() => add(place, attempt(() => tracks(model)) as never)));
  return ["timeline", "Timeline", () => [
    place,
    model.mainTrack
      ? waterfall(model.mainTrack, "Phases of the headline")
      : <p>No worker was recognised, so there are no phases.</p>,
    others.length > 0 && <h3>Further workers</h3>,
    others.map((track) => details(
      [
        shown(processWords(model, track.process)), ": ", durationText(track.total_ns),
        track.answered ? " to its first reply" : " and no first reply seen",
      ],
      waterfall(track, `Phases of track ${track.id}`),
    )),
  ]];
};

export function waterfall(track: Track, caption: string): JSX.Element {
  const scale = makeScale(track, TICKS);
  return (
    <>
      <table class="waterfall">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            {([
              ["", "Phase"], ["bar", [<span class="hidden">When</span>, axis(scale.ticks)]], ["number", "Time (ms)"],
              ["number", "Share"], ["evidence", "How it is known"],
            ] as const).map(([name, title]) => <th scope="col" class={name}>{title}</th>)}
          </tr>
        </thead>
        <tbody>
          {track.phases.map((phase) => [
            phaseRow(track, scale, phase),
            (phase.children ?? []).map((child) => phaseRow(track, scale, child, phase)),
          ])}
          {track.unattributed_ns > 0 &&
            row({ name: "unattributed", ns: track.unattributed_ns, track, known: "what is left between the phases" })}
        </tbody>
        <tfoot>
          {row({ name: "Total", ns: track.total_ns, track, known: "all that is counted" })}
        </tfoot>
      </table>
      {cpuWords(track)}
      {legend(track, scale)}
    </>
  );
}

function axis(ticks: Tick[]): JSX.Element {
  return (
    <svg>
      {ticks.filter(({ at }) => at < LAST_TICK).map(({ at, ns }) => (
        <text x={percent(at)} y="1.7em">{tickText(ns)}</text>
      ))}
    </svg>
  );
}

interface Row {
  name: string;
  words?: string;
  ns: number;
  track: Track;
  counted?: boolean;
  class?: string;
  chart?: ComponentChildren;
  known: ComponentChildren;
}

function row(of: Row): JSX.Element {
  return (
    <tr class={of.class}>
      <th scope="row" title={of.words}>{shown(of.name)} <small>{of.words}</small></th>
      <td class="bar">{of.chart && <svg>{of.chart}</svg>}</td>
      <td class="number">{ms(of.ns)}</td>
      <td class="number">{of.counted === false ? "not counted" : share(of.ns, of.track.total_ns)}</td>
      <td class="evidence">{of.known}</td>
    </tr>
  );
}

function phaseRow(track: Track, scale: Scale, phase: Phase, whole?: Phase): JSX.Element {
  const { confidence, end_ns, start_ns } = phase;
  const counted = phase.counted !== false && whole?.counted !== false;
  const name = textOf(phase, "name")!;
  const from = scale.at(start_ns);
  const evidence = textsOf(phase, "evidence").join(" → ");
  const sure = <span title={CONFIDENCE[confidence]}>{confidence}</span>;
  return row({
    name: whole ? name.slice(name.indexOf(".") + 1) : name,
    words: phaseWords(name),
    ns: end_ns - start_ns,
    track,
    counted,
    class: `${whole ? "part" : "whole"}${counted ? "" : " uncounted"}`,
    chart: (
      <>
        {scale.ticks.map(({ at }) => <line x1={percent(at)} x2={percent(at)} y2="100%" />)}
        <rect
          class={confidence}
          fill={counted ? phaseColor(name) : color("unknown")}
          x={percent(from)}
          width={percent(Math.max(scale.at(end_ns) - from, NARROWEST))}
        >
          <title>
            {plain(name)}: {durationText(end_ns - start_ns)}, {confidence}: {plain(evidence)}
          </title>
        </rect>
      </>
    ),
    known: (
      <>
        {evidence.length > MOST_EVIDENCE ? details(sure, ": ", shown(evidence)) : [sure, evidence && [": ", shown(evidence)]]}
        {clause(phase, "within", ", within ")}
      </>
    ),
  });
}

/** What the CPUs denied the track's process; nothing where that is no news. */
function cpuWords({ cpu, phases }: Track): JSX.Element | null {
  if (!cpu) return null;
  const { cpu_wait_ns, from_ns, limit, periods, throttled_ns, throttled_periods, waits_over_ns } = cpu;
  const waited = cpu_wait_ns !== null && (limit !== null || cpu_wait_ns > waits_over_ns! / 100);
  const begun_ns = phases.find((phase) => phase.name === "worker")?.start_ns ?? Infinity;
  const late = (from_ns ?? 0) > begun_ns ? "at least " : "";
  const words = [
    limit !== null && `${limit} of a core`,
    throttled_periods
      ? `throttled ${late}${durationText(throttled_ns!)} in ${throttled_periods} of ${periods} periods`
      : limit !== null && (throttled_periods === 0 ? "not throttled" : `throttling not measured: ${textOf(cpu, "throttling_unknown")}`),
    waited && `its first thread waited for a CPU ${durationText(cpu_wait_ns)} of ${durationText(waits_over_ns!)}`,
    limit !== null && cpu_wait_ns === null && `waiting for a CPU not measured: ${textOf(cpu, "waits_unknown")}`,
  ];
  const said = listed(words, "; ");
  return said ? <p>CPU: {shown(said)}</p> : null;
}

function legend({ phases }: Track, { shortened }: Scale): JSX.Element {
  const all = phases.flatMap((phase) => [phase, ...(phase.children ?? [])]);
  return note(
      all.length > phases.length && "Thin bars are parts of the phase above them. ",
      phases.some((phase) => phase.counted === false) &&
        "Grey phases are not counted: they are no part of this cold start. ",
      shortened && "They are drawn shorter than they were, and the axis leaves them out. ",
      all.some((phase) => phase.confidence !== "observed") &&
        "A dashed outline marks an end that was concluded, not seen. ",
  );
}
