// SPDX-License-Identifier: Apache-2.0
// All that is known of one module.
import { effectLines } from "./effects";
import { duration, share } from "./figures";
import { moduleOf, packageOf, processWords, type Model } from "./model";
import { MEASURES } from "./module_columns";
import { bytecodeWords, lookupWords } from "./module_files";
import { moduleLink, moduleLinks, statusTag } from "./module_link";
import { fact } from "./parts";
import { picked, toldIn } from "./picked";
import type { Module } from "./report";
import { spentBy, spentTable, timeStrip } from "./spent";
import { contents, valueOf } from "./table";
import { name, shown, textOf } from "./text";
import { OWNERS, boundSign, boundWords, wordsFor } from "./words";

/** What is known of the picked module, if it was picked there. */
export function detailIn(place: typeof toldIn.val, model: Model): JSX.Element {
  return <div>{() => <div>{picked.val && toldIn.val === place && moduleDetail(model, picked.val)}</div>}</div>;
}

function moduleDetail(model: Model, module: Module): JSX.Element {
  const { effects = [], process, total_ns } = module;
  const { mainTrack: track } = model;
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
        {MEASURES.map((column) => valueOf(module, column) !== null &&
          fact(column.title, [contents(module, column), <small>{column.help}</small>]))}
        {fact("Package", packageLink(model, module))}
        {fact("Whose", wordsFor(OWNERS, module.owner, "unknown"))}
        {fact("Made of", module.kind ?? "unknown")}
        {fact("Process", [shown(processWords(model, process)), ", thread ", module.tid])}
        {fact("Asked for by", importers(model, module), "wide")}
        {fact(
          "Lazy, first used by",
          module.lazy_by && [name(module.lazy_by, "function"), " in ", shown(textOf(module.lazy_by, "file"))],
          "wide",
        )}
        {fact("File", shown(textOf(module, "path") ?? textOf(module, "file")), "wide")}
        {fact("Bytecode", bytecodeWords(module), "wide")}
        {fact("Looked for at", lookupWords(model, module), "wide")}
      </dl>
      {split(module)}
      {effects.length > 0 && [<h4>What else it did on being imported</h4>, effectLines(model, module)]}
    </article>
  );
}

const MOST_IMPORTERS = 20;

function importers(model: Model, module: Module): JSX.Element {
  const { importers: all = [], parent, via, tid } = module;
  const others = all.filter((id) => id !== parent);
  return (
    <>
      {parent === null ? "the program itself, or unknown" : moduleLink(model, parent)}
      {via && ` (${via})`}
      {parent !== null && moduleOf(model, parent)?.tid !== tid && ", on another thread"}
      {others.length > 0 && <small>and later by {moduleLinks(model, others, MOST_IMPORTERS)}</small>}
    </>
  );
}

function packageLink(model: Model, module: Module): JSX.Element {
  const index = packageOf(model, module);
  const shown = name(module, "distribution");
  return index < 0 ? shown : <a href={`#package-${index}`}>{shown}</a>;
}

/** Its parts; with what they waited for and used, where that was measured and there was any. */
function split(module: Module): JSX.Element | false {
  const rows = spentBy([module]);
  const used = Object.keys(module.waits ?? {}).length > 0;
  return (rows.filter(({ ns }) => ns > 0).length > 1 || used) && (
    <>
      <h4>What its own time went into</h4>
      {timeStrip(rows)}
      {used && spentTable("Parts of this import", rows)}
    </>
  );
}
