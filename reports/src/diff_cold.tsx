// SPDX-License-Identifier: Apache-2.0
// The answer for two cold starts: faster or slower, by how much, more than noise or not, and what brought it.
import type { ColdStart, Diff, Measure, Method, Module, Phase, Run, Side, Unlike } from "./diff";
import { changeText, signedText } from "./diff_figures";
import { intervalText, probabilityText, verdictText } from "./diff_measure";
import { durationText, headlineText, instantText, many } from "./figures";
import type { ComponentChildren } from "./jsx";
import { lines } from "./parts";
import { listed, name, shown, textOf, textsOf } from "./text";
import { phaseWords } from "./words";

const BADGES = {
  slower: ["Slower", ""],
  faster: ["Faster", "good"],
  same: ["Within noise", "open"],
  unknown: ["Not told from noise", "open"],
} as const;

/** "+395 ms  809 ms → 1.20 s (+48.8 %)" */
export function coldAnswer({ method, total_ns: total }: ColdStart, answered: boolean): JSX.Element {
  const { after_ns, before_ns, change_ns } = total;
  if (before_ns === null || after_ns === null || change_ns === null)
    return <h1>{before_ns === null && after_ns === null ? "Nothing to compare: no worker started, on neither side" : oneSided(total)}</h1>;
  const [word, name] = BADGES[total.verdict];
  return (
    <>
      <h1>
        <data value={String(change_ns)} title={signedText(change_ns, durationText)}>{signedText(change_ns, headlineText)}</data>{" "}
        <span>{headlineText(before_ns)} → {headlineText(after_ns)}{change_ns !== 0 && ` (${changeText(change_ns, before_ns)})`} {answered ? "from start to first reply" : "to start and import; no first reply was seen"}</span>
      </h1>
      <p class="verdict"><b class={name}>{word}</b> {verdictWords(total, method)}</p>
    </>
  );
}

function oneSided({ after_ns, before_ns }: Measure): string {
  return after_ns === null
    ? `Nothing to compare: after, no worker started; before, it took ${headlineText(before_ns!)}`
    : `Nothing to compare: before, no worker started; after, it took ${headlineText(after_ns)}`;
}

function verdictWords(total: Measure, { after_runs, before_runs, coverage }: Method): string {
  const runs = `${before_runs} and ${many(after_runs, "run")}`;
  const interval = intervalText(total);
  const tested = [interval && `${100 * coverage} % interval ${interval}`, total.probability !== null && probabilityText(total.probability)].filter(Boolean).join(", ");
  switch (total.verdict) {
    case "slower":
    case "faster": return `The difference is more than noise: ${tested}; ${runs}.`;
    case "same": return `The difference is no more than noise: ${tested}; ${runs}.`;
    default: return total.reason === "too-few-runs" ? `Too few runs to tell whether it is more than noise: ${runs}. Record more of each.`
      : total.reason === "no-first-reply" ? `None of a side's runs saw a first reply: ${runs}.`
      : `With one run on a side (${runs}) noise can't be told from a difference. Record several of each into a folder, and compare the folders.`;
  }
}

// --- what brought it ---

const MOST_CAUSES = 3;

const size = (of: Measure) => Math.abs(of.change_ns ?? 0);

/** What a module weighs in the comparison: with what came or went below it, or by itself. */
function weightOf({ change, after, before, self_ns }: Module): number {
  if (change === "came") return after!.total_ns;
  return change === "went" ? -before!.total_ns : self_ns.change_ns ?? 0;
}

/** Up to three modules that explain most, and the phase that changed most. */
export function causes({ modules, phases, total_ns }: ColdStart): JSX.Element | false {
  if (total_ns.before_ns === null || total_ns.after_ns === null) return false;
  const roles = new Set(modules.map(({ role }) => role)).size;
  const phase = phases.filter((one) => one.counted && one.level === 0 && size(one.ns) > 0).sort((a, b) => size(b.ns) - size(a.ns))[0];
  const told = modules.map((module, index) => ({ module, index, weight: weightOf(module) }))
    .filter(({ module, weight }) => weight !== 0 && (module.top || !["came", "went"].includes(module.change)))
    .sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MOST_CAUSES);
  return lines([phase && phaseLine(phase), ...told.map(({ module, index, weight }) => moduleLine(module, index, weight, roles > 1 ? ROLES[module.role] : ""))], "causes");
}

