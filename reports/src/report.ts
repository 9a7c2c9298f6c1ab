// SPDX-License-Identifier: Apache-2.0
// Made by types.mjs from schema/thaw-report-1.schema.json, which says what each member means.

/** What happened in a recorded cold start of a Python serverless function, what a target (a virtual environment, an app's folder, a layer, a zip …) ships, or both. Without a recording everything that only one can tell is null, empty or absent. Instants (start_ns, end_ns, time_ns, execs) are ns of Linux's CLOCK_BOOTTIME (since boot, time asleep included); run.started joins that clock with the calendar. Durations end in _ns, sizes in _bytes or are called bytes. Ids refer to the list of the same name within this report. What was not measured is null or absent, never 0. No report holds bytes from sockets or values of environment variables. */
export interface Report {
  schema: "thaw-report/1";
  tool: Tool;
  complete: boolean;
  recording?: Recording | null;
  losses: Loss[];
  not_visible: NotVisible[];
  probes?: Probe[];
  interpreters?: Interpreter[];
  failures?: Failure[];
  machine: Machine | null;
  run: Run | null;
  target?: Target;
  processes: Process[];
  tracks: Track[];
  virtual_machines?: VirtualMachine[];
  modules: Module[];
  search_folders?: SearchFolder[];
  distributions: Distribution[] | null;
  totals: Totals | null;
  folders?: Folder[];
  requirements?: Request[];
  conflicts?: Conflict[];
  foreign?: Foreign[];
  libraries: Library[] | null;
  duplicates?: Duplicate[];
  bytecode_health?: BytecodeHealth;
  path_files?: PathFile[];
  faults?: Fault[];
  faults_more?: number;
  limits?: Limit[];
  use?: Use;
  invocations: Invocation[];
  concurrency?: Concurrency;
  durable?: Durable;
  findings: Finding[] | null;
  suppressed?: Suppressed[];
  not_looked_for?: NotLookedFor[];
  native?: Native | null;
}

/** The program that made the recording, or this report if there is none. */
export interface Tool {
  name: "thaw";
  version: string | null;
  version_bytes?: string;
}

/** The state of the recording this report was made from. */
export interface Recording {
  finished: boolean;
  defect: string | null;
  unknown_kinds: number;
  defect_bytes?: string;
}

/** Something that happened and was not recorded. */
export interface Loss {
  cause: string;
  count: number;
  what: string | null;
  process: number | null;
  cause_bytes?: string;
  what_bytes?: string;
}

/** Something no recording from inside this machine can show. */
export interface NotVisible {
  what: string;
  why: string | null;
  typical_ns: number | null;
  source?: string | null;
  what_bytes?: string;
  why_bytes?: string;
  source_bytes?: string;
}

/** One thing the recorder observes the machine with. */
export interface Probe {
  name: string;
  target: string | null;
  status: string;
  how: string | null;
  reason: string | null;
  without: string | null;
  name_bytes?: string;
  target_bytes?: string;
  status_bytes?: string;
  how_bytes?: string;
  reason_bytes?: string;
  without_bytes?: string;
}

/** A Python interpreter as it was found in a process. */
export interface Interpreter {
  process: number | null;
  pid: number;
  executable: string | null;
  library: string | null;
  version: string | null;
  coverage: string | null;
  reason: string | null;
  executable_bytes?: string;
  library_bytes?: string;
  version_bytes?: string;
  coverage_bytes?: string;
  reason_bytes?: string;
}

/** An answer of a worker that was no success, or that never came. */
export interface Failure {
  process: number | null;
  time_ns: number;
  message: string;
  status: string;
  failure: string | null;
  function: string | null;
  module?: number | null;
  waited_ns?: number | null;
  meaning?: string | null;
  message_bytes?: string;
  status_bytes?: string;
  failure_bytes?: string;
  function_bytes?: string;
  meaning_bytes?: string;
}

