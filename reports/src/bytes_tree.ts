// SPDX-License-Identifier: Apache-2.0
// The bytes of a target as a tree, divided by kind, by folder, or by how far their use went.
import type { AnyModel } from "./model";
import type { Amount, Distribution, Kinds } from "./report";
import { plain, textOf } from "./text";

export type Division = "kind" | "folder" | "use" | Measure;

type Measure = "shipped" | "opened" | "resident" | "unopened";

/** Bytes of whole packages: what they are called, their colour, their figure. */
export const MEASURES: { [key in Measure]: [words: string, color: string, of: (one: Distribution) => number | undefined] } = {
  shipped: ["Shipped", "blue", (one) => one.bytes],
  opened: ["Opened", "gold", ({ loaded_bytes, opened_bytes }) => opened_bytes ?? loaded_bytes],
  resident: ["In memory", "teal", (one) => one.resident_bytes],
  unopened: ["Never opened", "unknown", (one) => {
    const opened = MEASURES.opened[2](one);
    return opened === undefined ? opened : one.bytes - opened;
  }],
};

/** disk_bytes and files are not known of every piece. */
export interface Piece extends Partial<Amount> {
  key: string;
  labelText: string; // plain text
  parent: Piece | null;
  offspring: Piece[]; // the largest first
  size: number; // on disk; of a division by use apparent, bytes
  hue: string; // a colour of report.css; "" that of its parts
}

/** The colours of what files are for. */
export const KINDS: { [kind in keyof Kinds]-?: string } = {
  native: "orange",
  python: "blue",
  bytecode: "teal",
  data: "violet",
  tests: "rose",
  docs: "slate",
  stubs: "lime",
  headers: "brown",
  debug: "gold",
  metadata: "pink",
};

export const KIND_NAMES = Object.keys(KINDS) as (keyof Kinds)[];

/** What the colours of folders mean. */
export const OWNERS: Record<string, string> = {
  blue: "packages that are asked for",
  violet: "packages that only others require",
  orange: "no package's",
};

function add(parent: Piece | null, key: string, label: string, of: Partial<Amount>, color = ""): Piece {
  const made = { ...of, key, labelText: label, parent, offspring: [], size: of.disk_bytes ?? of.bytes ?? 0, hue: color };
  parent?.offspring.push(made);
  return made;
}

const amountOf = ({ files, bytes, disk_bytes }: Amount): Amount => ({ files, bytes, disk_bytes });

/** A whole without some parts of it. */
function less(whole: Partial<Amount>, parts: Partial<Amount>[]): Amount {
  const rest = (at: keyof Amount) =>
    Math.max(parts.reduce((left, one) => left - (one[at] ?? 0), whole[at] ?? 0), 0);
  return { files: rest("files"), bytes: rest("bytes"), disk_bytes: rest("disk_bytes") };
}

function addPackage(top: Piece, one: Distribution, index: number, of: Partial<Amount>): Piece {
  return add(top, `package-${index}`, plain(`${textOf(one, "name")} ${textOf(one, "version") ?? ""}`), of);
}

function byKind({ report: { distributions, totals } }: AnyModel, top: Piece): void {
  distributions?.forEach((one, index) => {
    const parent = addPackage(top, one, index, amountOf(one));
    for (const kind of KIND_NAMES) {
      const of = one.kinds?.[kind];
      if (of) add(parent, parent.key + kind, kind, of, KINDS[kind]);
    }
  });
  add(top, "app", "the app's own files", totals!.app ?? {}, "green");
  add(top, "others", "no package's, folders, links", less(totals!, top.offspring), "unknown");
}

function byFolder({ report }: AnyModel, top: Piece): void {
  const direct = new Map(report.distributions?.map((one) => [one.name, one.direct]));
  const known = new Map<string, Piece>([["", top]]);
  for (const one of report.folders ?? []) {
    const { distribution } = one;
    const path = textOf(one, "path")!;
    if (!path) continue; // the target itself
    let above = path;
    do above = above.slice(0, Math.max(above.lastIndexOf("/"), 0)); while (!known.has(above));
    const color = distribution === null ? "orange" : direct.get(distribution) ? "blue" : "violet";
    const label = plain(above ? path.slice(above.length + 1) : path);
    known.set(path, add(known.get(above)!, path, label, amountOf(one), color));
  }
  for (const [path, one] of known)
    if (one.offspring.length > 0)
      add(one, `${path}/`, "files in it, small folders", less(one, one.offspring), one.hue || "orange");
}

/** What was used is part of what was opened; the stages between them are no parts of one another. */
function byUse({ report }: AnyModel, top: Piece): void {
  report.distributions?.forEach((one, index) => {
    const { bytes, opened_bytes: opened, used_bytes: used } = one;
    const known = opened ?? used ?? 0;
    const parent = addPackage(top, one, index, { bytes });
    const part = (label: string, bytes: number, color: string) => add(parent, parent.key + label, label, { bytes }, color);
    part("used", used ?? 0, "green");
    part(used === undefined ? "opened" : "opened, not used", known - (used ?? 0), "gold");
    part(opened === undefined ? "not known" : "never opened", bytes - known, "unknown");
    top.size += bytes;
  });
}

function byMeasure({ report }: AnyModel, top: Piece, measure: Measure): void {
  const [, color, of] = MEASURES[measure];
  report.distributions!.forEach((one, index) => {
    const bytes = Math.max(of(one) ?? 0, 0);
    addPackage(top, one, index, { bytes }).hue = color;
    top.size += bytes;
  });
}

export function bytesTree(model: AnyModel, division: Division): Piece {
  const { target, totals } = model.report;
  const isWhole = division === "kind" || division === "folder";
  const top = add(null, "target", target ? plain(textOf(target, "path")!) : "installed packages", isWhole ? amountOf(totals!) : {});
  if (division in MEASURES) byMeasure(model, top, division as Measure);
  else ({ kind: byKind, folder: byFolder, use: byUse })[division as "use"](model, top);
  const walk = [top];
  for (const one of walk) {
    one.offspring = one.offspring.filter(({ size }) => size > 0).sort((left, right) => right.size - left.size);
    walk.push(...one.offspring);
  }
  return top;
}
