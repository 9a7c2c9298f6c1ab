// SPDX-License-Identifier: Apache-2.0
// Shared objects: what they take from where, what is missing, what is there twice.
import { count, flagsText, many, size } from "./figures";
import { folded } from "./fold";
import { ofList, type View } from "./parts";
import type { Library, Needed } from "./report";
import { Table, figure, made, packageColumn, sizeColumn, text, texts, time, type Column } from "./table";
import { bad, clause, listed, name, textOf } from "./text";

interface Missing {
  name: string;
  wanted_by: string[];
}

export const NO_LIBRARIES = "Shared objects were not looked at.";

const isMissing = (one: Needed) => (!one.resolved && !one.reason) || !!one.missing_by;

/** Names that nothing was found for, each with who wants it. */
export function missingLibraries(all: Library[]): Missing[] {
  const found = new Map<string, Missing>();
  for (const library of all)
    for (const needed of library.needed ?? []) {
      if (!isMissing(needed)) continue;
      const wanted = textOf(needed, "name")!;
      const by = textOf(library, "path")!;
      const one = found.get(wanted);
      if (one) one.wanted_by.push(by);
      else found.set(wanted, { name: wanted, wanted_by: [by] });
    }
  return [...found.values()];
}

function unsafe(one: Library): string | null {
  return listed([one.writable_code && "writable code", one.executable_stack && "executable stack"]) || null;
}

function columnsOf(byPath: Map<string, Library>): Column<Library>[] {
  return [
    text("Library", "path"),
    made("Kind", (one) => (one.outside ? "the system's" : one.type)),
    sizeColumn,
    time("Load", "dlopen_ns", "in dlopen: mapping, relocation, constructors"),
    time("Constructors", "constructors_ns"),
    figure("In memory", "resident_bytes", size, "at the end"),
    figure("Loaded in", (one) => one.loaded_in, count, "recordings"),
    figure("Strip saves", (one) => one.strip_bytes, size),
    figure("Relocations", "relocations", count, "addresses to be set on loading"),
    figure("Symbols", "symbol_bytes", size, "symbol tables that loading does not need"),
    figure("Debugging", "debug_bytes", size, "debugging sections in it"),
    {
      ...made("Needs", (one) => one.needed?.length, "other libraries it names (DT_NEEDED)"),
      cell: (one) => needs(byPath, [one]),
    },
    { ...made("Unsafe", unsafe), cell: (one) => bad(unsafe(one)!) },
    packageColumn,
    text("Soname", "soname"),
    text("Same as", "duplicate_of", "another file with the same contents"),
    text("Build id", "build_id"),
  ];
}

/** What the first one needs, each with what that needs in turn; the others are those above it. */
function needs(byPath: Map<string, Library>, above: Library[]): JSX.Element {
  return folded(above[0]!.needed!, isMissing, "not found", (one) => {
    const next = byPath.get(textOf(one, "resolved")!);
    return [
      name(one, "name"), ": ", one.resolved || one.reason ? name(one, "resolved") : bad("not found"),
      clause(one, "reason", ", "), clause(one, "owner"), clause(one, "only_by", ", only when loaded by "),
      clause(one, "missing_by", ", not by "),
      !!next?.needed?.length && (above.includes(next) ? " (see above)" : needs(byPath, [next, ...above])),
    ];
  });
}

export const libraries: View = ({ report }) => [
  "libraries", "Libraries", ofList(report.libraries, (all) => {
    const missing = missingLibraries(all);
    const byPath = new Map(all.map((one) => [textOf(one, "path")!, one]));
    const recorded = all.some((one) => one.loaded !== undefined);
    return (
      <>
        <p>
          {many(all.length, "shared library", "shared libraries")}
          {(report.run || report.use) && `; ${flagsText("loaded", all.map((one) => one.loaded))}`}.
        </p>
        {missing.length > 0 && (
          <div id="missing">
            <Table<Missing> captionText="Missing libraries" rowList={missing} columnList={[
              { ...made("Missing", (one) => one.name), cell: (one) => bad(one.name) },
              texts("Wanted by", "wanted_by"),
            ]} />
          </div>
        )}
        <Table
          captionText="Shared libraries"
          rowList={all}
          columnList={columnsOf(byPath)}
          sort={all.some((one) => one.dlopen_ns !== undefined) ? "Load (ms)" : "Size"}
          isFaint={(one) => one.loaded === false}
          quiet={!recorded}
        />
      </>
    );
  }, "No shared library was found.", NO_LIBRARIES), report.libraries?.length,
];
