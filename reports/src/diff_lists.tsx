// SPDX-License-Identifier: Apache-2.0
// What changed of what is shipped: distributions, libraries, folders, and what fits no more.
import type { Conflict, Diff, Distribution, Folder, Library, Requirement } from "./diff";
import { sizeChange } from "./diff_figures";
import { ChangeTable, changeColumn, pairColumns } from "./diff_table";
import { countText, many, size } from "./figures";
import { note, type View } from "./parts";
import { made, text, type Column } from "./table";
import { clause, name, shown, textOf, textsOf } from "./text";

const ARROW = " → ";

function chainColumn<T extends { why: string[] | null }>(): Column<T> {
  return made("Asked for by", (row) => (row.why?.length ? textsOf(row, "why").join(ARROW) : null),
    "the shortest chain of what asks for it");
}

const CHANGES = { version: "another version", size: "another size", build: "another build" };

function versionText({ before, after }: Distribution): string {
  const [old, now] = [before, after].map((one) => one && (textOf(one, "version") ?? "?"));
  return old === now ? old ?? "" : [old, now].filter((one) => one !== null).join(ARROW);
}

/** What brought it: the first link of the chain that only one side has. */
function causeText({ cause }: Distribution): string | null {
  if (!cause) return null;
  if (cause.kind === "requirement") return `${textOf(cause, "text")} (${textOf(cause, "file")}:${cause.line})`;
  const versions = [textOf(cause, "version_before") ?? "(not there)", textOf(cause, "version_after") ?? "(gone)"];
  return `${textOf(cause, "name")} ${versions.join(ARROW)}`;
}

const DISTRIBUTIONS: Column<Distribution>[] = [
  text("Package", "name"),
  changeColumn(CHANGES),
  made("Version", versionText),
  ...pairColumns<Distribution>(size, sizeChange, ({ after, before, disk_bytes_change: change }) =>
    ({ before: before?.disk_bytes ?? null, after: after?.disk_bytes ?? null, change })),
  chainColumn(),
  made("Brought by", causeText, "what of this differs between the two"),
];

/** "12 others are the same." */
function same(number: number | null): JSX.Element | false {
  return number !== null && number > 0 && note(number === 1 ? "1 other is the same." : `${countText(number)} others are the same.`);
}

export const packages: View<Diff> = ({ distributions, distributions_same }) => !!distributions && distributions.length > 0 && [
  "packages", "Packages",
  () => [
    <ChangeTable
      captionText="Packages that changed" rowList={distributions} columnList={DISTRIBUTIONS}
      words={(one) => `${textOf(one, "name")} ${textsOf(one, "why").join(" ")} ${versionText(one)}`} word={({ change }) => change} kindWords={CHANGES}
    />,
    same(distributions_same),
  ],
  distributions.length,
];

const LIBRARIES: Column<Library>[] = [
  { ...text("Library", "path"), class: "path-cell" },
  changeColumn(CHANGES),
  ...pairColumns<Library>(size, sizeChange, ({ after, before, bytes_change: change }) =>
    ({ before: before?.bytes ?? null, after: after?.bytes ?? null, change })),
  text("Package", "distribution"),
  made("Where", ({ outside }) => (outside ? "the system's" : null)),
];

export const libraries: View<Diff> = ({ libraries, libraries_same }) => !!libraries && libraries.length > 0 && [
  "libraries", "Shared libraries",
  () => [
    <ChangeTable
      captionText="Shared libraries that changed" rowList={libraries} columnList={LIBRARIES}
      words={(one) => `${textOf(one, "path")} ${textOf(one, "distribution")}`} word={({ change }) => change}
    />,
    same(libraries_same),
  ],
  libraries.length,
];

