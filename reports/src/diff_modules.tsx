// SPDX-License-Identifier: Apache-2.0
// Modules that changed, with who asks for them, and the packages they are of.
import type { Diff, Loaded, Module, Package } from "./diff";
import { placeText } from "./diff_cold";
import { signedText } from "./diff_figures";
import { measureColumns, verdictText } from "./diff_measure";
import { ChangeTable, changeColumn } from "./diff_table";
import { count, countText, durationText, many, ms, msText, sizeText } from "./figures";
import { fold } from "./fold";
import { note, type View } from "./parts";
import { figure, made, text, type Column } from "./table";
import { listed, name, shown, textOf, textsOf } from "./text";
import { OWNERS, wordsFor } from "./words";

const ARROW = " → ";

const CHANGES = { status: "ends otherwise", kind: "another kind", bytes: "another size", time: "another time", modules: "other modules", version: "another version" };

const asked = (row: { importer: Module["importer"] }) => row.importer && placeText(row.importer);

/** The chain, folded behind the module that asks. */
function chainColumn<T extends { chain: string[] }>(): Column<T> {
  return {
    ...made<T>("Through", (row) => textsOf(row, "chain").join(ARROW) || null, "the modules that lead to it"),
    class: "chain",
    cell: (row) => {
      const chain = textsOf(row, "chain");
      return chain.length < 4 ? shown(chain.join(ARROW)) : fold(<>{shown(chain[0])} → … → {shown(chain[chain.length - 2])}</>, () => shown(chain.join(ARROW)));
    },
  };
}

/** What of a module is not as it was. */
function differenceText({ after, before }: Module): string | null {
  if (!after || !before) return null;
  const pair = (word: string, of: (one: Loaded) => string | null) =>
    of(before) !== of(after) && `${word} ${of(before) ?? "–"}${ARROW}${of(after) ?? "–"}`;
  return listed([
    pair("asked for by", (one) => textOf(one, "parent")), pair("", (one) => textOf(one, "status")),
    pair("", (one) => textOf(one, "kind")), pair("bytecode", (one) => textOf(one, "bytecode")),
    pair("file", (one) => textOf(one, "file")), pair("size", (one) => one.bytes === null ? null : sizeText(one.bytes)),
    pair("loaded", (one) => `${countText(one.times)} ×`),
  ]) || null;
}

/** With all that it imports: one that is not there takes nothing. */
const wholeChange = ({ total_ns: { after, before } }: Module) => (after ?? 0) - (before ?? 0);

export const modules: View<Diff> = ({ cold_start: cold }) => {
  if (!cold || cold.modules.length === 0) return false;
  const index = new Map(cold.modules.map((one, i) => [one, i]));
  const roles = new Set(cold.modules.map(({ role }) => role)).size;
  const columns: Column<Module>[] = [
    { ...text<Module>("Module", "name"), cell: (one) => <a href={`#node-${one.node}`} title="show it among the imports">{name(one, "name")}</a> },
    changeColumn<Module>(CHANGES),
    figure("With it", (one) => one.below || null, count, "modules below it that came or went with it"),
    {
      title: "With all it imports (ms)", value: wholeChange, as: ms,
      cell: (one) => <data value={String(wholeChange(one))} title={signedText(wholeChange(one), durationText)}>{signedText(wholeChange(one), msText)}</data>,
    },
    ...measureColumns<Module>(({ self_ns }) => self_ns, cold.method, "By itself"),
    made("Asked for by", asked, "the statement in your own files nearest to it"),
    chainColumn(),
    made("Package", (one) => textOf(one, "distribution") ?? wordsFor(OWNERS, one.owner, "unknown")),
    made("Differs in", differenceText),
    made("Process", ({ role }) => (roles > 1 ? role : null)),
  ];
  return ["modules", "Modules that changed", () => [
    <ChangeTable
      captionText="Modules that changed" rowList={cold.modules} columnList={columns} id={(one) => `change-${index.get(one)}`}
      words={(one) => `${textOf(one, "name")} ${textOf(one, "distribution")} ${one.owner} ${asked(one)} ${verdictText(one.self_ns)}`} word={({ change }) => change} kindWords={CHANGES}
      chief={["only the topmost", (one) => one.top || (one.change !== "came" && one.change !== "went")]}
    />,
    note(`${many(cold.modules_same, "module is", "modules are")} the same on both sides, but for times within noise.`),
  ], cold.modules.length];
};

const versions = (one: Package) => listed([...new Set([textOf(one, "version_before"), textOf(one, "version_after")])], ARROW) || null;

export const loadedPackages: View<Diff> = ({ cold_start: cold }) => !!cold && cold.packages.length > 0 && [
  "loaded-packages", "Packages loaded",
  () => (
    <ChangeTable
      captionText="Packages whose modules changed" rowList={cold.packages}
      columnList={[
        made<Package>("Package", (one) => textOf(one, "name") ?? wordsFor(OWNERS, one.owner, textOf(one, "owner") ?? "unknown")),
        changeColumn<Package>(CHANGES),
        made<Package>("Version", versions),
        figure<Package>("Modules before", (one) => one.modules.before, count), figure<Package>("Modules after", (one) => one.modules.after, count),
        ...measureColumns<Package>(({ self_ns }) => self_ns, cold.method),
        made<Package>("Asked for by", asked),
        chainColumn<Package>(),
      ]}
      words={(one) => `${textOf(one, "name")} ${one.owner} ${asked(one)}`} word={({ change }) => change} kindWords={CHANGES}
    />
  ),
  cold.packages.length,
];
