// SPDX-License-Identifier: Apache-2.0
// What lies where on the timeline: a lane for each process and thread, with its phases, its calls
// and its imports below one another.
import { processOf, processWords, type Model } from "./model";
import type { Invocation, Module, Phase } from "./report";
import { plain, textOf } from "./text";
import { phaseColorName } from "./words";

/** Something that has a beginning and an end; or a lane, or all of them. */
export interface Span {
  key: string;
  labelText: string; // plain text
  parent: Span | null;
  offspring: Span[];
  began: number; // ns, as ending
  ending: number;
  hue: string; // a colour of report.css; "" for what is no box
  y: number; // px
  of: Phase | Invocation | Module | null;
}

export interface Lane {
  y: number; // px, of its title
  span: Span;
  height: number; // px
  /** Where the first reply waited for it: a row of its own. */
  critical: [start_ns: number, end_ns: number][];
}

export interface Tracks {
  root: Span;
  /** In order of drawing, all but the lanes. */
  spans: Span[];
  lanes: Lane[];
  height: number; // px
  undrawn: number; // lanes
  first: [start_ns: number, end_ns: number]; // of the headline
  reply_ns: number | null;
}

export const TRACK_AXIS = 20; // px
export const TRACK_ROW = 16; // px
export const CRITICAL = 5; // px
const GAP = 6; // px, between lanes
const MOST_LANES = 40;
const MOST_LEVELS = 24; // of imports in one another

type Thread = { key: string; process: number; words: string; phases: Phase[]; calls: Invocation[]; modules: Module[] };

export const isModule = (of: Span["of"]): of is Module => !!of && "owner" in of;

/** What happened on each thread of which anything is known; that of a process is its first. */
function threadsOf(model: Model): Thread[] {
  const { invocations, modules, processes, tracks } = model.report;
  const threads = new Map<string, Thread>();
  const threadOf = (process: number, tid = processOf(model, process)?.pid ?? 0, strand = 0) => {
    const key = `${process} ${tid} ${strand}`;
    const thread = threads.get(key) ?? {
      key, process, phases: [], calls: [], modules: [],
      words: `${processWords(model, process)}, thread ${tid}${strand ? `, stack ${strand}` : ""}`,
    };
    threads.set(key, thread);
    return thread;
  };
  for (const { id } of processes) threadOf(id);
  for (const track of tracks) {
    const thread = threadOf(track.process);
    thread.phases.push(...track.phases);
    thread.calls.push(...invocations.filter((one) => one.track === track.id && one.end_ns !== null));
  }
  for (const module of modules) threadOf(module.process, module.tid, module.strand).modules.push(module);
  const order = new Map(processes.map(({ id }, index) => [id, index]));
  return [...threads.values()].sort((a, b) => (order.get(a.process) ?? 0) - (order.get(b.process) ?? 0));
}

function spanOf(key: string, label: string, parent: Span | null, began: number, ending: number, of: Span["of"], hue = ""): Span {
  const made: Span = { key, labelText: plain(label), parent, offspring: [], began, ending, of, hue, y: 0 };
  parent?.offspring.push(made);
  return made;
}

const within = (all: Span[], ns: number) => all.find((one) => ns >= one.began && ns < one.ending);

/** The spans of a thread, from a place downwards, and where they end. */
function fill(lane: Span, { calls, modules, phases }: Thread, from: number, spans: Span[]): number {
  let y = from;
  const put = (span: Span, at: number) => {
    span.y = at;
    spans.push(span);
    return span;
  };
  const phaseSpan = (phase: Phase, parent: Span, at: number) => {
    const { start_ns, end_ns } = phase;
    const color = phase.counted === false || !parent.hue && parent.of ? "unknown" : phaseColorName(phase.name);
    return put(spanOf(`${parent.key} ${start_ns} ${phase.name}`, textOf(phase, "name")!, parent, start_ns, end_ns, phase, color), at);
  };
  const wholes = phases.map((phase) => phaseSpan(phase, lane, y));
  if (wholes.length > 0) y += TRACK_ROW;
  const parts = wholes.flatMap((whole) =>
    ((whole.of as Phase).children ?? []).map((phase) => phaseSpan(phase, whole, y)));
  if (parts.length > 0) y += TRACK_ROW;
  for (const call of calls)
    put(spanOf(`${lane.key} call ${call.start_ns}`, textOf(call, "function") ?? "a call", lane, call.start_ns, call.end_ns!, call, "pink"), y);
  if (calls.length > 0) y += TRACK_ROW;
  const known = new Map<number, [Span, level: number]>();
  let deepest = -1;
  for (const module of modules) {
    const { id, owner, parent, start_ns, status, total_ns } = module;
    const [above, upper] = known.get(parent ?? -1) ?? [within(parts, start_ns) ?? within(wholes, start_ns) ?? lane, -1];
    const color = ["failed", "not-found"].includes(status) ? "failed" : `owner-${owner}`;
    const span = spanOf(`module-${id}`, textOf(module, "name")!, above, start_ns, start_ns + total_ns, module, color);
    known.set(id, [span, upper + 1]);
    if (upper + 1 >= MOST_LEVELS) continue;
    deepest = Math.max(deepest, upper + 1);
    put(span, y + (upper + 1) * TRACK_ROW);
  }
  return y + (deepest + 1) * TRACK_ROW;
}

/** What is known of more comes before what is known of less, where not all of it is drawn. */
const weightOf = ({ modules, phases }: Thread) => phases.length * 1000 + modules.length;

export function layTracks(model: Model): Tracks {
  const { mainTrack: track, report: { processes } } = model;
  const threads = threadsOf(model);
  const drawn = new Set(threads.slice().sort((a, b) => weightOf(b) - weightOf(a)).slice(0, MOST_LANES));
  const root = spanOf("all", "all", null, Infinity, -Infinity, null);
  const spans: Span[] = [];
  const lanes: Lane[] = [];
  let y = TRACK_AXIS;
  for (const thread of threads) {
    if (!drawn.has(thread)) continue;
    const span = spanOf(thread.key, thread.words, root, Infinity, -Infinity, null);
    const critical = (track?.critical_path ?? []).filter((step) => {
      const tid = step.thread ?? processOf(model, step.process)?.pid;
      return step.process === thread.process && thread.key === `${step.process} ${tid} 0`;
    }).map(({ start_ns, end_ns }): [number, number] => [start_ns, end_ns]);
    const process = thread.key.endsWith(" 0") && processes.find(({ id }) => id === thread.process);
    const lane = { y, span, height: 0, critical };
    const top = y + TRACK_ROW + CRITICAL;
    y = fill(span, thread, top, spans);
    if (y === top && process) { // nothing of it is known but that it ran
      const life = spanOf(`${thread.key} life`, "runs", span, process.start_ns, process.end_ns ?? model.report.run.end_ns ?? process.start_ns, null, "unknown");
      life.y = y;
      spans.push(life);
      y += TRACK_ROW;
    }
    lane.height = y - lane.y;
    y += GAP;
    lanes.push(lane);
    for (const { began, ending } of span.offspring) {
      for (const one of [span, root]) {
        one.began = Math.min(one.began, began);
        one.ending = Math.max(one.ending, ending);
      }
    }
  }
  const counted = track?.phases.find((phase) => phase.counted !== false)?.start_ns;
  return {
    root, spans, lanes, height: y, undrawn: threads.length - lanes.length,
    first: track ? [counted ?? root.began, track.end_ns ?? root.ending] : [root.began, root.ending],
    reply_ns: (track?.answered && track.end_ns) || null,
  };
}