/** The machine of the recording. A key that is absent was not found out. */
export interface Machine {
  kernel: string | null;
  arch: string | null;
  cpus: number | null;
  cpu_limit?: number | null;
  memory_limit?: number | null;
  hypervisor?: string | null;
  signs?: string[];
  resumed_from_snapshot?: boolean;
  container?: boolean;
  kernel_log?: string;
  suspended_ns?: number;
  booted_for_this?: boolean;
  boot?: BootInstant[];
  kernel_bytes?: string;
  arch_bytes?: string;
  hypervisor_bytes?: string;
  kernel_log_bytes?: string;
  signs_bytes?: string[];
}

/** An instant of the machine's boot, as one source has it. */
export interface BootInstant {
  what: string;
  at_ns: number;
  uncertainty_ns: number;
  source: string;
  what_bytes?: string;
  source_bytes?: string;
}

/** What recording itself cost, over the whole run. */
export interface Cost {
  bpf_ns: number;
  traps_ns: number;
  reader_cpu_ns: number;
  calls_ns?: number | null;
  closing_cpu_ns?: number | null;
  events: number;
}

/** Which of several repeated runs this is. */
export interface Trial {
  number: number;
  of: number;
}

/** The run that was recorded. */
export interface Run {
  command: string[];
  directory?: string | null;
  started: string | null;
  backend: string | null;
  platform: string | null;
  requested_platform?: string | null;
  until: string | null;
  session?: string;
  ended?: string | null;
  exit_status?: number | null;
  start_ns?: number;
  end_ns?: number;
  cold?: boolean;
  counting?: boolean;
  trial?: Trial | null;
  cost: Cost | null;
  command_bytes?: string[];
  directory_bytes?: string;
  backend_bytes?: string;
  platform_bytes?: string;
  requested_platform_bytes?: string;
  until_bytes?: string;
  session_bytes?: string;
  ended_bytes?: string;
}

/** How a process ended. */
export interface Exit {
  code: number | null;
  signal: number | null;
}

/** A process of the run. */
export interface Process {
  id: number;
  pid: number;
  parent: number | null;
  role: string | null;
  platform?: string | null;
  signs?: string[];
  executable: string | null;
  python?: string | null;
  coverage?: string | null;
  directory?: string | null;
  start_ns: number;
  execs: number[];
  end_ns: number | null;
  exit: Exit | null;
  gc?: Gc | null;
  counts?: Counts;
  role_bytes?: string;
  platform_bytes?: string;
  executable_bytes?: string;
  python_bytes?: string;
  coverage_bytes?: string;
  directory_bytes?: string;
  signs_bytes?: string[];
}

/** What a process did, counted exactly, with all of its threads. What io_uring does is not seen. */
export interface Counts {
  by: string;
  until: string;
  system_calls: number | null;
  files_opened: number | null;
  failed_lookups: number | null;
  read_bytes: number | null;
  threads: number | null;
  mapped_libraries: number | null;
  cpu_ns: number | null;
  by_bytes?: string;
  until_bytes?: string;
}

/** A stretch of a track. The phases of a track follow one another without overlap, and so do the children of a phase, within it. */
export interface Phase {
  name: string;
  start_ns: number;
  end_ns: number;
  counted?: boolean;
  within?: string | null;
  evidence: string[];
  confidence: "observed" | "derived" | "assumed";
  children?: Phase[];
  within_bytes?: string;
  evidence_bytes?: string[];
}

/** What the CPUs of a track's process were denied while it started. */
export interface TrackCpu {
  limit: number | null;
  control_group: string | null;
  from_ns: number | null;
  until_ns: number | null;
  periods: number | null;
  throttled_periods: number | null;
  throttled_ns: number | null;
  throttling_unknown: string | null;
  waits_over_ns: number | null;
  cpu_ns: number | null;
  cpu_wait_ns: number | null;
  waits_unknown: string | null;
  pressure_ns: number | null;
  pressure_of: string | null;
  signs: string[];
  control_group_bytes?: string;
  throttling_unknown_bytes?: string;
  waits_unknown_bytes?: string;
  pressure_of_bytes?: string;
  signs_bytes?: string[];
}

/** One worker, from its host's start (or its own) to its first reply. */
export interface Track {
  id: number;
  process: number;
  headline: boolean;
  answered?: boolean;
  retry_of?: number;
  words?: string;
  start_ns?: number;
  end_ns?: number;
  total_ns: number;
  unattributed_ns: number;
  phases: Phase[];
  critical_path?: CriticalStep[];
  beside?: Beside[];
  cpu?: TrackCpu;
  words_bytes?: string;
}

