/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "capture/coverage_parts.h"
#include "capture/libraries.h"
#include "capture/loss.h"
#include "capture/session_probes.h"
#include "native/root.h"

int thaw_coverage_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                       struct thaw_cpu_accounts *accounts, struct thaw_coverage **ret,
                       struct thaw_error *error)
{
    struct thaw_coverage *coverage = calloc(1, sizeof(*coverage));

    if (!coverage)
        return thaw_error_memory(error);
    coverage->programs = programs;
    coverage->writer = writer;
    coverage->accounts = accounts;
    coverage->interpreters.programs = programs;
    coverage->interpreters.probes = THAW_PROBES_ALL;
    coverage->files.programs = programs;
    coverage->withdrawal = (struct thaw_withdrawal){
        .programs = programs,
        .interpreters = &coverage->interpreters,
        .processes = &coverage->processes,
        .files = &coverage->files,
        .writer = writer,
        .watchdog.programs = programs,
    };
    *ret = coverage;
    return 0;
}

void thaw_coverage_hold(struct thaw_coverage *coverage, const struct thaw_hold *hold)
{
    coverage->hold = hold;
}

/* Those the user named; one that is none is told. */
static int attach_named_interpreters(struct thaw_coverage *coverage, const char *const *pythons,
                                     struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && pythons && pythons[i]; i++) {
        struct thaw_interpreter_info info;
        size_t index;

        code = thaw_interpreter_identify(pythons[i], &coverage->scratch, &info, error);
        if (!code)
            code = thaw_coverage_cover(coverage, &info, &index, error);
        if (!code)
            code = thaw_coverage_know(coverage, pythons[i], index, error);
    }
    return code;
}

static int attach_known_interpreters(struct thaw_coverage *coverage, const char *const *command,
                                     const char *home, struct thaw_error *error)
{
    struct thaw_interpreter_list found = {0};
    const char *path = getenv("PATH");
    int code = thaw_interpreters_discover(command, path ? path : "", home, &coverage->scratch,
                                          &found, error);
    size_t index;

    for (size_t i = 0; !code && i < found.count; i++) {
        code = thaw_coverage_cover(coverage, &found.items[i], &index, error);
        if (!code && !*found.items[i].root)
            code = thaw_coverage_know(coverage, found.items[i].executable, index, error);
    }
    thaw_array_free(&found);
    return code;
}

int thaw_coverage_attach(struct thaw_coverage *coverage, const char *const *command,
                         const char *home, const char *const *pythons, struct thaw_error *error)
{
    int code = attach_named_interpreters(coverage, pythons, error);

    if (!code)
        code = attach_known_interpreters(coverage, command, home, error);
    thaw_arena_free(&coverage->scratch);
    return code;
}

/* Most interpreters that are probed never run: only of those that do is told how it went. */
static int tell_probes(struct thaw_coverage *coverage, struct thaw_covered *covered,
                       struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && !covered->told && i < covered->probes.count; i++)
        code = thaw_probe_store(coverage->writer, covered->probes.attempts[i].row,
                                covered->info.library, "uprobe",
                                &covered->probes.attempts[i].failure, error);
    covered->told = true;
    return code;
}

#define LATE_UNKNOWN "this interpreter was not known before it started"
#define LATE_PRESENT "it ran before the recording began"
#define LATE_NARROW                                                                                \
    "its probes had been withdrawn, as another process hit them too often, and came back late"
#define LATE_FORKED                                                                                \
    "it was forked while single processes were probed, as another one hit the probes too often"

/* Why the beginning of a process was not seen, NULL when it was; held: it was stopped for that. */
static const char *lateness(const struct thaw_coverage *coverage, size_t index,
                            const struct thaw_kernel_header *header, bool held)
{
    const struct thaw_covered *covered = &coverage->interpreters.items[index];

    if (held && thaw_hold_holds(coverage->hold, (pid_t)header->tgid))
        return NULL;
    if (header->time_ns < covered->since_ns)
        return LATE_UNKNOWN;
    return covered->narrow ? LATE_NARROW : NULL;
}

/* A process that runs a covered interpreter from now on. */
struct arrival {
    struct thaw_event about; /* time and ids */
    const char *executable;
    const char *late;                      /* why its beginning was not seen, NULL when it was */
    const struct thaw_kernel_exec *record; /* NULL: its exec was not seen */
};

