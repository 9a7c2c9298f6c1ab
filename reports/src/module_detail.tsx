// SPDX-License-Identifier: Apache-2.0
// All that is known of one module.
import type { JSX } from "preact";
import { count, duration, durationText, share } from "./figures";
import { packageOf, processWords, type Model } from "./model";
import { fact, joined, lines, strip } from "./parts";
import type { Effect, Module } from "./report";
import { clause, name, shown, textOf } from "./text";
import { OWNERS, SPLIT_PARTS, boundSign, boundWords, color, wordsFor } from "./words";

/** Leads to the module; its name, if the report has it. */
export function moduleLink({ modules }: Model, id: number): JSX.Element {
  const module = modules.get(id);
  return module ? <a href={`#module-${id}`}>{name(module, "name")}</a> : <>module {id}</>;
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

export function moduleDetail(model: Model, module: Module): JSX.Element {
  const { cpu_ns, effects = [], faults, gc_ns, process, retained_ns, total_ns, wait } = module;
  const { track } = model;
  const optional = (title: string, ns: number | undefined) => fact(title, ns !== undefined && duration(ns));
  return (
    <article id="module">
      <h3>{name(module, "name")}{statusTag(module)}</h3>
      <dl class="facts">
        {fact(
          "Total, with all it imports",
          <>
            {duration(total_ns, boundSign(module))}{" "}
            {track?.process === process && share(total_ns, track.total_ns)}
            <small>{boundWords(module)}</small>
          </>,
        )}
        {fact("Self, without them", duration(module.self_ns))}
        {optional("Retained: gone without it", retained_ns)}
        {optional("On the CPU", cpu_ns)}
        {fact(
          "Waiting",
          wait &&
            `${durationText(wait.io_ns)} for the disk, ${durationText(wait.runqueue_ns)} for a free ` +
              `CPU, ${durationText(wait.sleep_ns)} otherwise`,
        )}
        {optional("Garbage collections in it", gc_ns)}
        {fact("Page faults", faults !== undefined && count(faults))}
        {fact("Package", packageLink(model, module))}
        {fact("Whose", wordsFor(OWNERS, module.owner, "unknown"))}
        {fact("Made of", module.kind ?? "unknown")}
        {fact("Process", <>{shown(processWords(model, process))}, thread {module.tid}</>)}
        {fact("Asked for by", importers(model, module), "wide")}
        {fact(
          "Lazy, first used by",
          module.lazy_by && <>{name(module.lazy_by, "function")} in {shown(textOf(module.lazy_by, "file"))}</>,
          "wide",
        )}
        {fact("File", shown(textOf(module, "path") ?? textOf(module, "file")), "wide")}
      </dl>
      {split(module)}
      {effects.length > 0 && <h4>What else it did on being imported</h4>}
      {lines(effects.map((effect) => effectWords(model, module, effect)))}
    </article>
  );
}

const MOST_IMPORTERS = 20;

function importers(model: Model, module: Module): JSX.Element {
  const { importers: all = [], parent, via, tid } = module;
  const others = all.filter((id) => id !== parent);
  const links = others.slice(0, MOST_IMPORTERS).map((id) => moduleLink(model, id));
  if (others.length > links.length) links.push(<>{others.length - links.length} more</>);
  return (
    <>
      {parent === null ? "the program itself, or unknown" : moduleLink(model, parent)}
      {via && ` (${via})`}
      {parent !== null && model.modules.get(parent)?.tid !== tid && ", on another thread"}
      {links.length > 0 && <small>and later by {joined(links)}</small>}
    </>
  );
}

function packageLink(model: Model, module: Module): JSX.Element {
  const index = packageOf(model, module);
  const shown = name(module, "distribution");
  return index < 0 ? shown : <a href={`#package-${index}`}>{shown}</a>;
}

function split({ self_ns, split }: Module): JSX.Element | false {
  const parts = SPLIT_PARTS.filter(([at]) => split[at] !== undefined).map(
    ([at, name, fill]) => ({ name, ns: split[at]!, fill: color(fill) }),
  );
  return parts.length > 1 && <><h4>What its own time went into</h4>{strip(parts, self_ns)}</>;
}

function effectWords(model: Model, of: Module, effect: Effect): JSX.Element {
  const { module } = effect;
  return (
    <>
      {name(effect, "kind")}{clause(effect, "detail")}
      {module !== null && module !== of.id && <> in {moduleLink(model, module)}</>}
    </>
  );
}
