// SPDX-License-Identifier: Apache-2.0
// The costliest imports by total time, one for each package: the rules of `thaw report`'s summary.
//
// A tree repeats its cost on every level, so a module counts only when none above it is of the same
// group: the user's app as a whole, a distribution, else all below one top-level name. Of a
// platform's worker only what the user can act on counts: the app's modules, packages, and what the
// app itself asks for. What is not in the headline's total does not count either.
import { moduleOf, processOf, trackProcess, type Model } from "./model";
import type { Module, Track } from "./report";

function groupOf(module: Module): string {
  if (module.owner === "app") return "app";
  return module.distribution || `${module.name.split(".")[0]}.`;
}

function isOfInterest(model: Model, module: Module, inWorker: boolean): boolean {
  if (!inWorker || module.owner === "app" || module.owner === "package") return true;
  return moduleOf(model, module.parent)?.owner === "app";
}

function isOutermost(model: Model, module: Module, inWorker: boolean): boolean {
  const group = groupOf(module);
  let below = module;
  for (let above = moduleOf(model, module.parent); above; above = moduleOf(model, above.parent)) {
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

/** The hosts above a server that belongs to no platform: what they load, it has. */
function serverHosts(model: Model): Set<number> {
  const hosts = new Set<number>();
  let below = trackProcess(model);
  while (below?.platform === "generic") {
    const above = processOf(model, below.parent);
    if (!above || above.id >= below.id || above.role !== "host") break;
    hosts.add(above.id);
    below = above;
  }
  return hosts;
}

/** What happened in the time that the track's total counts; all of it without a track. */
export function countedModules(model: Model): Module[] {
  const { report, mainTrack: track } = model;
  const hosts = serverHosts(model);
  const hostEnd = track?.phases.find((phase) => phase.name === "host")?.end_ns ?? 0;
  const isOfTrack = ({ process, start_ns }: Module): boolean =>
    !track || process === track.process || (hosts.has(process) && start_ns < hostEnd);
  return report.modules.filter((module) => isOfTrack(module) && isInTotal(track, module));
}

export function costliest(model: Model, most: number): Costliest {
  const process = trackProcess(model);
  const inWorker = process?.role === "worker" && process.platform !== "generic";
  const candidates = countedModules(model);
  const modules = candidates
    .filter((one) => isOfInterest(model, one, inWorker) && isOutermost(model, one, inWorker))
    .sort((a, b) => b.total_ns - a.total_ns || a.id - b.id);
  const first = new Map<string, Module>(); // the costliest of each group
  for (const module of modules) if (!first.has(groupOf(module))) first.set(groupOf(module), module);
  return { modules: [...first.values()].slice(0, most), among: candidates.length };
}
