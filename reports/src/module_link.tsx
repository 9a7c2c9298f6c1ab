// SPDX-License-Identifier: Apache-2.0
// How other parts of the page speak of a module.
import type { ComponentChildren } from "./jsx";
import { moduleOf, type Model } from "./model";
import { joined } from "./parts";
import type { Module } from "./report";
import { name } from "./text";

/** Leads to the module; its name, if the report has it. */
export function moduleLink(model: Model, id: number): ComponentChildren {
  const module = moduleOf(model, id);
  return module ? <a href={`#module-${id}`}>{name(module, "name")}</a> : `module ${id}`;
}

/** The first few of them, and how many more there are. */
export function moduleLinks(model: Model, ids: number[], most: number): ComponentChildren[] {
  return joined([
    ...ids.slice(0, most).map((id) => moduleLink(model, id)),
    ...(ids.length > most ? [`${ids.length - most} more`] : []),
  ]);
}

/** Leads to the modules of a package. */
export function modulesLink(distribution: string, words: ComponentChildren): JSX.Element {
  return <a href={`#imports?${new URLSearchParams({ search: distribution })}`}>{words}</a>;
}

/** Says what a module that is not loaded is. */
export function statusTag({ status }: Module): JSX.Element | false {
  const why = {
    failed: "it raised an exception, as optional imports often do",
    "not-found": "there is no such module, as often with optional imports",
    unfinished: "its end was not seen",
    loaded: "",
  }[status];
  return status !== "loaded" && <span class="tag bad" title={why}>{status}</span>;
}
