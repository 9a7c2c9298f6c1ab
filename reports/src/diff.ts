// SPDX-License-Identifier: Apache-2.0
// Made by types.mjs from schema/thaw-diff-1.schema.json, which says what each member means.

/** What changed from one target, or recording, or set of trials, to another, or from one report to another. Lists are sorted: what changed most stands first, where nothing else is said. A list is null where one of the reports does not have what it is made of. Sizes end in _bytes or are called bytes, times end in _ns. Texts are as in the reports. */
export interface Diff {
  schema: "thaw-diff/1";
  tool: Tool;
  before: Side;
  after: Side;
  not_compared: NotCompared[];
  cold_start: ColdStart | null;
  totals: Totals;
  requirements: Requirement[] | null;
  distributions: Distribution[] | null;
  distributions_same: number | null;
  libraries: Library[] | null;
  libraries_same: number | null;
  missing: Missing[] | null;
  duplicates: Duplicate[] | null;
  conflicts: Conflict[] | null;
  foreign: Foreign[] | null;
  folders: Folder[] | null;
}

/** The program that compared. */
export interface Tool {
  name: "thaw";
  version: string;
}

/** One of the two reports. */
export interface Side {
  name: string;
  path: string | null;
  kind: string | null;
  python: Python;
  complete: boolean;
  faults: number;
  distributions: number | null;
  libraries: number | null;
  of: "target" | "recording" | "trials";
  runs: Run[];
  name_bytes?: string;
  path_bytes?: string;
  kind_bytes?: string;
}

/** An interpreter, as the report has it; null: not known. */
export interface Python {
  implementation: string | null;
  version: string | null;
  full_version: string | null;
  machine: string | null;
  implementation_bytes?: string;
  version_bytes?: string;
  full_version_bytes?: string;
  machine_bytes?: string;
}

/** A number of both reports. */
export interface Numbers {
  before: number | null;
  after: number | null;
  change: number | null;
}

/** Sizes of files. */
export interface Amount {
  bytes: Numbers;
  disk_bytes: Numbers;
  files: Numbers;
}

/** By what files are for; a kind that neither report has files of is absent. */
export interface Kinds {
  [name: string]: Amount | undefined;
}

/** Whole targets. */
export interface Totals {
  bytes: Numbers;
  disk_bytes: Numbers;
  files: Numbers;
  directories: Numbers;
  unowned: Amount;
  app: Amount;
  kinds: Kinds;
}

/** A line of a requirements file that only one of the targets has. Where it is written doesn't matter: a line that moved is none. */
export interface Requirement {
  change: "came" | "went";
  file: string;
  line: number;
  text: string;
  name: string | null;
  constraint: boolean;
  file_bytes?: string;
  text_bytes?: string;
  name_bytes?: string;
}

/** A distribution as one report has it. */
export interface Installed {
  version: string | null;
  location: string | null;
  bytes: number;
  disk_bytes: number;
  files: number;
  version_bytes?: string;
  location_bytes?: string;
}

/** A distribution that changed. They are one by their normalised names (PEP 503), wherever they are installed; of a name that is there several times, those of one version are one first. */
export interface Distribution {
  change: "came" | "went" | "version" | "size";
  name: string;
  before: Installed | null;
  after: Installed | null;
  disk_bytes_change: number;
  bytes_change: number;
  files_change: number;
  why: string[] | null;
  direct: boolean | null;
  required_by: string[] | null;
  cause: Cause | null;
  name_bytes?: string;
  why_bytes?: string[];
  required_by_bytes?: string[];
}

/** A requirement that is new (or gone), or a distribution that is new, gone, or in another version. */
export interface Cause {
  kind: "requirement" | "distribution";
  text?: string;
  file?: string;
  line?: number;
  name?: string;
  version_before?: string | null;
  version_after?: string | null;
  text_bytes?: string;
  file_bytes?: string;
  name_bytes?: string;
}

