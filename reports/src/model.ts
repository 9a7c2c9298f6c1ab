// SPDX-License-Identifier: Apache-2.0
// What several views look up in a report.
import type { Module, Process, Report, Track } from "./report";

export interface Model {
  report: Report;
  /** The track the report is about; null when no worker was seen. */
  track: Track | null;
  processes: Map<number, Process>;
  modules: Map<number, Module>;
  /** Index in report.distributions by name. */
  packages: Map<string, number>;
}

export const SCHEMA = "thaw-report/1";

export function makeModel(report: Report): Model {
  return {
    report,
    track: report.tracks.find((track) => track.headline) ?? report.tracks[0] ?? null,
    processes: new Map(report.processes.map((process) => [process.id, process])),
    modules: new Map(report.modules.map((module) => [module.id, module])),
    packages: new Map((report.distributions ?? []).map((one, index) => [one.name, index])),
  };
}

export function isWorker(model: Model, track: Track): boolean {
  return model.processes.get(track.process)?.role === "worker";
}

/** "worker, pid 4117": the pid is what the user sees elsewhere. */
export function processWords(process: Process | undefined): string {
  if (!process) return "unknown process";
  return `${process.role ?? "process"}, pid ${process.pid}`;
}

/** Of the headline's worker, else of the first process that has one. */
export function pythonProcess(model: Model): Process | undefined {
  const worker = model.track && model.processes.get(model.track.process);
  return worker?.python ? worker : model.report.processes.find((process) => process.python);
}
