/* SPDX-License-Identifier: Apache-2.0 */

#include "recording/kinds.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
/* The type is taken from the struct itself: a row can't contradict it. */
#define FIELD_TYPE(member)                                                                         \
    _Generic(((struct thaw_event *)0)->member,                                                     \
        uint64_t: THAW_FIELD_U64,                                                                  \
        int64_t: THAW_FIELD_I64,                                                                   \
        const char *: THAW_FIELD_TEXT,                                                             \
        struct thaw_texts: THAW_FIELD_TEXTS)

#define FIELD(kind, field)                                                                         \
    {#field, FIELD_TYPE(kind.field), offsetof(struct thaw_event, kind.field)}

/* What a thread has used: in the event itself, beside its union. */
#define USAGE                                                                                      \
    {"io_ns", THAW_FIELD_U64, offsetof(struct thaw_event, usage.io_ns)},                           \
        {"runqueue_ns", THAW_FIELD_U64, offsetof(struct thaw_event, usage.runqueue_ns)},           \
        {"sleep_ns", THAW_FIELD_U64, offsetof(struct thaw_event, usage.sleep_ns)},                 \
        {"disk_bytes", THAW_FIELD_U64, offsetof(struct thaw_event, usage.disk_bytes)},             \
        {"memory_bytes", THAW_FIELD_U64, offsetof(struct thaw_event, usage.memory_bytes)},         \
        {"minor_faults", THAW_FIELD_U64, offsetof(struct thaw_event, usage.minor_faults)},         \
        {"major_faults", THAW_FIELD_U64, offsetof(struct thaw_event, usage.major_faults)},         \
        {"read_bytes", THAW_FIELD_U64, offsetof(struct thaw_event, usage.read_bytes)}

#define KIND(number, name, member)                                                                 \
    {number, name, offsetof(struct thaw_event, member),                                            \
     sizeof(((struct thaw_event *)0)->member), member##_fields, COUNT(member##_fields)}
/* clang-format on */

#include "recording/count_fields.h"
#include "recording/server_fields.h"

static const struct thaw_field session_begin_fields[] = {
    FIELD(session_begin, tool_version), FIELD(session_begin, backend),
    FIELD(session_begin, kernel),       FIELD(session_begin, arch),
    FIELD(session_begin, cpus),         FIELD(session_begin, realtime_ns),
    FIELD(session_begin, command),      FIELD(session_begin, directory),
    FIELD(session_begin, until),        FIELD(session_begin, platform),
    FIELD(session_begin, session),      FIELD(session_begin, trial),
    FIELD(session_begin, trials),       FIELD(session_begin, cold),
};

static const struct thaw_field session_end_fields[] = {
    FIELD(session_end, reason),
    FIELD(session_end, exit_status),
};

static const struct thaw_field probe_fields[] = {
    FIELD(probe, name), FIELD(probe, target), FIELD(probe, status),
    FIELD(probe, how),  FIELD(probe, reason), FIELD(probe, without),
};

static const struct thaw_field loss_fields[] = {
    FIELD(loss, cause),
    FIELD(loss, count),
    FIELD(loss, what),
};

static const struct thaw_field cost_fields[] = {
    FIELD(cost, bpf_ns), FIELD(cost, traps_ns),       FIELD(cost, reader_cpu_ns),
    FIELD(cost, events), FIELD(cost, closing_cpu_ns), FIELD(cost, calls_ns),
};

static const struct thaw_field machine_fields[] = {
    FIELD(machine, cpu_limit_millis), FIELD(machine, memory_limit_bytes),
    FIELD(machine, hypervisor),       FIELD(machine, signs),
    FIELD(machine, container),        FIELD(machine, kernel_log),
    FIELD(machine, suspended_ns),     FIELD(machine, boot),
};

static const struct thaw_field machine_instant_fields[] = {
    FIELD(machine_instant, name),
    FIELD(machine_instant, at_ns),
    FIELD(machine_instant, uncertainty_ns),
    FIELD(machine_instant, source),
};

static const struct thaw_field cpu_account_fields[] = {
    FIELD(cpu_account, control_group),
    FIELD(cpu_account, cpu_limit_millis),
    FIELD(cpu_account, counts_throttling),
    FIELD(cpu_account, periods),
    FIELD(cpu_account, throttled_periods),
    FIELD(cpu_account, throttled_ns),
    FIELD(cpu_account, has_waits),
    FIELD(cpu_account, cpu_ns),
    FIELD(cpu_account, runqueue_ns),
    FIELD(cpu_account, pressure_ns),
    FIELD(cpu_account, pressure_of),
    FIELD(cpu_account, final),
    FIELD(cpu_account, signs),
};

static const struct thaw_field process_present_fields[] = {
    FIELD(process_present, parent),
    FIELD(process_present, start_ns),
    FIELD(process_present, executable),
};

static const struct thaw_field process_fork_fields[] = {
    FIELD(process_fork, parent),
};

static const struct thaw_field process_exec_fields[] = {
    FIELD(process_exec, executable),
    FIELD(process_exec, folder),
    FIELD(process_exec, control_group),
};

static const struct thaw_field process_exit_fields[] = {
    FIELD(process_exit, code),
    FIELD(process_exit, signal),
};

static const struct thaw_field process_role_fields[] = {
    FIELD(process_role, role),        FIELD(process_role, platform),
    FIELD(process_role, worker_id),   FIELD(process_role, port),
    FIELD(process_role, directory),   FIELD(process_role, signs),
    FIELD(process_role, application),
};

static const struct thaw_field interpreter_fields[] = {
    FIELD(interpreter, executable), FIELD(interpreter, library), FIELD(interpreter, version),
    FIELD(interpreter, coverage),   FIELD(interpreter, reason),  FIELD(interpreter, other_root),
};

static const struct thaw_field import_begin_fields[] = {
    FIELD(import_begin, name),
    FIELD(import_begin, stack),
    FIELD(import_begin, strand),
    FIELD(import_begin, lazy),
    USAGE,
};

static const struct thaw_field import_end_fields[] = {
    FIELD(import_end, stack),
    FIELD(import_end, failed),
    FIELD(import_end, strand),
    USAGE,
};

static const struct thaw_field body_begin_fields[] = {
    FIELD(body_begin, name), FIELD(body_begin, file),   FIELD(body_begin, stack),
    FIELD(body_begin, own),  FIELD(body_begin, strand), USAGE,
};

static const struct thaw_field body_end_fields[] = {
    FIELD(body_end, stack),
    FIELD(body_end, failed),
    FIELD(body_end, strand),
    USAGE,
};

static const struct thaw_field dlopen_begin_fields[] = {
    FIELD(dlopen_begin, path),
    FIELD(dlopen_begin, stack),
    FIELD(dlopen_begin, strand),
    USAGE,
};

static const struct thaw_field dlopen_end_fields[] = {
    FIELD(dlopen_end, stack),
    FIELD(dlopen_end, failed),
    FIELD(dlopen_end, strand),
    USAGE,
};

static const struct thaw_field file_open_fields[] = {
    FIELD(file_open, path),      FIELD(file_open, result),
    FIELD(file_open, stack),     FIELD(file_open, strand),
    FIELD(file_open, bytes),     FIELD(file_open, for_writing),
    FIELD(file_open, is_folder), USAGE,
};

static const struct thaw_field import_timed_fields[] = {
    FIELD(import_timed, name),
    FIELD(import_timed, depth),
    FIELD(import_timed, self_ns),
    FIELD(import_timed, total_ns),
};

static const struct thaw_field connect_fields[] = {
    FIELD(connect, port),
    FIELD(connect, result),
    FIELD(connect, connection),
};

static const struct thaw_field message_fields[] = {
    FIELD(message, type),         FIELD(message, outgoing),    FIELD(message, last_ns),
    FIELD(message, bytes),        FIELD(message, connection),  FIELD(message, worker_id),
    FIELD(message, request_id),   FIELD(message, function_id), FIELD(message, invocation_id),
    FIELD(message, directory),    FIELD(message, status),      FIELD(message, failure),
    FIELD(message, truncated),    FIELD(message, instance),    FIELD(message, replaying),
    FIELD(message, history),      FIELD(message, scheduled),   FIELD(message, completed),
    FIELD(message, trace_parent),
};

static const struct thaw_field function_fields[] = {
    FIELD(function, function_id), FIELD(function, name),   FIELD(function, trigger),
    FIELD(function, directory),   FIELD(function, script),
};

static const struct thaw_field gc_begin_fields[] = {
    FIELD(gc_begin, stack),
    FIELD(gc_begin, strand),
    USAGE,
};

static const struct thaw_field gc_end_fields[] = {
    FIELD(gc_end, stack),
    FIELD(gc_end, strand),
    USAGE,
};

static const struct thaw_field library_fields[] = {
    FIELD(library, path),
    FIELD(library, resident_bytes),
};

static const struct thaw_field inventory_import_fields[] = {
    FIELD(inventory_import, file),   FIELD(inventory_import, line),  FIELD(inventory_import, level),
    FIELD(inventory_import, module), FIELD(inventory_import, names),
};

static const struct thaw_field inventory_statement_fields[] = {
    FIELD(inventory_statement, file),       FIELD(inventory_statement, line),
    FIELD(inventory_statement, end_line),   FIELD(inventory_statement, level),
    FIELD(inventory_statement, module),     FIELD(inventory_statement, name),
    FIELD(inventory_statement, bound),      FIELD(inventory_statement, use),
    FIELD(inventory_statement, functions),  FIELD(inventory_statement, detail),
    FIELD(inventory_statement, attributes),
};

static const struct thaw_field inventory_definition_fields[] = {
    FIELD(inventory_definition, file),       FIELD(inventory_definition, line),
    FIELD(inventory_definition, name),       FIELD(inventory_definition, references),
    FIELD(inventory_definition, decorators), FIELD(inventory_definition, dynamic),
    FIELD(inventory_definition, kind),       FIELD(inventory_definition, bare),
};

static const struct thaw_field inventory_library_fields[] = {
    FIELD(inventory_library, path),        FIELD(inventory_library, soname),
    FIELD(inventory_library, build_id),    FIELD(inventory_library, distribution),
    FIELD(inventory_library, bytes),       FIELD(inventory_library, disk_bytes),
    FIELD(inventory_library, needed),      FIELD(inventory_library, strip_bytes),
    FIELD(inventory_library, debug_bytes), FIELD(inventory_library, relocations),
};

static const struct thaw_field inventory_requirement_fields[] = {
    FIELD(inventory_requirement, file),      FIELD(inventory_requirement, line),
    FIELD(inventory_requirement, name),      FIELD(inventory_requirement, text),
    FIELD(inventory_requirement, modules),   FIELD(inventory_requirement, groups),
    FIELD(inventory_requirement, mentioned),
};

static const struct thaw_field inventory_interpreter_fields[] = {
    FIELD(inventory_interpreter, executable),     FIELD(inventory_interpreter, version),
    FIELD(inventory_interpreter, implementation), FIELD(inventory_interpreter, builtins),
    FIELD(inventory_interpreter, stdlib),         FIELD(inventory_interpreter, sites),
};

static const struct thaw_field inventory_distribution_fields[] = {
    FIELD(inventory_distribution, name),       FIELD(inventory_distribution, version),
    FIELD(inventory_distribution, location),   FIELD(inventory_distribution, bytes),
    FIELD(inventory_distribution, disk_bytes), FIELD(inventory_distribution, files),
    FIELD(inventory_distribution, installer),  FIELD(inventory_distribution, requires),
    FIELD(inventory_distribution, optional),
};

static const struct thaw_field inventory_file_fields[] = {
    FIELD(inventory_file, path),     FIELD(inventory_file, distribution),
    FIELD(inventory_file, bytes),    FIELD(inventory_file, disk_bytes),
    FIELD(inventory_file, mtime_ns), FIELD(inventory_file, build_id),
};

static const struct thaw_field strand_begin_fields[] = {
    FIELD(strand_begin, strand),
    FIELD(strand_begin, parent),
    FIELD(strand_begin, parent_stack),
    FIELD(strand_begin, split),
};

static const struct thaw_field module_init_fields[] = {
    FIELD(module_init, name),
    FIELD(module_init, stack),
    FIELD(module_init, single_phase),
    FIELD(module_init, strand),
    USAGE,
};

static const struct thaw_field module_init_end_fields[] = {
    FIELD(module_init_end, stack),
    FIELD(module_init_end, failed),
    FIELD(module_init_end, strand),
    USAGE,
};

static const struct thaw_field module_made_fields[] = {
    FIELD(module_made, name),
    FIELD(module_made, stack),
    FIELD(module_made, strand),
    USAGE,
};

static const struct thaw_field lazy_begin_fields[] = {
    FIELD(lazy_begin, function),
    FIELD(lazy_begin, file),
    FIELD(lazy_begin, stack),
    FIELD(lazy_begin, strand),
    USAGE,
};

static const struct thaw_field file_close_fields[] = {
    FIELD(file_close, bytes),        FIELD(file_close, magic),
    FIELD(file_close, flags),        FIELD(file_close, source_mtime_s),
    FIELD(file_close, source_bytes), FIELD(file_close, stack),
    FIELD(file_close, strand),       USAGE,
};

static const struct thaw_field file_lookups_fields[] = {
    FIELD(file_lookups, last_ns),  FIELD(file_lookups, count),  FIELD(file_lookups, failed),
    FIELD(file_lookups, searched), FIELD(file_lookups, bytes),  FIELD(file_lookups, mtime_s),
    FIELD(file_lookups, stack),    FIELD(file_lookups, strand), USAGE,
};

static const struct thaw_field file_lookup_fields[] = {
    FIELD(file_lookup, path),
    FIELD(file_lookup, result),
    FIELD(file_lookup, stack),
    FIELD(file_lookup, strand),
};

static const struct thaw_field file_folder_fields[] = {
    FIELD(file_folder, number),
    FIELD(file_folder, after),
    FIELD(file_folder, path),
};

static const struct thaw_field unmarshal_begin_fields[] = {
    FIELD(unmarshal_begin, stack),
    FIELD(unmarshal_begin, strand),
    USAGE,
};

static const struct thaw_field marshal_begin_fields[] = {
    FIELD(marshal_begin, stack),
    FIELD(marshal_begin, strand),
    USAGE,
};

static const struct thaw_field dlopen_relocated_fields[] = {
    FIELD(dlopen_relocated, stack),
    FIELD(dlopen_relocated, strand),
    USAGE,
};

static const struct thaw_field effect_fields[] = {
    FIELD(effect, what),    FIELD(effect, detail),      FIELD(effect, result),
    FIELD(effect, started), FIELD(effect, duration_ns), FIELD(effect, stack),
    FIELD(effect, strand),  FIELD(effect, inherited),   FIELD(effect, last),
};

static const struct thaw_field mapping_fields[] = {
    FIELD(mapping, path),  FIELD(mapping, start),  FIELD(mapping, bytes), FIELD(mapping, offset),
    FIELD(mapping, first), FIELD(mapping, device), FIELD(mapping, inode),
};

static const struct thaw_field sample_fields[] = {
    FIELD(sample, address),
    FIELD(sample, stack),
    FIELD(sample, strand),
    FIELD(sample, in_kernel),
};

static const struct thaw_field sampling_fields[] = {
    FIELD(sampling, period_ns),
    FIELD(sampling, stacks),
};

static const struct thaw_field inventory_symbol_fields[] = {
    FIELD(inventory_symbol, path),
    FIELD(inventory_symbol, offset),
    FIELD(inventory_symbol, bytes),
    FIELD(inventory_symbol, name),
};

static const struct thaw_field call_fields[] = {
    FIELD(call, number),
    FIELD(call, caller),
    FIELD(call, path),
    FIELD(call, offset),
};

static const struct thaw_field call_stack_fields[] = {
    FIELD(call_stack, call),
    FIELD(call_stack, address),
    FIELD(call_stack, end),
};

static const struct thaw_field vm_fields[] = {
    FIELD(vm, what),
    FIELD(vm, value),
    FIELD(vm, size),
    FIELD(vm, port),
};

static const struct thaw_field vm_count_fields[] = {
    FIELD(vm_count, ports), FIELD(vm_count, marks),    FIELD(vm_count, exits),
    FIELD(vm_count, ends),  FIELD(vm_count, memories), FIELD(vm_count, observed),
};

static const struct thaw_field console_mark_fields[] = {
    FIELD(console_mark, device),
    FIELD(console_mark, drained_ns),
};

static const struct thaw_field guest_mark_fields[] = {
    FIELD(guest_mark, session),
    FIELD(guest_mark, guest_ns),
    FIELD(guest_mark, last_ns),
};

static const struct thaw_kind kinds[] = {
    KIND(THAW_EVENT_SESSION_BEGIN, "session.begin", session_begin),
    KIND(THAW_EVENT_SESSION_END, "session.end", session_end),
    KIND(THAW_EVENT_PROBE, "probe", probe),
    KIND(THAW_EVENT_LOSS, "loss", loss),
    KIND(THAW_EVENT_COST, "cost", cost),
    KIND(THAW_EVENT_MACHINE, "machine", machine),
    KIND(THAW_EVENT_MACHINE_INSTANT, "machine.instant", machine_instant),
    KIND(THAW_EVENT_CPU_ACCOUNT, "cpu.account", cpu_account),
    KIND(THAW_EVENT_PROCESS_PRESENT, "process.present", process_present),
    KIND(THAW_EVENT_PROCESS_FORK, "process.fork", process_fork),
    KIND(THAW_EVENT_PROCESS_EXEC, "process.exec", process_exec),
    KIND(THAW_EVENT_PROCESS_EXIT, "process.exit", process_exit),
    KIND(THAW_EVENT_PROCESS_ROLE, "process.role", process_role),
    KIND(THAW_EVENT_INTERPRETER, "interpreter", interpreter),
    KIND(THAW_EVENT_LIBRARY, "library", library),
    KIND(THAW_EVENT_PROCESS_COUNTS, "process.counts", process_counts),
    KIND(THAW_EVENT_IMPORT_BEGIN, "import.begin", import_begin),
    KIND(THAW_EVENT_IMPORT_END, "import.end", import_end),
    KIND(THAW_EVENT_BODY_BEGIN, "body.begin", body_begin),
    KIND(THAW_EVENT_BODY_END, "body.end", body_end),
    KIND(THAW_EVENT_DLOPEN_BEGIN, "dlopen.begin", dlopen_begin),
    KIND(THAW_EVENT_DLOPEN_END, "dlopen.end", dlopen_end),
    KIND(THAW_EVENT_FILE_OPEN, "file.open", file_open),
    KIND(THAW_EVENT_IMPORT_TIMED, "import.timed", import_timed),
    KIND(THAW_EVENT_GC_BEGIN, "gc.begin", gc_begin),
    KIND(THAW_EVENT_GC_END, "gc.end", gc_end),
    KIND(THAW_EVENT_CONNECT, "connect", connect),
    KIND(THAW_EVENT_MESSAGE, "message", message),
    KIND(THAW_EVENT_FUNCTION, "function", function),
    KIND(THAW_EVENT_LISTEN, "listen", listen),
    KIND(THAW_EVENT_ACCEPT, "accept", accept),
    KIND(THAW_EVENT_FIRST_BYTES, "first.bytes", first_bytes),
    KIND(THAW_EVENT_HOST_FILE, "host.file", host_file),
    KIND(THAW_EVENT_INVENTORY_INTERPRETER, "inventory.interpreter", inventory_interpreter),
    KIND(THAW_EVENT_INVENTORY_DISTRIBUTION, "inventory.distribution", inventory_distribution),
    KIND(THAW_EVENT_INVENTORY_FILE, "inventory.file", inventory_file),
    KIND(THAW_EVENT_INVENTORY_IMPORT, "inventory.import", inventory_import),
    KIND(THAW_EVENT_INVENTORY_STATEMENT, "inventory.statement", inventory_statement),
    KIND(THAW_EVENT_INVENTORY_DEFINITION, "inventory.definition", inventory_definition),
    KIND(THAW_EVENT_INVENTORY_LIBRARY, "inventory.library", inventory_library),
    KIND(THAW_EVENT_INVENTORY_REQUIREMENT, "inventory.requirement", inventory_requirement),
    KIND(THAW_EVENT_STRAND_BEGIN, "strand.begin", strand_begin),
    KIND(THAW_EVENT_MODULE_INIT, "module.init", module_init),
    KIND(THAW_EVENT_MODULE_INIT_END, "module.init.end", module_init_end),
    KIND(THAW_EVENT_MODULE_MADE, "module.made", module_made),
    KIND(THAW_EVENT_LAZY_BEGIN, "lazy.begin", lazy_begin),
    KIND(THAW_EVENT_FILE_CLOSE, "file.close", file_close),
    KIND(THAW_EVENT_FILE_LOOKUPS, "file.lookups", file_lookups),
    KIND(THAW_EVENT_FILE_LOOKUP, "file.lookup", file_lookup),
    KIND(THAW_EVENT_FILE_FOLDER, "file.folder", file_folder),
    KIND(THAW_EVENT_UNMARSHAL_BEGIN, "unmarshal.begin", unmarshal_begin),
    KIND(THAW_EVENT_DLOPEN_RELOCATED, "dlopen.relocated", dlopen_relocated),
    KIND(THAW_EVENT_MARSHAL_BEGIN, "marshal.begin", marshal_begin),
    KIND(THAW_EVENT_EFFECT, "effect", effect),
    KIND(THAW_EVENT_MAPPING, "mapping", mapping),
    KIND(THAW_EVENT_SAMPLE, "sample", sample),
    KIND(THAW_EVENT_SAMPLING, "sampling", sampling),
    KIND(THAW_EVENT_INVENTORY_SYMBOL, "inventory.symbol", inventory_symbol),
    KIND(THAW_EVENT_CALL, "call", call),
    KIND(THAW_EVENT_STACK, "stack", call_stack),
    KIND(THAW_EVENT_VM, "vm", vm),
    KIND(THAW_EVENT_VM_COUNT, "vm.count", vm_count),
    KIND(THAW_EVENT_CONSOLE_MARK, "console.mark", console_mark),
    KIND(THAW_EVENT_GUEST_MARK, "guest.mark", guest_mark),
};

const struct thaw_kind *thaw_kinds_all(size_t *count)
{
    *count = COUNT(kinds);
    return kinds;
}