/** A shared object as one report has it. */
export interface File {
  path: string;
  soname: string | null;
  build_id: string | null;
  bytes: number | null;
  path_bytes?: string;
  soname_bytes?: string;
  build_id_bytes?: string;
}

/** A shared object that changed. They are one by their place in their distribution; hashes that auditwheel put into names, the interpreter's tag and versions behind ".so" don't matter where there is none of exactly the same name. Those of the system are one by their names, and stand last. */
export interface Library {
  change: "came" | "went" | "size" | "build";
  path: string;
  distribution: string | null;
  outside: boolean;
  before: File | null;
  after: File | null;
  bytes_change: number | null;
  path_bytes?: string;
  distribution_bytes?: string;
}

/** A library that something needs and the dynamic loader would not find, in one report only. */
export interface Missing {
  change: "came" | "went";
  name: string;
  wanted_by: string;
  name_bytes?: string;
  wanted_by_bytes?: string;
}

/** A library that is shipped several times, in one report only. */
export interface Duplicate {
  change: "came" | "went";
  kind: string;
  key: string;
  paths: string[];
  waste_bytes: number;
  winner: string | null;
  kind_bytes?: string;
  key_bytes?: string;
  winner_bytes?: string;
  paths_bytes?: string[];
}

/** A conflict that only one report has. */
export interface Conflict {
  change: "came" | "went";
  kind: string;
  distribution: string | null;
  other: string | null;
  what: string;
  where: string | null;
  kind_bytes?: string;
  distribution_bytes?: string;
  other_bytes?: string;
  what_bytes?: string;
  where_bytes?: string;
}

/** A file for another interpreter or machine that only one report has. */
export interface Foreign {
  change: "came" | "went";
  path: string;
  distribution: string | null;
  why: string;
  path_bytes?: string;
  distribution_bytes?: string;
  why_bytes?: string;
}

/** A folder with all in it, as one report has it. */
export interface Size {
  path: string;
  bytes: number;
  disk_bytes: number;
  files: number;
  path_bytes?: string;
}

/** A folder that changed. They are one by their place in their folder of the import path. Left out are one whose change is for nine tenths that of one folder in it, what is in one that only one report lists, and one that takes so little that the other report would not list it either. */
export interface Folder {
  path: string;
  distribution: string | null;
  before: Size | null;
  after: Size | null;
  disk_bytes_change: number;
  exact: boolean;
  path_bytes?: string;
  distribution_bytes?: string;
}

/** Something that only one of the reports has. */
export interface NotCompared {
  what: "cold-start" | "installed" | "libraries";
  missing: "before" | "after" | "both";
  why: string;
}

/** A recording of one side. */
export interface Run {
  name: string;
  started: string | null;
  complete: boolean;
  answered: boolean | null;
  used: boolean;
  reason: string | null;
  total_ns: number | null;
  outlier: boolean;
  name_bytes?: string;
  started_bytes?: string;
}

/** Something that makes the two sides less than comparable. */
export interface Unlike {
  what: "kernel" | "arch" | "cpus" | "cpu-limit" | "memory-limit" | "hypervisor" | "python" | "backend" | "platform" | "command" | "cold";
  before: string[];
  after: string[];
}

/** Median after divided by median before, with an interval by the bootstrap. */
export interface Ratio {
  low: number;
  middle: number;
  high: number;
}

/** A time of both sides. With one run each it is what that run took; with several, their median. */
export interface Measure {
  before_ns: number | null;
  after_ns: number | null;
  change_ns: number | null;
  ratio: Ratio | null;
  probability: number | null;
  adjusted: number | null;
  verdict: "slower" | "faster" | "same" | "unknown";
  reason: "single-run" | "too-few-runs" | "no-first-reply" | "came" | "went" | "absent" | "untested" | null;
  before_runs: (number | null)[];
  after_runs: (number | null)[];
}

/** How it was told whether a difference is more than noise. */
export interface Method {
  before_runs: number;
  after_runs: number;
  test: "mann-whitney" | null;
  level: number;
  correction: "benjamini-hochberg" | null;
  coverage: number;
  resamples: number;
  phases: number;
  modules: number;
  packages: number;
}