/** A piece of a critical path. */
export interface CriticalStep {
  start_ns: number;
  end_ns: number;
  waited_for: "worker" | "host" | "child" | "outside" | "unknown";
  process: number | null;
  phase: string | null;
  confidence: "observed" | "derived";
  thread?: number | null;
  module?: number | null;
  imports_ns?: number;
  wait?: Wait;
  phase_bytes?: string;
}

/** Something that ran beside the critical path. */
export interface Beside {
  process: number;
  thread: number | null;
  start_ns: number;
  end_ns: number;
  ns: number;
}

/** A virtual machine as its monitor runs it. A monitor is told by what it does: it works with KVM, or writes out marks of a guest. */
export interface VirtualMachine {
  id: number;
  process: number;
  kvm: boolean;
  processors?: number | null;
  memory_bytes?: number | null;
  port_accesses?: number | null;
  port_marks?: number | null;
  exits?: number | null;
  start_ns: number;
  end_ns: number;
  running: boolean;
  total_ns: number;
  unattributed_ns: number;
  phases: Phase[];
  steps: VirtualMachineStep[];
  guest: Guest | null;
}

/** Something a monitor or its guest did. */
export interface VirtualMachineStep {
  what: string;
  time_ns: number;
  tid: number;
  value?: number;
  bytes?: number;
  port?: number;
  what_bytes?: string;
}

/** A recording made inside a virtual machine, joined by marks that its recorder wrote to the console. Its processes and tracks have ids of their own, and instants on the clock of the report around it. */
export interface Guest {
  session: string;
  command?: string[];
  offset_ns: number;
  uncertainty_ns: number | null;
  marks: number;
  contradicting_marks?: number;
  drift_ppm: number | null;
  drift_uncertainty_ppm?: number | null;
  drifts: boolean;
  complete: boolean;
  machine?: Machine;
  processes: Process[];
  tracks: Track[];
  session_bytes?: string;
  command_bytes?: string[];
}

/** What a module's self_ns went into: the parts sum to it exactly. A part that is absent took no time, or was not measured: then its time is within unattributed_ns, and the list of probes says so. */
export interface Split {
  find_ns?: number;
  read_ns?: number;
  unmarshal_ns?: number;
  compile_ns?: number;
  write_ns?: number;
  map_ns?: number;
  constructors_ns?: number;
  dlopen_ns?: number;
  init_ns?: number;
  execute_ns?: number;
  unattributed_ns: number;
}

/** Time off the CPU. The titles are what people call it. */
export interface Wait {
  io_ns: number;
  runqueue_ns: number;
  sleep_ns: number;
}

export const WAIT_TITLES = {
  io_ns: "disk wait",
  runqueue_ns: "run queue",
  sleep_ns: "sleep",
} as const;

/** By part: what of it was not computing. The titles are what people call the parts. */
export interface Waits {
  find?: PartWaits;
  read?: PartWaits;
  unmarshal?: PartWaits;
  compile?: PartWaits;
  write?: PartWaits;
  map?: PartWaits;
  constructors?: PartWaits;
  dlopen?: PartWaits;
  init?: PartWaits;
  execute?: PartWaits;
  unattributed?: PartWaits;
  gc?: PartWaits;
}

export const WAITS_TITLES = {
  find: "finding and set-up",
  read: "reading files",
  unmarshal: "unmarshalling bytecode",
  compile: "compiling source",
  write: "writing bytecode",
  map: "mapping and relocating",
  constructors: "library constructors",
  dlopen: "undivided dlopen",
  init: "extension init code",
  execute: "executing Python code",
  unattributed: "unattributed",
  gc: "garbage collections",
} as const;

/** What one part used besides computing; zeros are left out. */
export interface PartWaits {
  io_ns?: number;
  runqueue_ns?: number;
  sleep_ns?: number;
  minor_faults?: number;
  major_faults?: number;
  disk_bytes?: number;
  read_bytes?: number;
  memory_bytes?: number;
}

