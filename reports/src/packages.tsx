// SPDX-License-Identifier: Apache-2.0
// What is shipped: installed packages, shared libraries.
import type { JSX } from "preact";
import { count, countText, many, ms, size, sizeText } from "./figures";
import type { Model } from "./model";
import { lines, section } from "./parts";
import type { Distribution, Library, Needed, Totals } from "./report";
import { Table, figure, made, text, type Column } from "./table";
import { clause, name, textsOf } from "./text";

function texts<T extends object>(title: string, at: keyof T & string): Column<T> {
  return made(title, (row) => textsOf(row, at).join(", ") || null);
}

const PACKAGE_COLUMNS: Column<Distribution>[] = [
  text("Package", "name"),
  text("Version", "version"),
  figure("Import (ms)", "import_ns", ms, "what would vanish if none of its modules were imported"),
  figure("Modules", "modules", count, "how many of its modules were imported"),
  figure("Size", "bytes", size),
  figure("On disk", "disk_bytes", size, "space taken, in whole blocks"),
  figure("Opened", "loaded_bytes", size, "those of its files that were opened"),
  figure("Goes with it", "exclusive_bytes", size, "with the packages that only it requires"),
  figure("Files", "files", count),
  texts("Asked for by", "required_by"),
  texts("Requires", "requires"),
  text("Location", "location"),
];

export function packages({ report }: Model): JSX.Element {
  const absence = { absent: "Installed packages were not looked for.", empty: "No installed package was found." };
  return section("packages", "Packages", report.distributions, absence, (all) => (
    <>
      <p>
        {many(all.length, "package")} installed,{" "}
        {sizeText(all.reduce((sum, one) => sum + one.bytes, 0))} together;{" "}
        {countText(all.filter((one) => one.used).length)} of them imported, the others are faint.{" "}
        {report.totals ? shipped(report.totals) : "What is shipped in all was not measured."}
      </p>
      <Table
        caption="Installed packages"
        rows={all}
        columns={PACKAGE_COLUMNS}
        sort={all.some((one) => one.import_ns !== undefined) ? "Import (ms)" : "Size"}
        id={(one) => `package-${all.indexOf(one)}`}
        faint={(one) => !one.used}
      />
    </>
  ));
}

function shipped({ bytes, disk_bytes, files, directories }: Totals): JSX.Element {
  return (
    <>
      Shipped with the app: {size(bytes)} in {many(files, "file")} and {many(directories, "folder")},{" "}
      {size(disk_bytes)} on disk.
    </>
  );
}

const LIBRARY_COLUMNS: Column<Library>[] = [
  text("Library", "path"),
  figure("Size", "bytes", size),
  figure("Load (ms)", "dlopen_ns", ms, "in dlopen: mapping, relocation, constructors"),
  figure("Constructors (ms)", "constructors_ns", ms),
  figure("In memory", "resident_bytes", size, "at the end"),
  figure("Relocations", "relocations", count, "addresses to be set on loading"),
  figure("Symbols", "symbol_bytes", size, "symbol tables that loading does not need"),
  figure("Debugging", "debug_bytes", size, "debugging sections in it"),
  {
    ...made("Needs", (one) => one.needed?.length, "other libraries it names (DT_NEEDED)"),
    cell: (one) => needs(one.needed!),
  },
  text("Package", "distribution"),
  text("Soname", "soname"),
  text("Same as", "duplicate_of", "another file with the same contents"),
  text("Build id", "build_id"),
];

export function libraries({ report }: Model): JSX.Element {
  const absence = { absent: "Shared libraries were not looked for.", empty: "No shared library was found." };
  return section("libraries", "Libraries", report.libraries, absence, (all) => (
    <>
      <p>
        {many(all.length, "shared library", "shared libraries")},{" "}
        {countText(all.filter((one) => one.loaded).length)} of them loaded, the others are faint.
      </p>
      <Table
        caption="Shared libraries"
        rows={all}
        columns={LIBRARY_COLUMNS}
        sort={all.some((one) => one.dlopen_ns !== undefined) ? "Load (ms)" : "Size"}
        faint={(one) => !one.loaded}
      />
    </>
  ));
}

function needs(needed: Needed[]): JSX.Element {
  const items = needed.map((one) => (
    <>
      {name(one, "name")}:{" "}
      {one.resolved === null ? <b class="bad">not found</b> : name(one, "resolved")}
      {clause(one, "reason", ", by ")}
    </>
  ));
  return (
    <details>
      <summary>{count(needed.length)}</summary>
      {lines(items)}
    </details>
  );
}
