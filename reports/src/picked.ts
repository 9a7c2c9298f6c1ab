// SPDX-License-Identifier: Apache-2.0
// The module that was picked on a chart, in a table or by the address, and where all of it is told.
import { anchor, visit } from "./address";
import { state } from "./jsx";
import type { Model } from "./model";
import type { Module } from "./report";
import { textOf } from "./text";

type Place = "timeline" | "imports";

export const picked = state<Module | null>(null);
/** The section that tells about it: that of the chart on which it was picked. */
export const toldIn = state<Place>("imports");

export function pick(module: Module | null, place: Place): void {
  picked.val = module;
  toldIn.val = place;
  visit(module ? `module-${module.id}` : place);
}

/** The module that the address names: "#module-412", or "#module=pandas.core". */
export function moduleInAddress({ moduleById, report }: Model): Module | undefined {
  const name = new URLSearchParams(anchor()).get("module");
  return moduleById.get(Number(anchor().replace("module-", ""))) ?? report.modules.find((one) => textOf(one, "name") === name);
}