/** Numbers of page faults. */
export interface Faults {
  minor: number;
  major: number;
}

/** Paths that a module was looked for at. */
export interface Lookups {
  count: number;
  failed: number;
  searched: number | null;
  failed_paths: string[];
  failed_paths_bytes?: string[];
}

/** Bytecode of a module, as system calls show it. */
export interface Bytecode {
  status: "used" | "missing" | "stale" | "rejected" | "unreadable";
  written: boolean;
}

/** A folder that modules are looked for in, at its place in the order of searching. */
export interface SearchFolder {
  id: number;
  after: number | null;
  path: string;
  path_bytes?: string;
}

/** Something a module did while it was executed, besides defining names; or what a thread or process did later that was started then. */
export interface Effect {
  kind: string;
  detail: string | null;
  module: number | null;
  process?: number;
  tid?: number;
  time_ns?: number;
  duration_ns?: number;
  error?: string;
  more?: true;
  kind_bytes?: string;
  detail_bytes?: string;
}

/** The code that used the name of a lazy import first. */
export interface LazyUse {
  function: string;
  file: string;
  function_bytes?: string;
  file_bytes?: string;
}

/** One import of one module: a real load, never a look-up of a loaded module. */
export interface Module {
  id: number;
  parent: number | null;
  importers?: number[];
  statement?: Location;
  name: string;
  kind: "source" | "bytecode" | "extension" | "builtin" | "frozen" | "zip" | "namespace" | null;
  via: "statement" | "import_module" | "implicit parent" | "lazy" | null;
  file: string | null;
  path?: string | null;
  distribution: string | null;
  owner: "app" | "package" | "worker" | "stdlib" | null;
  process: number;
  tid: number;
  lazy_by?: LazyUse;
  strand?: number;
  timed?: boolean;
  start_ns: number;
  body_start_ns?: number | null;
  total_ns: number;
  self_ns: number;
  gc_ns?: number;
  retained_ns?: number;
  status: "loaded" | "failed" | "not-found" | "unfinished";
  end_inferred?: boolean;
  split: Split;
  cpu_ns?: number;
  wait?: Wait;
  faults?: Faults;
  waits?: Waits;
  memory_bytes?: number;
  disk_bytes?: number;
  opened_bytes?: number;
  read_bytes?: number;
  lookups?: Lookups;
  bytecode?: Bytecode;
  effects?: Effect[];
  name_bytes?: string;
  file_bytes?: string;
  path_bytes?: string;
  distribution_bytes?: string;
}

/** Files and their sizes; a file with several names counts once. */
export interface Amount {
  files: number;
  bytes: number;
  disk_bytes: number;
}

/** Sizes by what files are for. A kind that is absent has no files. */
export interface Kinds {
  python?: Amount;
  bytecode?: Amount;
  native?: Amount;
  data?: Amount;
  tests?: Amount;
  docs?: Amount;
  stubs?: Amount;
  headers?: Amount;
  debug?: Amount;
  metadata?: Amount;
}

/** What was read for what it ships. */
export interface Target {
  path: string;
  kind: "virtual-environment" | "app" | "layer" | "zip" | "container-root" | "process" | "recording" | "folder";
  signs: string[];
  sites: string[];
  folders_read: string[];
  python: TargetPython;
  path_bytes?: string;
  signs_bytes?: string[];
  sites_bytes?: string[];
  folders_read_bytes?: string[];
}

/** The interpreter a target is for, and how that was told. */
export interface TargetPython {
  version: string | null;
  full_version: string | null;
  implementation: string | null;
  machine: string | null;
  machine_assumed: boolean;
  executable: string | null;
  evidence: string | null;
  version_bytes?: string;
  full_version_bytes?: string;
  implementation_bytes?: string;
  machine_bytes?: string;
  executable_bytes?: string;
  evidence_bytes?: string;
}

/** A folder of the target, with all that is below it. */
export interface Folder {
  path: string;
  distribution: string | null;
  files: number;
  bytes: number;
  disk_bytes: number;
  path_bytes?: string;
  distribution_bytes?: string;
}