function phaseLine(phase: Phase): JSX.Element {
  const { ns } = phase;
  const words = phaseWords(textOf(phase, "name")!);
  return (
    <>
      Most in <a href="#phases">{name(phase, "name")}</a>{words && ` (${words})`}: <b>{signedText(ns.change_ns!, durationText)}</b>, {verdictText(ns)}
    </>
  );
}

const ROLES: Record<Module["role"], string> = {
  worker: "",
  further: " in a further worker",
  host: " in the host",
  monitor: " in the virtual machine's monitor",
  process: " in another process",
};

function moduleLine(module: Module, index: number, weight: number, where: string): JSX.Element {
  const { below, change, importer, self_ns } = module;
  const verb = { came: "came", went: "went", moved: "moved", status: "ended otherwise", kind: "is made of something else", bytes: "has files of another size", time: self_ns.verdict === "unknown" ? "took another time" : `is ${verdictText(self_ns)}` }[change];
  return (
    <>
      <a href={`#change-${index}`}>{name(module, "name")}</a> {verb}{where}{below > 0 && ` with ${many(below, "module")} below it`}: <b>{signedText(weight, durationText)}</b>
      {importer && <>, asked for by {place(importer)}</>}
    </>
  );
}

/** "function_app.py:4" */
export function place(importer: NonNullable<Module["importer"]>): JSX.Element {
  return shown(placeText(importer));
}

export function placeText(importer: NonNullable<Module["importer"]>): string {
  return textOf(importer, "file") + (importer.line === null ? "" : `:${importer.line}`);
}

// --- what makes the figures less than they look ---

const UNLIKE: Record<Unlike["what"], string> = {
  kernel: "kernels",
  arch: "architectures",
  cpus: "numbers of CPUs",
  "cpu-limit": "limits of CPU",
  "memory-limit": "limits of memory",
  hypervisor: "hypervisors",
  python: "Pythons",
  backend: "ways of recording",
  platform: "platforms",
  command: "commands",
  cold: "page caches",
};

function unlikeWords(one: Unlike): ComponentChildren {
  const [before, after] = (["before", "after"] as const).map((key) => textsOf(one, key).join("; ") || "unknown");
  return <>The sides have unlike {UNLIKE[one.what] ?? one.what}: {shown(before)} before, {shown(after)} after</>;
}

/** Whether any run saw a first reply. Where none did, that is how they are meant. */
export function isAnswered({ after, before }: Diff): boolean {
  return [...before.runs, ...after.runs].some((one) => one.answered);
}

/** What is wrong with a run, "" for nothing. */
function faultText(run: Run, answered: boolean): string {
  const silent = answered && run.answered === false && run.used;
  return listed([
    !run.used && `not used for times (${textOf(run, "reason") ?? "unknown"})`,
    silent && "no first reply was seen",
    !run.complete && "incomplete",
  ]);
}

/** A line for each kind of fault, with the runs that have it. */
function runWords(title: string, { runs }: Side, answered: boolean): ComponentChildren[] {
  const byFault = new Map<string, Run[]>();
  for (const run of runs) {
    const fault = faultText(run, answered);
    if (fault) byFault.set(fault, [...(byFault.get(fault) ?? []), run]);
  }
  return [...byFault].map(([fault, some]) => (
    <>{title}, {many(some.length, "run")} of {runs.length}: <b>{shown(fault)}</b>: {shown(some.map((one) => textOf(one, "name")).join(", "))}</>
  ));
}

/** What only one side has, or none. */
export function notCompared({ not_compared }: Diff): JSX.Element | false {
  const sides = { before: "not known before", after: "not known after", both: "known on neither side" };
  return lines(not_compared.map((one) => (
    <>Not compared: <b>{shown(one.what.replaceAll("-", " "))}</b>, {sides[one.missing]}: {shown(one.why)}</>
  )), "not-compared");
}

/** Lines for the top: runs that lack something, sides that are unlike. */
export function coldWarnings(diff: Diff): ComponentChildren[] {
  const { after, before, cold_start: cold } = diff;
  const answered = isAnswered(diff);
  return [
    ...runWords("Before", before, answered), ...runWords("After", after, answered),
    ...(cold?.unlike ?? []).map(unlikeWords),
  ];
}

/** "5 runs, 2026-11-20 03:00:00 UTC and later" */
export function runsText({ runs }: Side): string {
  const first = runs.map((one) => textOf(one, "started")).filter((one) => one !== null).sort()[0];
  const when = first ? instantText(first) + (runs.length > 1 ? " and later" : "") : "";
  return [many(runs.length, "run"), when].filter(Boolean).join(", ");
}

