// SPDX-License-Identifier: Apache-2.0
// The report's terms in plain words.
import { WAITS_TITLES as PARTS, type Bytecode, type Module, type Track, type Wait, type Waits } from "./report";

type Words = Record<string, string>;

/** The words for a key that may be anything at all, such as "constructor". */
export function wordsFor(table: Words, key: string | null, otherwise = ""): string {
  return key !== null && Object.hasOwn(table, key) ? table[key]! : otherwise;
}

const PHASES: Words = {
  vm: "the machine starts",
  "vm.before-kernel-clock": "firmware, loading the kernel",
  "vm.early-kernel": "the kernel, up to its clocks",
  "vm.kernel": "the kernel, up to its first program",
  "vm.init": "system services, up to the host",
  pool: "idle, waiting for work",
  host: "the process that starts the workers starts",
  "failed-start": "an earlier try, which was not ready when it ended",
  worker: "the Python process starts",
  specialize: "a waiting worker becomes your app's",
  import: "your file is executed",
  ready: "remaining set-up of the worker",
  "first-invocation": "the first call",
  launcher: "starts the interpreter",
  interpreter: "Python itself starts",
  imports: "the worker's own imports",
  connect: "the link to the host",
  init: "the host asks to initialise",
  reload: "the host asks to become your app",
  warmup: "the host asks to warm up",
  restore: "a snapshot is restored",
  metadata: "the host asks for functions",
  load: "the host asks to load functions",
  wait: "waiting for the first call",
  listen: "until it listens",
  spawn: "until it starts the worker",
  runtime: "its .NET runtime is loaded",
  "host.start": "until it reads its configuration",
  configuration: "from its configuration on",
  bundle: "from its extension bundle on",
  receive: "until the call's first bytes",
  handle: "until the reply's first bytes",
  start: "the monitor starts",
  create: "the virtual machine is made",
  machine: "to KVM_CREATE_VM",
  processors: "its memory and CPUs",
  state: "their first state",
  guest: "the guest runs",
  before: "its boot, and what records it",
  exit: "the monitor ends",
};

/** What happens in a phase; "" for one that is not known here. */
export function phaseWords(name: string): string {
  return wordsFor(PHASES, name, wordsFor(PHASES, name.slice(name.lastIndexOf(".") + 1)));
}

/** A colour of report.css by its name; grey where there is none. */
export function color(name: string): string {
  return /^[a-z_-]+$/.test(name) ? `var(--${name},var(--unknown))` : "var(--unknown)";
}

const PHASE_COLORS: Words = {
  vm: "slate",
  host: "green",
  worker: "violet",
  specialize: "teal",
  "failed-start": "rose",
  import: "orange",
  ready: "blue",
  "first-invocation": "pink",
  start: "green",
  create: "teal",
  guest: "slate",
  exit: "pink",
};

/** The parts of a phase have the colour of the whole. */
export function phaseColorName(name: string): string {
  return wordsFor(PHASE_COLORS, name.split(".")[0]!, "unknown");
}

export function phaseColor(name: string): string {
  return color(phaseColorName(name));
}

const BEGINNINGS: Words = {
  vm: "the machine's boot",
  host: "the host's start",
  "failed-start": "the first try's start",
  worker: "the worker's start",
  specialize: "the host's request to become this app",
};

/** What the clock of a track starts with: its first counted phase tells. */
export function beginning(track: Track): string {
  const first = track.phases.find((phase) => phase.counted !== false);
  // A boot begins with the kernel's clock, or before it.
  if (first?.name === "vm" && first.start_ns > 0) return "the machine's resume from a snapshot";
  return wordsFor(BEGINNINGS, first?.name ?? null, "the start");
}

export const CONFIDENCE: Words = {
  observed: "both ends were seen",
  derived: "an end was concluded from other events",
  assumed: "concluded from a rule",
};

export const OWNERS: Words = {
  app: "your app",
  package: "installed package",
  worker: "platform's worker",
  stdlib: "standard library",
};

/** What a module's own time is split into. */
export type PartKey = Exclude<keyof Waits, "gc">;

export const SPLIT_PARTS: [key: PartKey, name: string, color: string][] = [
  ["find", PARTS.find, "slate"],
  ["read", PARTS.read, "blue"],
  ["unmarshal", PARTS.unmarshal, "teal"],
  ["compile", PARTS.compile, "violet"],
  ["write", PARTS.write, "lime"],
  ["map", PARTS.map, "pink"],
  ["constructors", PARTS.constructors, "gold"],
  ["dlopen", PARTS.dlopen, "rose"],
  ["init", PARTS.init, "brown"],
  ["execute", PARTS.execute, "orange"],
  ["unattributed", PARTS.unattributed, "unknown"],
];

/** What an import waited for. */
export const WAIT_COLORS: [key: keyof Wait, color: string][] = [
  ["io_ns", "rose"], ["runqueue_ns", "gold"], ["sleep_ns", "slate"],
];

export const COLLECTIONS: [key: "gc", name: string, color: string] = ["gc", PARTS.gc, "green"];

/** "Disk wait": the heading of a column. */
export function capitalized(title: string): string {
  return title[0]!.toUpperCase() + title.slice(1);
}

export const BYTECODE: Record<Bytecode["status"], string> = {
  used: "used",
  missing: "missing: there was none",
  stale: "stale: of another state of the source",
  rejected: "rejected: of another Python, or damaged",
  unreadable: "there, but could not be opened",
};

export const PLATFORMS: Words = {
  azure_functions: "Azure Functions",
  aws_lambda: "AWS Lambda",
  generic: "a server of its own",
};

export const BACKENDS: Words = {
  ebpf: "with eBPF",
  importtime: "without eBPF, from CPython's own report of imports",
  "importtime-log": "from a log of -X importtime",
};

/** Whether imports are what CPython's own report has of them. */
export const isImporttime = (backend: string | null) => !!backend?.startsWith("importtime");

/** Before a duration that is a bound. */
export function boundSign(module: Module): string {
  if (module.status === "unfinished") return "≥ ";
  return module.end_inferred ? "≤ " : "";
}

export function boundWords(module: Module): string {
  if (module.status === "unfinished") return "its end was not seen: at least this";
  return module.end_inferred ? "its exact end was not seen: at most this" : "";
}