/* The first argument, NULL when it is cut, or was not seen. */
static const char *first_argument(const struct thaw_kernel_exec *record)
{
    const char *word = record ? record->texts + record->filename_bytes : NULL;

    return word && *word && memchr(word, '\0', record->argument_bytes) ? word : NULL;
}

/* A venv's link stays one. */
static const char *started_as(const struct arrival *arrival, struct thaw_arena *arena)
{
    pid_t pid = (pid_t)arrival->about.pid;
    const char *word = first_argument(arrival->record);
    const char *path = word && !strcmp(word, arrival->executable) ? arrival->executable
                       : word ? thaw_interpreter_started_by(pid, "", word, arena)
                              : thaw_interpreter_started_as(pid, "", arena);

    return path ? path : arrival->executable;
}

/* 1 or 0, or a negative errno. */
static int root_is_other(const struct arrival *arrival)
{
    if (arrival->record && arrival->record->root != THAW_ROOT_UNKNOWN)
        return arrival->record->root == THAW_ROOT_OTHER;
    return thaw_root_is_other((pid_t)arrival->about.pid);
}

static int store_coverage(struct thaw_coverage *coverage, const struct arrival *arrival,
                          const struct thaw_covered *covered, struct thaw_error *error)
{
    struct thaw_event about = arrival->about;
    struct thaw_interpreter *stored = &about.interpreter;
    const char *late = arrival->late;
    int other = root_is_other(arrival);

    about.kind = THAW_EVENT_INTERPRETER;
    stored->executable = started_as(arrival, &coverage->scratch);
    stored->library = covered->info.library;
    stored->version = covered->info.version;
    stored->other_root = other < 0 ? *covered->info.root != '\0' : (uint64_t)other;
    stored->coverage = late ? "late" : "from start";
    stored->reason = late ? late : "";
    thaw_interpreters_seen(&coverage->interpreters,
                           (size_t)(covered - coverage->interpreters.items), (pid_t)about.pid,
                           stored->other_root);
    if (covered->refusal) {
        stored->coverage = "refused";
        stored->reason = covered->refusal;
    }
    return thaw_recording_writer_append(coverage->writer, &about, error);
}

/* Everything there is to tell of a process that runs a covered interpreter. */
static int tell_process(struct thaw_coverage *coverage, const struct arrival *arrival, size_t index,
                        struct thaw_error *error)
{
    struct thaw_covered *covered = &coverage->interpreters.items[index];
    uint32_t pid = arrival->about.pid;
    int code = thaw_python_processes_add(&coverage->processes, pid, index, error);

    thaw_withdrawal_joined(&coverage->withdrawal, pid, index);
    if (!code)
        code = tell_probes(coverage, covered, error);
    if (!code)
        code = store_coverage(coverage, arrival, covered, error);
    if (code || !coverage->accounts)
        return code;
    return thaw_cpu_accounts_process(coverage->accounts, (pid_t)pid, error);
}

int thaw_coverage_present(struct thaw_coverage *coverage, uint32_t pid, const char *executable,
                          struct thaw_error *error)
{
    struct arrival arrival = {
        .about = {.time_ns = thaw_clock_now_ns(), .pid = pid, .tid = pid},
        .executable = executable,
        .late = LATE_PRESENT,
    };
    struct thaw_interpreter_info info;
    size_t index;
    int code;

    thaw_arena_free(&coverage->scratch);
    code = thaw_interpreter_of_process((pid_t)pid, &coverage->scratch, &info, NULL);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return code == -EACCES ? thaw_loss_of_process(coverage->writer, pid, error) : 0;
    code = thaw_coverage_cover(coverage, &info, &index, error);
    return code ? code : tell_process(coverage, &arrival, index, error);
}

/* The event of a process that a record from the kernel is about. */
static struct thaw_event event_about(const struct thaw_kernel_header *header)
{
    return (struct thaw_event){.time_ns = header->time_ns, .pid = header->tgid, .tid = header->tid};
}