export const folders: View<Diff> = ({ folders }) => !!folders && folders.length > 0 && [
  "folders", "Folders",
  () => [
    <ChangeTable
      captionText="Folders that changed" rowList={folders}
      columnList={[
        { ...made<Folder>("Folder", (one) => textOf(one, "path") || "."), class: "path-cell" },
        ...pairColumns<Folder>(size, sizeChange, ({ after, before, disk_bytes_change: change }) =>
          ({ before: before?.disk_bytes ?? null, after: after?.disk_bytes ?? null, change })),
        made<Folder>("Exact", ({ exact }) => (exact ? "yes" : "one side may have up to 0.05 % there")),
        text("Package", "distribution"),
      ]}
      words={(one) => `${textOf(one, "path")} ${textOf(one, "distribution")}`}
      word={({ disk_bytes_change }) => (disk_bytes_change > 0 ? "larger" : "smaller")}
    />,
    note("Space on the disk. A folder with less than 0.05 % of its target is not listed, and taken as nothing."),
  ],
  folders.length,
];

function conflictWords(one: Conflict): JSX.Element {
  const who = textOf(one, "distribution") ?? textOf(one, "where");
  const [what, other] = [name(one, "what"), name(one, "other")];
  switch (one.kind) {
    case "missing": return <>{shown(who)} wants {what}, which is not installed</>;
    case "version": return <>{shown(who)} wants {what}, {other} is installed in another version</>;
    case "twice": return <>{what} is installed twice</>;
    default: return <>{shown(who)} and {other} both own {what}</>;
  }
}

interface Problem {
  change: string;
  kind: string;
  words: string;
  said: JSX.Element;
}

/** Conflicts, libraries that are not found, files of another platform, copies: one list. */
export function problemsOf({ conflicts, duplicates, foreign, missing }: Diff): Problem[] {
  const problem = (kind: string, change: string, words: (string | null)[], said: JSX.Element): Problem =>
    ({ change, kind, words: `${kind} ${words.join(" ")}`, said });
  return [
    ...(conflicts ?? []).map((one) =>
      problem("conflict", one.change, [textOf(one, "what"), textOf(one, "distribution"), textOf(one, "other")], conflictWords(one))),
    ...(missing ?? []).map((one) =>
      problem("library not found", one.change, [textOf(one, "name"), textOf(one, "wanted_by")],
        <>{name(one, "name")}, wanted by {name(one, "wanted_by")}</>)),
    ...(foreign ?? []).map((one) =>
      problem("of another platform", one.change, [textOf(one, "path"), textOf(one, "why")],
        <>{name(one, "path")} {clause(one, "why", "is ")}</>)),
    ...(duplicates ?? []).map((one) =>
      problem("shipped again", one.change, [textOf(one, "key"), ...textsOf(one, "paths")],
        <>{name(one, "key")}: {many(one.paths.length, "copy", "copies")}, {size(one.waste_bytes)} more than one needs: {shown(textsOf(one, "paths").join(", "))}</>)),
  ];
}

export const problems: View<Diff> = (diff) => {
  const all = problemsOf(diff);
  return all.length > 0 && [
    "problems", "Problems that came or went",
    () => (
      <ChangeTable
        captionText="Problems that came or went" rowList={all}
        columnList={[text<Problem>("Kind", "kind"), changeColumn(), { ...made<Problem>("Problem", ({ words }) => words), cell: ({ said }) => said }]}
        words={({ words }) => words} word={({ change }) => change}
      />
    ),
    all.length,
  ];
};

export const requirements: View<Diff> = ({ requirements }) => !!requirements && requirements.length > 0 && [
  "requirements", "Requirements",
  () => (
    <ChangeTable
      captionText="Requirements that came or went" rowList={requirements}
      columnList={[
        text<Requirement>("Requirement", "text"), changeColumn<Requirement>(),
        made<Requirement>("Where", (one) => `${textOf(one, "file")}:${one.line}`),
        made<Requirement>("Constraint", ({ constraint }) => (constraint ? "yes" : null)),
      ]}
      words={(one) => `${textOf(one, "text")} ${textOf(one, "file")}`} word={({ change }) => change}
    />
  ),
  requirements.length,
];
