// SPDX-License-Identifier: Apache-2.0
// Made by types.mjs from schema/thaw-diff-1.schema.json, which says what each member means.

/** What changed from one target, or one report of it, to another. Lists are sorted: what changed most stands first. A list is null where one of the reports does not have what it is made of. Sizes end in _bytes or are called bytes. Texts are as in the reports. */
export interface Diff {
  schema: "thaw-diff/1";
  tool: Tool;
  before: Side;
  after: Side;
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