/** What a distribution requires, evaluated for the target's interpreter and platform. */
export interface Requirement {
  text: string;
  name: string | null;
  extra: string | null;
  applies: boolean;
  unreadable: boolean;
  installed: string | null;
  satisfied: boolean;
  text_bytes?: string;
  name_bytes?: string;
  extra_bytes?: string;
  installed_bytes?: string;
}

/** A line of a requirements file. */
export interface Request {
  file: string;
  line: number;
  text: string;
  name: string | null;
  applies: boolean;
  unreadable: boolean;
  constraint: boolean;
  pinned: boolean;
  hashed: boolean;
  installed: string | null;
  satisfied: boolean;
  file_bytes?: string;
  text_bytes?: string;
  name_bytes?: string;
  installed_bytes?: string;
}

/** What a distribution's RECORD says, against what is there. */
export interface Record {
  state: "present" | "missing" | "unreadable";
  listed: number;
  absent: number;
  changed: number;
  outside: number;
  absent_paths?: string[];
  changed_paths?: string[];
  absent_paths_bytes?: string[];
  changed_paths_bytes?: string[];
}

/** An installed Python distribution. A key that is absent was not found out. */
export interface Distribution {
  name: string;
  version: string | null;
  location?: string | null;
  installer?: string | null;
  bytes: number;
  disk_bytes: number;
  exclusive_bytes?: number;
  exclusive_disk_bytes?: number;
  files: number;
  loaded_bytes?: number;
  opened_bytes?: number;
  mapped_bytes?: number;
  resident_bytes?: number;
  used_bytes?: number;
  used_in?: number;
  import_ns?: number;
  import_total_ns?: number;
  modules?: number;
  required_by?: string[];
  requires: string[];
  used?: boolean;
  info?: string | null;
  license?: string | null;
  editable?: string | null;
  editable_outside?: boolean;
  tags?: string[];
  misfit?: string | null;
  direct?: boolean;
  imported_by_app?: boolean;
  why?: string[];
  requirements?: Requirement[];
  kinds?: Kinds;
  record?: Record;
  name_bytes?: string;
  version_bytes?: string;
  location_bytes?: string;
  installer_bytes?: string;
  info_bytes?: string;
  license_bytes?: string;
  editable_bytes?: string;
  misfit_bytes?: string;
  required_by_bytes?: string[];
  requires_bytes?: string[];
  tags_bytes?: string[];
  why_bytes?: string[];
}

/** Something installed that does not fit what asks for it, or that is there twice. */
export interface Conflict {
  kind: "missing" | "version" | "twice" | "file";
  distribution: string | null;
  other: string | null;
  installed?: string | null;
  what: string;
  where: string | null;
  distribution_bytes?: string;
  other_bytes?: string;
  installed_bytes?: string;
  what_bytes?: string;
  where_bytes?: string;
}

/** A file for another machine, interpreter or system. */
export interface Foreign {
  path: string;
  distribution: string | null;
  why: string;
  path_bytes?: string;
  distribution_bytes?: string;
  why_bytes?: string;
}

/** All that the target ships. */
export interface Totals {
  bytes: number;
  disk_bytes: number;
  files: number;
  directories: number;
  links?: number;
  special?: number;
  kinds?: Kinds;
  unowned?: Amount;
  app?: Amount;
}

/** An entry of a library's DT_NEEDED list. */
export interface Needed {
  name: string;
  resolved: string | null;
  reason: string | null;
  owner?: string | null;
  only_by?: string | null;
  missing_by?: string | null;
  name_bytes?: string;
  resolved_bytes?: string;
  reason_bytes?: string;
  owner_bytes?: string;
  only_by_bytes?: string;
  missing_by_bytes?: string;
}

/** A section of a shared object. */
export interface Section {
  name: string;
  bytes: number;
  name_bytes?: string;
}

