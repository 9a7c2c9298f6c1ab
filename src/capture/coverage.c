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
static const char *lateness(const struct thaw_coverage *coverage, size_t index, uint64_t started_ns,
                            uint32_t pid, bool held)
{
    const struct thaw_covered *covered = &coverage->interpreters.items[index];

    if (held && thaw_hold_holds(coverage->hold, (pid_t)pid))
        return NULL;
    if (started_ns < covered->since_ns)
        return LATE_UNKNOWN;
    return covered->narrow ? LATE_NARROW : NULL;
}

/* about: time and ids of the process; late: why its beginning was not seen, NULL when it was. */
static int store_coverage(struct thaw_coverage *coverage, struct thaw_event about,
                          const struct thaw_covered *covered, const char *executable,
                          const char *late, struct thaw_error *error)
{
    struct thaw_interpreter *stored = &about.interpreter;
    const char *started_as = thaw_interpreter_started_as((pid_t)about.pid, "", &coverage->scratch);
    int other = thaw_root_is_other((pid_t)about.pid);

    about.kind = THAW_EVENT_INTERPRETER;
    stored->executable = started_as ? started_as : executable; /* a venv's link stays one */
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
static int tell_process(struct thaw_coverage *coverage, struct thaw_event about, size_t index,
                        const char *executable, const char *late, struct thaw_error *error)
{
    struct thaw_covered *covered = &coverage->interpreters.items[index];
    int code = thaw_python_processes_add(&coverage->processes, about.pid, index, error);

    thaw_withdrawal_joined(&coverage->withdrawal, about.pid, index);
    if (!code)
        code = tell_probes(coverage, covered, error);
    if (!code)
        code = store_coverage(coverage, about, covered, executable, late, error);
    if (code || !coverage->accounts)
        return code;
    return thaw_cpu_accounts_process(coverage->accounts, (pid_t)about.pid, error);
}

int thaw_coverage_present(struct thaw_coverage *coverage, uint32_t pid, const char *executable,
                          struct thaw_error *error)
{
    struct thaw_event about = {.time_ns = thaw_clock_now_ns(), .pid = pid, .tid = pid};
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
    return code ? code : tell_process(coverage, about, index, executable, LATE_PRESENT, error);
}

/* The event of a process that a record from the kernel is about. */
static struct thaw_event event_about(const struct thaw_kernel_header *header)
{
    return (struct thaw_event){.time_ns = header->time_ns, .pid = header->tgid, .tid = header->tid};
}

int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error)
{
    struct thaw_event about = event_about(&record->header);
    size_t interpreter = 0;
    const char *late;
    int code = 0;

    thaw_arena_free(&coverage->scratch);
    thaw_coverage_left(coverage, about.pid);
    if (!thaw_known_files_find(&coverage->files, &record->file, &interpreter))
        code = thaw_coverage_learn_file(coverage, record, executable, &interpreter, error);
    if (code || !interpreter)
        return code;
    late = lateness(coverage, interpreter - 1, about.time_ns, about.pid, record->held);
    return tell_process(coverage, about, interpreter - 1, executable, late, error);
}

int thaw_coverage_forked(struct thaw_coverage *coverage, const struct thaw_kernel_fork *record,
                         struct thaw_error *error)
{
    const struct thaw_python_process *parent =
        thaw_python_processes_find(&coverage->processes, record->parent);
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
    return store_coverage(coverage, event_about(&record->header),
                          &coverage->interpreters.items[index], "", LATE_FORKED, error);
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
    struct thaw_event about = event_about(&record->header);
    size_t interpreter = 0;
    const char *late;
    int code = 0;

    thaw_arena_free(&coverage->scratch);
    if (record->descriptor < 0 ||
        !thaw_known_files_find(&coverage->files, &record->file, &interpreter))
        code = thaw_coverage_learn_library(coverage, record, &interpreter, error);
    if (code || !interpreter || (process && process->interpreter == interpreter - 1))
        return code; /* told when its program was executed */
    late = lateness(coverage, interpreter - 1, about.time_ns, about.pid, record->held);
    return tell_process(coverage, about, interpreter - 1, "", late, error);
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
