// SPDX-License-Identifier: Apache-2.0
// What is shipped: installed packages, shared libraries.
import type { JSX } from "preact";
import { Count, Ms, Size, count, many, size } from "./figures";
import type { Model } from "./model";
import { Lines, Section } from "./parts";
import type { Distribution, Library, Needed } from "./report";
import { Table, figure, text, type Column } from "./table";
import { Clause, Name, textsOf } from "./text";

function texts<T extends object>(title: string, at: keyof T & string): Column<T> {
  return { title, value: (row) => textsOf(row, at).join(", ") || null };
}

const PACKAGE_COLUMNS: Column<Distribution>[] = [
  text("Package", "name"),
  text("Version", "version"),
  figure("Import (ms)", "import_ns", Ms, "what would vanish if none of its modules were imported"),
  figure("Modules", "modules", Count, "how many of its modules were imported"),
  figure("Size", "bytes", Size),
  figure("On disk", "disk_bytes", Size, "space taken, in whole blocks"),
  figure("Opened", "loaded_bytes", Size, "those of its files that were opened"),
  figure("Goes with it", "exclusive_bytes", Size, "with the packages that only it requires"),
  figure("Files", "files", Count),
  texts("Asked for by", "required_by"),
  texts("Requires", "requires"),
  text("Location", "location"),
];

export function Packages({ model: { report } }: { model: Model }): JSX.Element {
  const { distributions, totals } = report;
  return (
    <Section
      id="packages" title="Packages" list={distributions}
      absent="Installed packages were not looked for." empty="No installed package was found."
    >
      {(packages) => (
        <>
          <p>
            {many(packages.length, "package")} installed,{" "}
            {size(packages.reduce((sum, one) => sum + one.bytes, 0))} together;{" "}
            {count(packages.filter((one) => one.used).length)} of them imported, the others are faint.{" "}
            {totals ? (
              <>
                Shipped with the app: <Size of={totals.bytes} /> in {many(totals.files, "file")} and{" "}
                {many(totals.directories, "folder")}, <Size of={totals.disk_bytes} /> on disk.
              </>
            ) : "What is shipped with the app in all was not measured."}
          </p>
          <Table
            caption="Installed packages"
            rows={packages}
            columns={PACKAGE_COLUMNS}
            sort={packages.some((one) => one.import_ns !== undefined) ? "Import (ms)" : "Size"}
            id={(one) => `package-${packages.indexOf(one)}`}
            faint={(one) => !one.used}
          />
        </>
      )}
    </Section>
  );
}

const LIBRARY_COLUMNS: Column<Library>[] = [
  text("Library", "path"),
  figure("Size", "bytes", Size),
  figure("Load (ms)", "dlopen_ns", Ms, "in dlopen: mapping, relocation, constructors"),
  figure("Constructors (ms)", "constructors_ns", Ms),
  figure("In memory", "resident_bytes", Size, "at the end"),
  figure("Relocations", "relocations", Count, "addresses to be set on loading"),
  figure("Symbols", "symbol_bytes", Size, "symbol tables that loading does not need"),
  figure("Debugging", "debug_bytes", Size, "debugging sections in it"),
  {
    title: "Needs",
    help: "other libraries it names (DT_NEEDED)",
    value: (one) => one.needed?.length,
    cell: (one) => <NeededList needed={one.needed!} />,
  },
  text("Soname", "soname"),
  text("Same as", "duplicate_of", "another file with the same contents"),
  text("Build id", "build_id"),
];

export function Libraries({ model }: { model: Model }): JSX.Element {
  return (
    <Section
      id="libraries" title="Libraries" list={model.report.libraries}
      absent="Shared libraries were not looked for." empty="No shared library was found."
    >
      {(libraries) => (
        <>
          <p>
            {many(libraries.length, "shared library", "shared libraries")},{" "}
            {count(libraries.filter((one) => one.loaded).length)} of them loaded, the others are faint.
          </p>
          <Table
            caption="Shared libraries"
            rows={libraries}
            columns={LIBRARY_COLUMNS}
            sort={libraries.some((one) => one.dlopen_ns !== undefined) ? "Load (ms)" : "Size"}
            faint={(one) => !one.loaded}
          />
        </>
      )}
    </Section>
  );
}

function NeededList({ needed }: { needed: Needed[] }): JSX.Element {
  const lines = needed.map((one) => (
    <>
      <Name of={one} at="name" />:{" "}
      {one.resolved === null ? <b class="bad">not found</b> : <Name of={one} at="resolved" />}
      <Clause of={one} at="reason" before=", by " />
    </>
  ));
  return (
    <details>
      <summary><Count of={needed.length} /></summary>
      <Lines class="needed" of={lines} />
    </details>
  );
}