/** A shared object of the target, of the app or its packages, or one they take from the system. A key that is absent was not found out. */
export interface Library {
  path: string;
  distribution?: string | null;
  distribution_version?: string | null;
  soname?: string | null;
  build_id?: string | null;
  type?: "extension" | "shared" | "executable";
  outside?: boolean;
  machine?: string | null;
  rpath?: string | null;
  runpath?: string | null;
  bytes?: number;
  debug_bytes?: number;
  symbol_bytes?: number;
  strip_bytes?: number;
  sections?: Section[];
  relocations?: number;
  constructors?: number;
  writable_code?: boolean;
  executable_stack?: boolean;
  needed?: Needed[];
  loaded?: boolean;
  loaded_in?: number;
  dlopen_ns?: number;
  constructors_ns?: number;
  resident_bytes?: number;
  duplicate_of?: string | null;
  path_bytes?: string;
  distribution_bytes?: string;
  distribution_version_bytes?: string;
  soname_bytes?: string;
  duplicate_of_bytes?: string;
  machine_bytes?: string;
  rpath_bytes?: string;
  runpath_bytes?: string;
}

/** The same shared object several times. */
export interface Duplicate {
  kind: "content" | "build-id" | "soname";
  key: string;
  paths: string[];
  waste_bytes: number;
  winner: string | null;
  key_bytes?: string;
  winner_bytes?: string;
  paths_bytes?: string[];
}

/** State of the bytecode beside the sources on the import path, for the target's interpreter. */
export interface BytecodeHealth {
  states: BytecodeStates;
  checked: number;
  by_time: number;
  by_hash: number;
  unwritable: number;
  examples: string[];
  examples_bytes?: string[];
}

/** Sources by the state of their bytecode. */
export interface BytecodeStates {
  fresh: BytecodeState;
  stale: BytecodeState;
  missing: BytecodeState;
  foreign: BytecodeState;
  damaged: BytecodeState;
}

/** Sources in one state. */
export interface BytecodeState {
  files: number;
  source_bytes: number;
}

/** A .pth file. */
export interface PathFile {
  path: string;
  distribution: string | null;
  folders: number;
  code: number;
  path_bytes?: string;
  distribution_bytes?: string;
}

/** Something of the target that could not be read, or is not as it should be. */
export interface Fault {
  path: string;
  what: string;
  unread: boolean;
  folder: boolean;
  path_bytes?: string;
  what_bytes?: string;
}

/** A size limit of a platform, and the target's size against it. */
export interface Limit {
  id: string;
  platform: string;
  what: string;
  limit_bytes: number;
  bytes: number;
  exceeded: boolean;
  hard: boolean;
  source: string;
  dated: string;
}

/** What recordings say about the use of the target. */
export interface Use {
  recordings: UseRecording[];
  stages: UseStage[];
  bytecode: UseBytecode[] | null;
  search_folders: UseSearchFolder[] | null;
  path_files: UsePathFile[] | null;
  small_files: SmallFiles | null;
  search_folders_more: number;
}

/** A recording whose use of the target was looked at. */
export interface UseRecording {
  path: string;
  started: string | null;
  platform: string | null;
  complete: boolean;
  replied: boolean;
  whole: boolean;
  match: "path" | "name" | "none";
  root: string | null;
  files: number;
  not_found: number;
  other_size: number;
  other_time: number;
  relative: number;
  path_bytes?: string;
  platform_bytes?: string;
  root_bytes?: string;
}

/** How much of the target went so far, before the first reply of any of the recordings. What is opened outside of imports is not recorded. */
export interface UseStage {
  stage: "shipped" | "opened" | "mapped" | "resident" | "used";
  files: number | null;
  bytes: number | null;
  library_files: number | null;
  library_bytes: number | null;
}

/** What loading from source cost where bytecode could not be used, in the recording in which that took longest. */
export interface UseBytecode {
  state: "stale" | "missing" | "rejected" | "unreadable";
  modules: number;
  ns: number;
}

/** What looking for modules in a folder of the import path, or of a package's, in vain cost, in the recording in which that took longest. */
export interface UseSearchFolder {
  path: string;
  lookups_failed: number;
  ns: number | null;
  modules_passed: number;
  path_bytes?: string;
}

/** What a .pth file cost at the interpreter's start. */
export interface UsePathFile {
  path: string;
  ns: number | null;
  openings: number;
  modules: number;
  path_bytes?: string;
}

/** What opening and reading many small files (up to 64 KiB) of the target for modules cost, in the recording in which that took longest; of what importlib.import_module() loads it is not recorded. */
export interface SmallFiles {
  files: number;
  bytes: number;
  open_ns: number | null;
  read_ns: number | null;
  disk_wait_ns: number | null;
}

