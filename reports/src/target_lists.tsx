// SPDX-License-Identifier: Apache-2.0
// What a target's parts say of themselves, each a section that is there only when it has something to say.
import type { ComponentChildren } from "./jsx";
import { count, countText, many, size } from "./figures";
import { fold } from "./fold";
import { met, metCell } from "./packages";
import { pathLines, type Section, type View } from "./parts";
import type { BytecodeHealth, BytecodeState, Conflict, Duplicate, Fault, Foreign, Limit, PathFile, Report, Request, UseBytecode, UseSearchFolder } from "./report";
import { Table, diskColumn, figure, made, packageColumn, sizeColumn, text, time, type Column } from "./table";
import { textOf } from "./text";
import { PLATFORMS, wordsFor } from "./words";

/** A section of one table, with a line before it. */
function listed<T extends object>(
  id: string,
  title: string,
  rows: T[] | null | undefined,
  columns: Column<T>[],
  words?: ComponentChildren,
): Section | false {
  return !!rows?.length && [id, title, () => [
    words && <p>{words}</p>, <Table captionText={title} rowList={rows} columnList={columns} />,
  ], rows.length];
}

const more = (number?: number) => !!number && `${countText(number)} more are not listed.`;

const YES_NO = ["no", "yes"];

const CONFLICTS: { [kind in Conflict["kind"]]: string } = {
  missing: "required, not installed",
  version: "its version does not fit",
  twice: "there twice: the first is imported",
  file: "a file of both",
};

type State = { state: string } & Partial<BytecodeState & Omit<UseBytecode, "state">>;

/** What is there, and what recordings met: "rejected" may be foreign or damaged, so it stands for itself. */
function states({ bytecode_health, use }: Report): State[] {
  const rows = new Map<string, State>();
  for (const [state, of] of Object.entries<BytecodeState>({ ...bytecode_health?.states }))
    if (of.files > 0) rows.set(state, { ...of, state });
  for (const one of use?.bytecode ?? []) rows.set(one.state, { ...rows.get(one.state), ...one });
  return [...rows.values()];
}

function health({ checked, by_time, by_hash, unwritable, ...of }: BytecodeHealth): JSX.Element {
  return (
    <>
      {many(by_time, "file")} valid by the source's time, which a deployment may change; {countText(by_hash)} by
      its hash ({countText(checked)} read); {many(unwritable, "folder")} where none can be written.
      {of.examples.length > 0 && fold("Those not fresh", () => pathLines(of, "examples"))}
    </>
  );
}

export const LISTS: View[] = [
  ({ report }) => listed("untouched", "Packages never touched", report.distributions?.filter((one) => one.used_in === 0), [
    text("Package", "name"),
    sizeColumn,
    diskColumn,
  ]),
  ({ report }) => listed<UseSearchFolder>("lookups", "Modules looked for in vain", report.use?.search_folders, [
    text("Folder", "path"),
    figure("Paths, at least", "lookups_failed", count),
    time("Time", "ns"),
    figure("Modules", "modules_passed", count, "looked for there that are elsewhere, or nowhere"),
  ], more(report.use?.search_folders_more)),
  ({ report }) => listed<Limit>("limits", "Limits", report.limits, [
    made("Platform", ({ platform }) => wordsFor(PLATFORMS, platform, platform)),
    text("What it limits", "what"),
    sizeColumn,
    figure("Limit", "limit_bytes", size),
    made("Kept", ({ exceeded, hard }) => (exceeded ? `no: ${hard ? "it is refused" : "against advice"}` : "yes")),
    made("Source", (one) => `${one.source}, ${one.dated}`),
  ]),
  ({ report }) => listed<Conflict>("conflicts", "Conflicts", report.conflicts, [
    text("What", "what"),
    made("Conflict", ({ kind }) => CONFLICTS[kind]),
    packageColumn,
    text("Other", "other"),
    text("Installed", "installed"),
    text("Where", "where"),
  ]),
  ({ report }) => listed<Foreign>("foreign", "Files of another platform", report.foreign, [
    text("File", "path"),
    text("Built", "why"),
    packageColumn,
  ]),
  ({ report: { requirements: all = [] } }) => {
    const number = (is: (one: Request) => boolean) => countText(all.filter((one) => !one.constraint && is(one)).length);
    return listed("requirements", "Requirements", all, [
      text("Requirement", "text"),
      { ...made("Installed", (one) => met(one)[0]), cell: metCell },
      made("Pinned", (one) => YES_NO[+one.pinned]),
      made("Hashed", (one) => YES_NO[+one.hashed]),
      made("Line", (one) => `${textOf(one, "file")}:${one.line}${one.constraint ? " (constraint)" : ""}`),
    ], `${number((one) => !one.pinned)} not pinned, ${number((one) => !one.hashed)} without a hash, ${number((one) => met(one)[1])} not met.`);
  },
  ({ report }) => listed<Duplicate>("duplicates", "Libraries shipped again", report.duplicates, [
    text("Library", "key"),
    text("Alike in", "kind"),
    figure("Waste", "waste_bytes", size, "all but the largest"),
    { ...made("Files", ({ paths }) => paths.length), cell: (one) => pathLines(one, "paths") },
    text("In use", "winner"),
  ]),
  ({ report }) => listed<State>("bytecode", "Bytecode", states(report), [
    text("State", "state"),
    figure("Sources", "files", count),
    figure("Their size", "source_bytes", size),
    figure("Modules", (one) => one.modules, count, "loaded from source, where that took longest"),
    time("Cost", (one) => one.ns),
  ], report.bytecode_health && health(report.bytecode_health)),
  ({ report }) => {
    const cost = new Map(report.use?.path_files?.map((one) => [textOf(one, "path"), one.ns]));
    return listed<PathFile>("path-files", ".pth files", report.path_files, [
      text("File", "path"),
      figure("Folders", "folders", count, "added to the path"),
      figure("Code", "code", count, "lines that each start executes"),
      time("Cost", (one) => cost.get(textOf(one, "path"))),
      packageColumn,
    ]);
  },
  ({ report: { faults, faults_more } }) => listed<Fault>("faults", "Faults", faults, [
    text("Path", "path"),
    text("What", "what"),
    made("In the figures", ({ folder, unread }) => (unread ? `not all${folder ? " of the folder" : ""}` : "yes")),
  ], more(faults_more)),
];
