// SPDX-License-Identifier: Apache-2.0
// What is told of a module in figures and words: columns of the table, facts of one in detail.
import { count, size } from "./figures";
import { swatch } from "./parts";
import { WAIT_TITLES, type Module } from "./report";
import { growth } from "./spent";
import { figure, made, packageColumn, text, time, type Column } from "./table";
import { OWNERS, SPLIT_PARTS, capitalized, color, wordsFor } from "./words";

export interface Choice {
  title: string;
  columnList: Column<Module>[];
}

const part = ([key, name]: (typeof SPLIT_PARTS)[number]) =>
  time<Module>(capitalized(name), ({ split }) => split[`${key}_ns`]);

export const ALWAYS: Column<Module>[] = [
  text("Module", "name"),
  time("Total", "total_ns", "with everything it imported"),
  time("Self", "self_ns", "without what it imported"),
];

const RETAINED: Choice = {
  title: "Retained",
  columnList: [time("Retained", "retained_ns", "what would vanish if nothing imported it")],
};

/** What may have been measured, in figures. */
const COSTS: Choice[] = [
  {
    title: "CPU and waits",
    columnList: [
      time("On the CPU", "cpu_ns", "of the total"),
      time(capitalized(WAIT_TITLES.io_ns), (one) => one.wait?.io_ns, "of the total, waiting for a disk or file system"),
      time(capitalized(WAIT_TITLES.runqueue_ns), (one) => one.wait?.runqueue_ns, "of the total, waiting for a free CPU"),
      time(capitalized(WAIT_TITLES.sleep_ns), (one) => one.wait?.sleep_ns, "of the total, any other waiting"),
      time("GC", "gc_ns", "garbage collections that fell into it"),
    ],
  },
  {
    title: "Faults",
    columnList: [
      figure("Minor faults", (one) => one.faults?.minor, count, "with what it imported; page faults without reading from a disk"),
      figure("Major faults", (one) => one.faults?.major, count, "with what it imported; page faults that read from a disk"),
    ],
  },
  {
    title: "Memory and files",
    columnList: [
      figure("Memory", "memory_bytes", growth, "by which its process's own memory grew in the total"),
      figure("Opened", "opened_bytes", size, "sizes of the files opened for it or by its own code"),
      figure("Read", "read_bytes", size, "in the total, by read(2)"),
      figure("From the disk", "disk_bytes", size, "in the total"),
    ],
  },
];

/** What is a fact of one module, too. */
export const MEASURES = [RETAINED, ...COSTS].flatMap((one) => one.columnList);

/** Further columns, as they can be chosen. */
export const CHOICES: Choice[] = [
  RETAINED,
  { title: "Parts of self", columnList: SPLIT_PARTS.map(part) },
  ...COSTS,
  {
    title: "Lookups",
    columnList: [
      figure("Looked for at", (one) => one.lookups?.count, count, "how many paths"),
      figure("Not there", (one) => one.lookups?.failed, count, "how many of these paths"),
      made("Bytecode", (one) => one.bytecode?.status),
    ],
  },
  {
    title: "Origin",
    columnList: [
      packageColumn,
      {
        ...made("Whose", ({ owner }) => owner),
        class: "words",
        cell: ({ owner }) => [swatch(color(`owner-${owner}`)), wordsFor(OWNERS, owner)],
      },
      { ...text("Made of", "kind"), class: "words" },
      { ...text("Asked for by", "via"), class: "words" },
      text("File", "file"),
    ],
  },
];