/** A call of a function. */
export interface Invocation {
  track: number | null;
  function: string | null;
  kind: string | null;
  invocation_id?: string | null;
  instance?: number;
  start_ns: number;
  end_ns: number | null;
  waited_ns?: number;
  status: string | null;
  cold: boolean;
  function_bytes?: string;
  kind_bytes?: string;
  invocation_id_bytes?: string;
  status_bytes?: string;
}

/** A place in a file of the user's. */
export interface Location {
  file: string;
  line: number | null;
  file_bytes?: string;
}

/** What following a finding would save. */
export interface Saving {
  ns: number;
  low_ns: number;
  high_ns: number;
  share: number;
  proof: "predicted" | "proved" | "refuted" | "inconclusive";
  gc_ns?: number;
  modules?: number;
}

/** What the first call of a function pays for imports that wait for it. */
export interface FirstCall {
  function: string;
  file: string;
  line: number | null;
  ns: number;
  modules: number;
  function_bytes?: string;
  file_bytes?: string;
}

/** Something worth knowing or changing. */
export interface Finding {
  id: string;
  severity: "error" | "warning" | "note";
  confidence: "high" | "medium" | "low";
  title: string;
  location?: Location | null;
  evidence: string[];
  risk?: string | null;
  modules?: number[];
  saving?: Saving | null;
  moves_to?: string | null;
  fix?: string | null;
  reasons?: string[];
  first_calls?: FirstCall[];
  imports?: ImportStatement[];
  proof?: Proof | null;
  title_bytes?: string;
  risk_bytes?: string;
  moves_to_bytes?: string;
  fix_bytes?: string;
  evidence_bytes?: string[];
  reasons_bytes?: string[];
}

/** An import of the user's files. */
export interface ImportStatement {
  file: string;
  line: number;
  module: string;
  file_bytes?: string;
  module_bytes?: string;
}

/** The median of a share over all pairs, and the interval of it at 95 %. Below 0: the changed app took longer. */
export interface ProofShare {
  low: number;
  middle: number;
  high: number;
}

/** How much of something the app's import loads, exactly: the same in each run. */
export interface ProofCount {
  name: string;
  original: number;
  changed: number;
  name_bytes?: string;
}

/** Whether the changed app is still the same. */
export interface ProofCheck {
  name: string;
  result: "same" | "differs" | "not checked";
  detail: string | null;
  name_bytes?: string;
  detail_bytes?: string;
}

/** What a trial showed of imports that were moved: the app as it is and as `thaw fix` would change it, run in alternation. */
export interface Proof {
  imports: ImportStatement[];
  verdict: "proved" | "refuted" | "inconclusive";
  reason: string;
  pairs: number;
  original_ns: number;
  share: ProofShare;
  wall: ProofShare;
  counts: ProofCount[];
  checks: ProofCheck[];
  calls: FirstCall[];
  diff?: string | null;
  way: string;
  made_at_ns: number;
  reason_bytes?: string;
  diff_bytes?: string;
}

/** A finding that the user has looked at and does not want to be told again. */
export interface Suppressed {
  finding: Finding;
  reason: string;
  until: string | null;
  reason_bytes?: string;
  until_bytes?: string;
}

/** A kind of finding that this recording can't show. */
export interface NotLookedFor {
  id: string;
  needs: string;
}

/** Garbage collections. */
export interface Gc {
  count: number;
  ns: number;
  longest_ns: number;
}

/** Where imports were on a CPU: samples of threads that had an import open, at ticks of each CPU's clock. */
export interface Native {
  period_ns: number;
  samples: number;
  time_ns: number;
  kernel_samples: number;
  unattributed_samples: number;
  outside_samples: number;
  libraries: NativeLibrary[];
  functions: NativeFunction[];
  other_functions_samples: number;
  stacks: NativeStacks | null;
}

/** Samples of one program, shared object, or other memory that holds code. */
export interface NativeLibrary {
  path: string;
  kind: "file" | "vdso" | "probe" | "anonymous";
  distribution: string | null;
  samples: number;
  time_ns: number;
  kernel_samples: number;
  modules: NativeShare[];
  path_bytes?: string;
  distribution_bytes?: string;
}

