// SPDX-License-Identifier: Apache-2.0
// The CPU time of imports by shared object, by function, and by what called them.
import type { ComponentChildren } from "./jsx";
import { lossWords, unobserved } from "./coverage";
import { countText, durationText, many, ms, shareText, total, type Figure } from "./figures";
import { moduleOf, type Model } from "./model";
import { moduleLink } from "./module_link";
import { lines, note, type View } from "./parts";
import type { Native, NativeFrame, NativeFunction, NativeLibrary, NativePath, NativeShare, NativeStacks } from "./report";
import { Table, figure, headed, made, shares, text, time, type Column } from "./table";
import { plain, shown, textOf } from "./text";

interface Sampled {
  samples: number;
  kernel_samples: number;
}

const FEW_SAMPLES = 10;
const MOST_ROWS = 15; // at first

const KINDS: Record<NativeLibrary["kind"], string> = {
  file: "",
  vdso: "the kernel's",
  anonymous: "made at run time",
  probe: "thaw's own probes",
};

/** In whole percents: samples are not so exact that more would mean something. */
function wholeShare(part: number, whole: number): string {
  const percent = whole > 0 ? Math.round((100 * part) / whole) : 0;
  return part > 0 && percent === 0 ? "<1 %" : `${percent} %`;
}

/** By how much the time may be off, as samples are drawn: one standard error, upwards. */
const error: Figure = (samples) => {
  const all = samples ?? 0;
  const words = all < FEW_SAMPLES ? many(all, "sample") : `±${Math.ceil(100 / Math.sqrt(all))} %`;
  return <data value={String(all)} title={many(all, "sample")}>{words}</data>;
};

const ERROR = figure<{ samples: number }>("Error", "samples", error, "one standard error, or how many samples it rests on");
const TIME = time<{ time_ns: number }>("Time", "time_ns");

const KERNEL: Column<Sampled> = {
  ...figure("Kernel", (one: Sampled) => one.kernel_samples / (one.samples || 1), ms, "share of it in the kernel"),
  cell: (one) => wholeShare(one.kernel_samples, one.samples),
};

/** How much of it was seen. */
function amounts(native: Native): Column<{ samples: number; time_ns: number }>[] {
  return [TIME, ERROR, shares(({ samples }) => samples, native.samples, wholeShare)];
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1) || path;
}

/** Its file's name; an extension module's without what all of a Python's have at their ends. */
function libraryName(path: string): string {
  return baseName(path).replace(/(.)\.cpython-.*\.so$/s, "$1.so");
}

type Code = Pick<NativeFunction, "library" | "name" | "offset" | "library_bytes" | "name_bytes">;

/** Its name, or where it lies: never the name of what happens to be near. */
function functionName(code: Code): string {
  return textOf(code, "name") || `${baseName(textOf(code, "library")!)}+0x${code.offset.toString(16)}`;
}

/** The module with the most of its samples. */
function mostOf<T extends { modules: NativeShare[] }>(model: Model): Column<T> {
  const first = ({ modules }: T) => moduleOf(model, modules[0]?.module);
  return {
    ...made("Most of it in", (one: T) => first(one)?.name ?? null),
    cell: (one) => moduleLink(model, first(one)!.id),
  };
}

function libraryColumns(model: Model, native: Native): Column<NativeLibrary>[] {
  return [
    {
      ...text("Library", "path", "its functions, without what they call"),
      cell: (one) => (
        <>
          <span title={plain(textOf(one, "path")!)}>{shown(libraryName(textOf(one, "path")!))}</span>
          {KINDS[one.kind] && <span class="tag">{KINDS[one.kind]}</span>}
        </>
      ),
    },
    ...amounts(native),
    KERNEL,
    text("From", "distribution"),
    mostOf(model),
    { ...text("Path", "path"), class: "path-cell" },
  ];
}

function functionColumns(native: Native): Column<NativeFunction>[] {
  return [
    { ...made("Function", functionName, "without what it calls"), class: "path-cell" },
    ...amounts(native),
    KERNEL,
    made("Library", (one) => baseName(textOf(one, "library")!)),
  ];
}

/** "libc.so.6!memcpy ← do_init ← PyInit_x", innermost first; a library where it changes. */
function pathWords(frames: NativeFrame[]): string {
  return frames
    .map((frame, index) => {
      const from = baseName(textOf(frame, "library")!);
      const before = index > 0 ? baseName(textOf(frames[index - 1]!, "library")!) : "";
      const told = !textOf(frame, "name") || from === before;
      return (told ? "" : `${from}!`) + functionName(frame);
    })
    .join(" ← ");
}

function pathColumns(model: Model, native: Native): Column<NativePath>[] {
  return [
    { ...made("Calls, innermost first", ({ frames }) => pathWords(frames)), class: "path-cell" },
    ...amounts(native),
    mostOf(model),
  ];
}

function calls(model: Model, native: Native, stacks: NativeStacks): JSX.Element {
  const { complete, truncated, probed, broken } = stacks;
  return (
    <>
      <h3>Calls that led there, up to the interpreter</h3>
      {stacks.paths.length > 0 && (
        <Table captionText="Native calls" rowList={stacks.paths} columnList={pathColumns(model, native)} most={MOST_ROWS} />
      )}
      {note(
        `Of ${many(complete + truncated + probed + broken, "stack")}, ${countText(complete)} were followed to ` +
        `the thread's start, ${countText(probed)} to dlopen, whose return is probed; ${countText(truncated)} are ` +
        `longer than what was copied, ${countText(broken)} end elsewhere.`,
      )}
    </>
  );
}

/** What the samples can't tell. */
function unknowns(model: Model, native: Native): ComponentChildren[] {
  const { samples, unattributed_samples, outside_samples, other_functions_samples } = native;
  const unnamed = total(native.functions, (one) => (one.name === null ? one.samples : 0));
  const some = (number: number, words: string) => number > 0 && many(number, "sample") + words;
  return [
    unnamed > 0 && `${shareText(unnamed, samples)} of the samples are in functions that their files have no name for ` +
      "(library+offset)",
    some(other_functions_samples, " in functions that are not listed"),
    some(unattributed_samples, " in no code that was seen mapped"),
    some(outside_samples, " of the same threads while nothing was imported: counted nowhere"),
    ...model.report.losses.map((loss) => lossWords(model, loss)),
  ];
}

function sampled(model: Model, native: Native): JSX.Element {
  const { libraries, functions, kernel_samples, period_ns, samples, stacks, time_ns } = native;
  return (
    <>
      <p>
        <b>{durationText(time_ns)}</b> on a CPU ({many(samples, "sample")}, {durationText(period_ns)} apart;{" "}
        {wholeShare(kernel_samples, samples)} of them in the kernel).
      </p>
      {headed("Libraries",
        { captionText: "Native libraries", rowList: libraries, columnList: libraryColumns(model, native), most: MOST_ROWS })}
      {headed("Functions",
        { captionText: "Native functions", rowList: functions, columnList: functionColumns(native), most: MOST_ROWS })}
      {stacks ? calls(model, native, stacks) : note("What called them was not asked for (--stacks).")}
      {lines(unknowns(model, native))}
    </>
  );
}

export const native: View<Model> = (model) => {
  const { native: found } = model.report;
  return ["native", "Native code", () => (found ? sampled(model, found) : unobserved(model, "native.sample", "Native code was not sampled in this recording"))];
};