int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error)
{
    struct arrival arrival = {.about = event_about(&record->header),
                              .executable = executable,
                              .record = record};
    size_t interpreter = 0;
    int code = 0;

    thaw_arena_free(&coverage->scratch);
    thaw_coverage_left(coverage, record->header.tgid);
    if (!thaw_known_files_find(&coverage->files, &record->file, &interpreter))
        code = thaw_coverage_learn_file(coverage, record, executable, &interpreter, error);
    if (code || !interpreter)
        return code;
    arrival.late = lateness(coverage, interpreter - 1, &record->header, record->held);
    return tell_process(coverage, &arrival, interpreter - 1, error);
}

int thaw_coverage_forked(struct thaw_coverage *coverage, const struct thaw_kernel_fork *record,
                         struct thaw_error *error)
{
    const struct thaw_python_process *parent =
        thaw_python_processes_find(&coverage->processes, record->parent);
    struct arrival arrival = {.about = event_about(&record->header),
                              .executable = "",
                              .late = LATE_FORKED};
    uint32_t child = record->header.tgid;
    size_t index;
    int code;

    if (!parent) {
        thaw_coverage_left(coverage, child); /* its number may be one that comes again */
        return 0;
    }
    thaw_arena_free(&coverage->scratch);
    index = parent->interpreter;
    code = thaw_python_processes_add(&coverage->processes, child, index, error);
    if (code || !thaw_withdrawal_joined(&coverage->withdrawal, child, index))
        return code;
    return store_coverage(coverage, &arrival, &coverage->interpreters.items[index], error);
}

size_t thaw_coverage_interpreters(const struct thaw_coverage *coverage)
{
    size_t count = 0;

    for (size_t i = 0; i < coverage->interpreters.count; i++)
        count += coverage->interpreters.items[i].there;
    return count;
}

size_t thaw_coverage_processes(const struct thaw_coverage *coverage)
{
    return HASH_COUNT(coverage->processes.table);
}

bool thaw_coverage_is_python(const struct thaw_coverage *coverage, uint32_t pid)
{
    return thaw_python_processes_find(&coverage->processes, pid) != NULL;
}

void thaw_coverage_left(struct thaw_coverage *coverage, uint32_t pid)
{
    thaw_withdrawal_left(&coverage->withdrawal, pid);
    thaw_python_processes_remove(&coverage->processes, pid);
}

int thaw_coverage_library(struct thaw_coverage *coverage,
                          const struct thaw_kernel_library_open *record, struct thaw_error *error)
{
    const struct thaw_python_process *process =
        thaw_python_processes_find(&coverage->processes, record->header.tgid);
    struct arrival arrival = {.about = event_about(&record->header), .executable = ""};
    size_t interpreter = 0;
    int code = 0;

    thaw_arena_free(&coverage->scratch);
    if (record->descriptor < 0 ||
        !thaw_known_files_find(&coverage->files, &record->file, &interpreter))
        code = thaw_coverage_learn_library(coverage, record, &interpreter, error);
    if (code || !interpreter || (process && process->interpreter == interpreter - 1))
        return code; /* told when its program was executed */
    arrival.late = lateness(coverage, interpreter - 1, &record->header, record->held);
    return tell_process(coverage, &arrival, interpreter - 1, error);
}

int thaw_coverage_watch(struct thaw_coverage *coverage, struct thaw_error *error)
{
    return thaw_withdrawal_watch(&coverage->withdrawal, error);
}

int thaw_coverage_store_accounts(struct thaw_coverage *coverage, struct thaw_error *error)
{
    const struct thaw_python_process *process, *next;
    int code = 0;

    HASH_ITER(hh, coverage->processes.table, process, next)
    {
        if (!code)
            code = thaw_cpu_accounts_process(coverage->accounts, (pid_t)process->pid, error);
    }
    return code;
}

int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error)
{
    const struct thaw_python_process *process, *next;
    int code = 0;

    HASH_ITER(hh, coverage->processes.table, process, next)
    {
        if (!code)
            code = thaw_libraries_store(process->pid, coverage->writer, error);
    }
    return code;
}

void thaw_coverage_free(struct thaw_coverage *coverage)
{
    if (!coverage)
        return;
    thaw_interpreters_free(&coverage->interpreters);
    thaw_python_processes_free(&coverage->processes);
    thaw_known_files_free(&coverage->files);
    thaw_array_free(&coverage->loaders);
    thaw_arena_free(&coverage->scratch);
    free(coverage);
}
