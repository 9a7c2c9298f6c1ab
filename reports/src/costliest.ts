// SPDX-License-Identifier: Apache-2.0
// The costliest imports by total time, one for each package: the rules of `thaw report`'s summary.
//
// A tree repeats its cost on every level, so a module counts only when none above it is of the same
// group: the user's app as a whole, a distribution, else all below one top-level name. Of a
// platform's worker only what the user can act on counts: the app's modules, packages, and what the
// app itself asks for. What is not in the headline's total does not count either.
import type { Model } from "./model";
import type { Module, Track } from "./report";

function groupOf(module: Module): string {
  if (module.owner === "app") return "app";
  return module.distribution || `${module.name.split(".")[0]}.`;
}

function isOfInterest(model: Model, module: Module, inWorker: boolean): boolean {
  if (!inWorker || module.owner === "app" || module.owner === "package") return true;
  return parentOf(model, module)?.owner === "app";
}

function parentOf(model: Model, module: Module): Module | undefined {
  return module.parent === null ? undefined : model.modules.get(module.parent);
}

function isOutermost(model: Model, module: Module, inWorker: boolean): boolean {
  const group = groupOf(module);
  let below = module;
  for (let above = parentOf(model, module); above; above = parentOf(model, above)) {
    if (above.id >= below.id) return true; // no tree
    if (isOfInterest(model, above, inWorker) && groupOf(above) === group) return false;
    below = above;
  }
  return true;
}

function isInTotal(track: Track | null, module: Module): boolean {
  if (!track || module.timed === false) return true;
  if (track.answered && track.end_ns !== undefined && module.start_ns >= track.end_ns) return false;
  return !track.phases.some(
    (phase) =>
      phase.counted === false &&
      module.start_ns >= phase.start_ns &&
      module.start_ns < phase.end_ns,
  );
}

export interface Costliest {
  modules: Module[];
  /** How many imports were looked at. */
  among: number;
}

/** What happened in the time that the track's total counts; all of it without a track. */
export function countedModules({ report, track }: Model): Module[] {
  return report.modules.filter(
    (module) => (!track || module.process === track.process) && isInTotal(track, module),
  );
}

export function costliest(model: Model, most: number): Costliest {
  const { track } = model;
  const inWorker = track !== null && model.processes.get(track.process)?.role === "worker";
  const candidates = countedModules(model);
  const modules = candidates
    .filter((one) => isOfInterest(model, one, inWorker) && isOutermost(model, one, inWorker))
    .sort((a, b) => b.total_ns - a.total_ns || a.id - b.id);
  const first = new Map<string, Module>(); // the costliest of each group
  for (const module of modules) if (!first.has(groupOf(module))) first.set(groupOf(module), module);
  return { modules: [...first.values()].slice(0, most), among: candidates.length };
}