/** Samples of a library or of a way, while one module was being imported. */
export interface NativeShare {
  module: number;
  samples: number;
  time_ns: number;
}

/** Samples of one function, without those it calls. */
export interface NativeFunction {
  library: string;
  name: string | null;
  offset: number;
  whole: boolean;
  samples: number;
  time_ns: number;
  kernel_samples: number;
  library_bytes?: string;
  name_bytes?: string;
}

/** Stacks of samples, unwound when the recording closed. */
export interface NativeStacks {
  complete: number;
  truncated: number;
  probed: number;
  broken: number;
  paths: NativePath[];
}

/** A way to samples. */
export interface NativePath {
  samples: number;
  time_ns: number;
  frames: NativeFrame[];
  modules: NativeShare[];
}

/** A function on the way. */
export interface NativeFrame {
  library: string;
  name: string | null;
  offset: number;
  whole: boolean;
  library_bytes?: string;
  name_bytes?: string;
}

/** What workers did at once. */
export interface Concurrency {
  hosts: HostLoad[];
}

/** What one host's workers did at once, and what further workers cost. */
export interface HostLoad {
  host: number | null;
  capacity: Capacity;
  load: Load;
  further_imports_ns: number | null;
  further_imports_cpu_ns: number | null;
  workers: WorkerLoad[];
}

/** How many invocations each worker runs at once. No message says that a handler began: this is derived from the order in which invocations came and were answered, for all workers of the host together, as they are given the same number of threads. */
export interface Capacity {
  status: "derived" | "at-least" | "unknown";
  at_once: number | null;
  host_at_once: number | null;
  reason: string | null;
  compared: number;
  waited: number;
  spread: number;
  spread_unlimited: number;
}

/** What one worker did at once, or all workers of a host. */
export interface Load {
  invocations: number;
  unanswered: number;
  most_in_flight: number;
  busy_ns: number;
  in_flight_ns: number;
  derived: LoadDerived | null;
}

/** What ran and what waited, derived by the host's capacity. */
export interface LoadDerived {
  most_running: number;
  running_ns: number;
  running_average: number;
  waited: number;
  waited_ns: number;
  waited_longest_ns: number;
  saturated_ns: number;
}

/** One worker: what its start cost and what it did at once. */
export interface WorkerLoad {
  process: number;
  track: number;
  further: boolean;
  cold_start_ns: number;
  import_phase_ns: number;
  imports_ns: number | null;
  imports_cpu_ns: number | null;
  load: Load;
}

/** Durable Functions: orchestrators are invoked again and again with the whole history of their instance, and replay it; activities do the work. */
export interface Durable {
  functions: DurableFunction[];
  instances: DurableInstance[];
  unknown_executions: number;
  unknown_activities: number;
}

/** A function that takes part in orchestrations. */
export interface DurableFunction {
  name: string | null;
  role: "orchestrator" | "activity" | "entity";
  invocations: number;
  failed: number;
  total_ns: number;
  longest_ns: number;
  name_bytes?: string;
}

/** One instance of an orchestrator. */
export interface DurableInstance {
  instance: number;
  orchestrator: string | null;
  executions: number;
  replays: number;
  executions_ns: number;
  replays_ns: number;
  request_bytes: number;
  history: number;
  activities: number;
  start_ns: number;
  end_ns: number;
  divided: DurableTime | null;
  batches: DurableBatch[];
  orchestrator_bytes?: string;
}

/** What an instance's time went into: the three add up to end_ns less start_ns. */
export interface DurableTime {
  orchestrator_ns: number;
  activities_ns: number;
  outside_ns: number;
}

/** Activities that one execution of an orchestrator scheduled: of more than one it is a fan-out. Which they are is derived: an instance's activities in the order of their requests. */
export interface DurableBatch {
  scheduled: number | null;
  scheduled_ns: number;
  seen: number;
  end_ns: number | null;
  most_in_flight: number;
  most_running: number | null;
  running_average: number | null;
  cold: number;
  cold_longest_ns: number;
}
