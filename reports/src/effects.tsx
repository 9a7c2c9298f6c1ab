// SPDX-License-Identifier: Apache-2.0
// What modules did beside defining names; equal effects of a module in one line.
import type { ComponentChildren } from "./jsx";
import { unobserved } from "./coverage";
import { countText, durationText, many, ms } from "./figures";
import { lackingProbes, moduleOf, processOf, since, type Model } from "./model";
import { moduleLink } from "./module_link";
import { NO_IMPORT, details, joined, lines, ofList, type View } from "./parts";
import type { Effect, Module } from "./report";
import { lackWords } from "./spent";
import { Table, made, type Column } from "./table";
import { name, shown, textOf } from "./text";

/** Effects that say the same. */
interface Folded {
  effect: Effect; // the first of them
  count: number;
  duration_ns: number; // of all of them
  more: boolean;
}

function keyOf({ kind, detail, detail_bytes, process, error, module }: Effect): string {
  return JSON.stringify([kind, detail, detail_bytes, process, error, module]);
}

function fold(effects: Effect[]): Folded[] {
  const found = new Map<string, Folded>();
  for (const effect of effects) {
    const key = keyOf(effect);
    const one = found.get(key) ?? { effect, count: 0, duration_ns: 0, more: false };
    one.count++;
    one.duration_ns += effect.duration_ns ?? 0;
    one.more ||= effect.more === true;
    found.set(key, one);
  }
  return [...found.values()];
}

/** What else is known of it; null: nothing. */
function words(model: Model, module: Module, { effect, count, duration_ns, more }: Folded): ComponentChildren {
  const { error, module: by } = effect;
  const process = processOf(model, effect.process);
  const said: ComponentChildren[] = [];
  if (textOf(effect, "detail") !== null) said.push(name(effect, "detail"));
  if (effect.duration_ns !== undefined) said.push(durationText(duration_ns));
  if (error === "EINPROGRESS") said.push("in progress");
  else if (error !== undefined) said.push(["failed: ", shown(error)]);
  if (count > 1) said.push(`${countText(count)} times`);
  if (more) said.push("perhaps more");
  const others = [
    by !== null && by !== module.id && [" in ", moduleLink(model, by)],
    process && process.id !== module.process && ` (in process ${process.pid}, which it started)`,
  ].filter(Boolean);
  return said.length + others.length > 0 ? [joined(said), others] : null;
}

const MOST_LINES = 24;

function line(model: Model, module: Module, one: Folded): JSX.Element {
  const { time_ns } = one.effect;
  const at = time_ns === undefined ? -1 : since(model, time_ns);
  const said = words(model, module, one);
  return (
    <li>
      <span class="number">{at >= 0 && [ms(at), " ms "]}</span>
      <span class="faint">{name(one.effect, "kind")}{said && ": "}</span>
      <span>{said}</span>
    </li>
  );
}

/** In order of time, behind the first few on demand. */
export function effectLines(model: Model, module: Module): JSX.Element {
  const items = fold(module.effects ?? []).map((one) => line(model, module, one));
  const rest = items.slice(MOST_LINES);
  return (
    <>
      <ul class="effects">{items.slice(0, MOST_LINES)}</ul>
      {rest.length > 0 && details(`and ${many(rest.length, "more line")}`, <ul class="effects">{rest}</ul>)}
    </>
  );
}

const MOST_LINKS = 8;

/** " ← numpy.core ← numpy": who imported whom, outwards. */
function chain(model: Model, module: Module): ComponentChildren[] {
  const links: ComponentChildren[] = [];
  for (let one = module; one.parent !== null; ) {
    const above = moduleOf(model, one.parent);
    if (!above || above.id >= one.id) break; // no tree
    if (links.length === MOST_LINKS) {
      links.push(" ← …");
      break;
    }
    links.push([" ← ", name(above, "name")]);
    one = above;
  }
  return links;
}

function columns(model: Model): Column<Module>[] {
  return [
    {
      ...made("Module, and what imported it", (one) => textOf(one, "name")),
      class: "chain",
      cell: (one) => [moduleLink(model, one.id), <small>{chain(model, one)}</small>],
    },
    {
      ...made("What it did, and when", ({ effects = [] }) => effects[0]?.time_ns ?? Infinity),
      help: "on the headline's clock",
      class: "did",
      cell: (one) => effectLines(model, one),
    },
  ];
}

/** What lacks although system calls were seen, and what never can be seen. */
function limits(model: Model): JSX.Element {
  return (
    <>
      <h3>Not seen</h3>
      {lines([
        ...lackingProbes(model, /^effects\./).map(lackWords),
        "what goes through io_uring, mappings of files, or descriptors that were open before; lookups " +
          "and environment changes that pass by the C library; waits for events or locks (the parts of imports have their time)",
      ])}
    </>
  );
}

export const effects: View<Model> = (model) => {
  const { modules } = model.report;
  return ["effects", "Effects", ofList(modules, () => {
    const acting = modules.filter((one) => one.effects?.length);
    if (modules.every((one) => !one.effects)) return unobserved(model, "effects.calls", "Effects were not observed",
      "the recording is one of importtime, or of an older thaw");
    return (
      <>
        {acting.length > 0 ? (
          <>
            <p>What modules did while they were executed, beside defining names; each with those that imported it.</p>
            <Table captionText="Effects of modules" rowList={acting} columnList={columns(model)} />
          </>
        ) : (
          <p>No module did anything but define names, as far as can be seen.</p>
        )}
        {limits(model)}
      </>
    );
  }, NO_IMPORT)];
};
