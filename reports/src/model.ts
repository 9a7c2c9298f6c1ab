// SPDX-License-Identifier: Apache-2.0
// What several views look up in a report.
import type { Machine, Module, Probe, Process, Report, Run, SearchFolder, Track } from "./report";

/** A report of a recording. One of a target alone has no machine and no run. */
export type Recorded = Report & { machine: Machine; run: Run };

export interface Model<R extends Report = Recorded> {
  report: R;
  /** The track the report is about; null when no worker was seen. */
  mainTrack: Track | null;
  processById: Map<number, Process>;
  moduleById: Map<number, Module>;
  folders: Map<number, SearchFolder>;
}

/** Of a recording, of a target, or of both. */
export type AnyModel = Model<Report>;

export const SCHEMA = "thaw-report/1";

function byId<T extends { id: number }>(list: T[]): Map<number, T> {
  return new Map(list.map((one) => [one.id, one]));
}

export function isRecorded(model: AnyModel): model is Model {
  return model.report.run !== null;
}

export function makeModel(report: Report): AnyModel {
  return {
    report,
    mainTrack: report.tracks.find((track) => track.headline) ?? report.tracks[0] ?? null,
    processById: byId(report.processes),
    moduleById: byId(report.modules),
    folders: byId(report.search_folders ?? []),
  };
}

type Id = number | null | undefined;

export function processOf({ processById }: AnyModel, id: Id): Process | undefined {
  return processById.get(id ?? 0);
}

export function moduleOf({ moduleById }: AnyModel, id: Id): Module | undefined {
  return moduleById.get(id ?? 0);
}

/** The process of the headline's track. */
export function trackProcess(model: Model): Process | undefined {
  return processOf(model, model.mainTrack?.process);
}

/** Index in report.distributions of what a module is from, -1 for none. A name may come twice. */
export function packageOf({ report }: Model, { distribution, path }: Module): number {
  const all = report.distributions ?? [];
  const named = all.filter((one) => one.name === distribution);
  const holds = named.find((one) => one.location && path?.includes(`${one.location}/`)); // of a target, relative to it
  return all.indexOf(holds ?? named[0]!);
}

/** "worker, pid 4117": the pid is what the user sees elsewhere. null: no such process. */
export function processWords(model: Model, id: Id): string | null {
  const process = processOf(model, id);
  return process ? `${process.role ?? "process"}, pid ${process.pid}` : null;
}

/** ns since what the headline's clock begins with. */
export function since({ mainTrack: track, report }: Model, ns: number): number {
  return ns - (track?.start_ns ?? report.run.start_ns ?? 0);
}

/** Those of a name that could not be attached. */
export function lackingProbes({ report }: Model, named: RegExp): Probe[] {
  return (report.probes ?? []).filter((one) => one.status !== "attached" && named.test(one.name));
}