/** What was loaded and is exact from one run each: of the headline's worker (of all processes where there is no worker). Of several runs it is the median. */
export interface Counts {
  modules: Numbers;
  app_modules: Numbers;
  extensions: Numbers;
  compiled: Numbers;
  failed: Numbers;
  packages: Numbers;
  libraries: Numbers;
  opened_bytes: Numbers;
  lookups: Numbers;
  failed_lookups: Numbers;
}

/** A phase of the headline's track. Those of one name are one in their order, below the same phase. */
export interface Phase {
  change: "came" | "went" | "same";
  name: string;
  level: number;
  counted: boolean;
  ns: Measure;
  name_bytes?: string;
}

/** A further worker; they are one by their order. */
export interface Track {
  change: "came" | "went" | "same";
  number: number;
  total_ns: Measure;
}

/** A module as one side has it. With several runs, as the first run has it that loads it, if any does without a failure; times are medians of the runs that have it. */
export interface Loaded {
  parent: string | null;
  kind: string | null;
  bytecode: string | null;
  status: string;
  file: string | null;
  bytes: number | null;
  times: number;
  runs: number;
  total_ns: number;
  self_ns: number;
  parent_bytes?: string;
  kind_bytes?: string;
  bytecode_bytes?: string;
  status_bytes?: string;
  file_bytes?: string;
}

/** A place in the user's own files that asks for something. */
export interface Importer {
  file: string;
  line: number | null;
  file_bytes?: string;
}

/** A module that changed. They are one by their names, in processes of the same role. */
export interface Module {
  change: "came" | "went" | "moved" | "status" | "kind" | "bytes" | "time";
  name: string;
  role: "worker" | "further" | "host" | "monitor" | "process";
  distribution: string | null;
  owner: string | null;
  before: Loaded | null;
  after: Loaded | null;
  top: boolean;
  below: number;
  self_ns: Measure;
  total_ns: Numbers;
  chain: string[];
  importer: Importer | null;
  node: number;
  name_bytes?: string;
  distribution_bytes?: string;
  owner_bytes?: string;
  chain_bytes?: string[];
}

/** Modules of a distribution, or of one owner without a distribution, of which something changed: in the headline's worker (in all processes where there is no worker). */
export interface Package {
  change: "came" | "went" | "modules" | "version" | "time";
  name: string | null;
  owner: string | null;
  version_before: string | null;
  version_after: string | null;
  modules: Numbers;
  self_ns: Measure;
  chain: string[];
  importer: Importer | null;
  name_bytes?: string;
  owner_bytes?: string;
  version_before_bytes?: string;
  version_after_bytes?: string;
  chain_bytes?: string[];
}

/** The import trees of both sides in one, by the path of names from the root. Columns of one length, one entry for each node, parents before their children, children in order of start after (then before). Names that are asked for several times at one place are one node. */
export interface Tree {
  parent: number[];
  name: string[];
  change: ("came" | "went" | "moved" | "changed" | "same")[];
  partner: number[];
  before_count: number[];
  after_count: number[];
  before_total_ns: (number | null)[];
  after_total_ns: (number | null)[];
  before_self_ns: (number | null)[];
  after_self_ns: (number | null)[];
  package: number[];
  owner: (string | null)[];
  packages: string[];
  name_bytes?: string[];
  packages_bytes?: string[];
  owner_bytes?: string[];
}

/** The cold starts of two sides. Modules, libraries and counts are exact; times bear noise, and each says whether its difference is more than that. */
export interface ColdStart {
  method: Method;
  unlike: Unlike[];
  total_ns: Measure;
  unattributed_ns: Measure;
  imports_ns: Measure;
  counts: Counts;
  phases: Phase[];
  tracks: Track[];
  modules: Module[];
  modules_same: number;
  packages: Package[];
  tree: Tree;
}
