// SPDX-License-Identifier: Apache-2.0
// Installed packages: how large, why they are there, what they require.
import type { ComponentChildren } from "./jsx";
import { count, countText, flagsText, many, size, sizeText, total } from "./figures";
import { fold, folded } from "./fold";
import { modulesLink } from "./module_link";
import { ofList, pathLines, type View } from "./parts";
import type { Distribution, Requirement, Totals } from "./report";
import { Table, diskColumn, figure, filesColumn, made, sizeColumn, text, texts, time, type Column } from "./table";
import { bad, name, shown, textOf, textsOf } from "./text";

/** As PEP 503 compares names. */
function normalized(text: string | null): string {
  return text!.replace(/[-_.]+/g, "-").toLowerCase();
}

/** Whether what is asked for is there; what is wrong is bold. */
export function met(one: Pick<Requirement, "applies" | "unreadable" | "installed" | "satisfied">): [words: string, wrong: boolean] {
  if (one.unreadable) return ["can't be read", true];
  if (!one.applies) return ["does not apply here", false];
  if (one.installed === null) return ["not installed", true];
  return one.satisfied ? [one.installed, false] : [`${one.installed} does not fit`, true];
}

export function metCell(one: Parameters<typeof met>[0]): JSX.Element {
  const [words, wrong] = met(one);
  return (wrong ? bad : shown)(words);
}

/** What RECORD says, against what is there. */
function recordWords({ record }: Distribution): string | undefined {
  if (record?.state !== "present") return record?.state;
  const { listed, absent, changed, outside } = record;
  const counted = (number: number, words: string) => (number > 0 ? `, ${countText(number)} ${words}` : "");
  return many(listed, "file") + counted(absent, "not there") + counted(changed, "changed") + counted(outside, "outside");
}

/** The same, and the first few of those that are not as they should be. */
function recordCell(one: Distribution): ComponentChildren {
  const record = one.record!;
  const list = (words: string, key: "absent_paths" | "changed_paths") =>
    !!record[key]?.length && fold(words, () => pathLines(record, key));
  return [shown(recordWords(one)), list("not there", "absent_paths"), list("changed", "changed_paths")];
}

function columnsOf(all: Distribution[]): Column<Distribution>[] {
  const known = new Map(all.map((one, index) => [normalized(textOf(one, "name")), index]));
  const step = (text: string, index: number) => {
    const at = known.get(normalized(text));
    return [index > 0 && " → ", at === undefined ? shown(text) : <a href={`#package-${at}`}>{shown(text)}</a>];
  };
  return [
    text("Package", "name"),
    text("Version", "version"),
    time("Import", "import_ns", "what would vanish if none of its modules were imported"),
    time("With imports", (one) => one.import_total_ns),
    {
      ...figure<Distribution>("Modules", "modules", count, "how many of its modules were imported"),
      cell: (one) => modulesLink(textOf(one, "name")!, count(one.modules)),
    },
    sizeColumn,
    diskColumn,
    {
      ...figure("Opened", "loaded_bytes", size, "those of its files that were opened"),
      value: (one) => one.loaded_bytes ?? one.opened_bytes,
    },
    figure("Used", (one) => one.used_bytes, size),
    figure("Used in", (one) => one.used_in, count, "recordings"),
    figure("Goes with it", "exclusive_bytes", size, "with the packages that only it requires"),
    filesColumn,
    {
      ...made("Why", (one) => one.why?.join() || null, "the shortest chain"),
      class: "chain",
      cell: (one) => textsOf(one, "why").map(step),
    },
    texts("Asked for by", "required_by"),
    texts("Requires", "requires"),
    {
      ...made("Requirements", (one) => one.requirements?.length || null),
      cell: (row) => folded(row.requirements!, (one) => met(one)[1], "not met", (one) => [name(one, "text"), ": ", metCell(one)]),
    },
    { ...made("RECORD", recordWords, "against what is there"), cell: recordCell },
    { ...made("Does not fit", (one) => one.misfit), cell: (one) => bad(textOf(one, "misfit")!) },
    {
      ...text("Editable", "editable"),
      cell: (one) => [name(one, "editable"), one.editable_outside && bad(", not shipped: it is outside")],
    },
    text("Location", "location"),
  ];
}

export const packages: View = ({ report }) => [
  "packages", "Packages", ofList(report.distributions, (all) => {
    const indexes = new Map(all.map((one, index) => [one, index]));
    const recorded = all.some((one) => one.used !== undefined);
    return (
      <>
        <p>
          {many(all.length, "package")} installed,{" "}
          {sizeText(total(all, (one) => one.bytes))} together
          {(report.run || report.use) && `; ${flagsText("imported", all.map((one) => one.used))}`}.{" "}
          {report.totals ? shipped(report.totals) : "What is shipped in all was not measured."}
        </p>
        <Table
          captionText="Installed packages"
          rowList={all}
          columnList={columnsOf(all)}
          sort={all.some((one) => one.import_ns !== undefined) ? "Import (ms)" : "Size"}
          id={(one) => `package-${indexes.get(one)}`}
          isFaint={(one) => one.used === false}
          quiet={!recorded}
        />
      </>
    );
  }, "No installed package was found.", "Installed packages were not looked for."), report.distributions?.length,
];

function shipped({ bytes, disk_bytes, files, directories }: Totals): JSX.Element {
  return (
    <>
      Shipped with the app: {size(bytes)} in {many(files, "file")} and {many(directories, "folder")},{" "}
      {size(disk_bytes)} on disk.
    </>
  );
}
