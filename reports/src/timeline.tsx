// SPDX-License-Identifier: Apache-2.0
// The waterfall: for each worker, what happened when. The chart is a table, so it reads as one.
import type { ComponentChildren, JSX } from "preact";
import { percent } from "./parts";
import { Ms, Share, duration, tick } from "./figures";
import { processWords, type Model } from "./model";
import type { Phase, Track } from "./report";
import { makeScale, type Scale, type Tick } from "./scale";
import { Clause, Shown, plain, textOf, textsOf } from "./text";
import { CONFIDENCE, phaseColor, phaseWords } from "./words";

const TICKS = 8;
const NARROWEST = 0.0015; // share of the width: a bar that can still be seen

export function Timeline({ model }: { model: Model }): JSX.Element {
  const others = model.report.tracks.filter((track) => track !== model.track);
  return (
    <section id="timeline">
      <h2>Timeline</h2>
      {model.track
        ? <Waterfall track={model.track} caption="Phases of the headline" />
        : <p>No worker was recognised, so there are no phases.</p>}
      {others.length > 0 && <h3>Further workers</h3>}
      {others.map((track) => (
        <details key={track.id}>
          <summary>
            <Shown text={processWords(model.processes.get(track.process))} />: {duration(track.total_ns)}{" "}
            {track.answered ? "to its first reply" : "and no first reply seen"}
          </summary>
          <Waterfall track={track} caption={`Phases of track ${track.id}`} />
        </details>
      ))}
    </section>
  );
}

function Waterfall({ track, caption }: { track: Track; caption: string }): JSX.Element {
  const scale = makeScale(track, TICKS);
  const { ticks } = scale;
  const rowOf = (phase: Phase, index: number, whole?: Phase) => (
    <PhaseRow
      key={`${whole?.name}${index}`} phase={phase} track={track} scale={scale} part={!!whole}
      counted={phase.counted !== false && whole?.counted !== false}
    />
  );
  return (
    <>
      <table class="waterfall">
        <caption class="hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Phase</th>
            <th scope="col" class="bar"><span class="hidden">When</span><Axis ticks={ticks} /></th>
            <th scope="col" class="number">Time (ms)</th>
            <th scope="col" class="number">Share</th>
            <th scope="col" class="evidence">How it is known</th>
          </tr>
        </thead>
        <tbody>
          {track.phases.map((phase, index) => [
            rowOf(phase, index),
            (phase.children ?? []).map((child, at) => rowOf(child, at, phase)),
          ])}
          {track.unattributed_ns > 0 && (
            <Row name="in no phase" ns={track.unattributed_ns} track={track} ticks={ticks}>
              what is left between the phases
            </Row>
          )}
        </tbody>
        <tfoot>
          <Row name="Total" ns={track.total_ns} track={track} ticks={[]}>
            what is counted, and what is in no phase
          </Row>
        </tfoot>
      </table>
      <Legend track={track} shortened={scale.shortened} />
    </>
  );
}

function Axis({ ticks }: { ticks: Tick[] }): JSX.Element {
  return (
    <svg aria-hidden="true">
      {ticks.filter(({ at }) => at < 0.95).map(({ at, ns }) => (
        <text x={percent(at)} y="1.7em">{tick(ns)}</text>
      ))}
    </svg>
  );
}

interface RowProperties {
  name: string;
  words?: string;
  ns: number;
  counted?: boolean;
  track: Track;
  ticks: Tick[];
  class?: string;
  bar?: JSX.Element;
  children: ComponentChildren; // how it is known
}

function Row(of: RowProperties): JSX.Element {
  return (
    <tr class={of.class}>
      <th scope="row" title={of.words}>
        <Shown text={of.name} /> <small>{of.words}</small>
      </th>
      <td class="bar">
        <svg>
          {of.ticks.map(({ at }) => <line x1={percent(at)} x2={percent(at)} y2="100%" />)}
          {of.bar}
        </svg>
      </td>
      <td class="number"><Ms of={of.ns} /></td>
      <td class="number">
        {of.counted === false ? "not counted" : <Share part={of.ns} whole={of.track.total_ns} />}
      </td>
      <td class="evidence">{of.children}</td>
    </tr>
  );
}

interface PhaseProperties {
  phase: Phase;
  part: boolean;
  counted: boolean;
  track: Track;
  scale: Scale;
}

function PhaseRow({ phase, part, counted, track, scale }: PhaseProperties): JSX.Element {
  const name = textOf(phase, "name")!;
  const shown = part ? name.slice(name.indexOf(".") + 1) : name;
  const ns = phase.end_ns - phase.start_ns;
  const from = scale.at(phase.start_ns);
  const evidence = textsOf(phase, "evidence").join(" → ");
  return (
    <Row
      name={shown} words={phaseWords(name)} ns={ns} counted={counted} track={track} ticks={scale.ticks}
      class={`${part ? "part" : "whole"}${counted ? "" : " uncounted"}`}
      bar={
        <rect
          class={phase.confidence}
          fill={counted ? phaseColor(name) : "url(#hatch)"}
          x={percent(from)} width={percent(Math.max(scale.at(phase.end_ns) - from, NARROWEST))}
        >
          <title>{`${plain(name)}: ${duration(ns)}\n${phase.confidence}: ${plain(evidence)}`}</title>
        </rect>
      }
    >
      <span title={CONFIDENCE[phase.confidence]}>{phase.confidence}</span>
      {evidence && <>: <Shown text={evidence} /></>}
      <Clause of={phase} at="within" before=", within " />
    </Row>
  );
}

/** For what is not counted; once on the page. */
export function Hatch(): JSX.Element {
  return (
    <svg class="hidden" aria-hidden="true">
      <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="3" height="6" fill="var(--unknown)" />
      </pattern>
    </svg>
  );
}

function Legend({ track, shortened }: { track: Track; shortened: boolean }): JSX.Element {
  const all = track.phases.flatMap((phase) => [phase, ...(phase.children ?? [])]);
  return (
    <p class="faint">
      {all.length > track.phases.length && "Thin bars are parts of the phase above them. "}
      {all.some((phase) => phase.counted === false) &&
        "Hatched phases are not counted: they are no part of this cold start. "}
      {shortened && "They are drawn shorter than they were, and the axis leaves them out. "}
      {all.some((phase) => phase.confidence !== "observed") &&
        "A dashed outline marks an end that was concluded, not seen. "}
    </p>
  );
}
