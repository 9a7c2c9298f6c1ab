/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "capture/coverage.h"
#include "capture/libraries.h"
#include "capture/interpreter_probes.h"
#include "python/interpreter.h"

/* A library (or static interpreter) that was looked at. */
struct covered {
    struct thaw_interpreter_info info;
    struct thaw_python_places places;
    struct thaw_interpreter_probes probes;
    const char *refusal; /* why its imports can't be seen, NULL they can */
    bool told;           /* its probes are in the recording: some process runs it */
};

/* A file that was executed or could be: which library it leads to. */
struct known_file {
    uint64_t device;
    uint64_t inode;
    size_t covered; /* index + 1; 0: not an interpreter */
};

struct thaw_coverage {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    struct thaw_arena arena;
    THAW_ARRAY(struct covered) covered;
    THAW_ARRAY(struct known_file) files;
    THAW_ARRAY(uint32_t) processes; /* that run an interpreter */
};

int thaw_coverage_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                       struct thaw_coverage **ret, struct thaw_error *error)
{
    struct thaw_coverage *coverage = calloc(1, sizeof(*coverage));

    if (!coverage)
        return thaw_error_memory(error);
    coverage->programs = programs;
    coverage->writer = writer;
    *ret = coverage;
    return 0;
}

/* "missing": it can't be had here, "failed": it should have been. */
static const char *attempt_status(const struct thaw_error *failure)
{
    if (!failure->code)
        return "attached";
    return failure->code == -ENOENT ? "missing" : "failed";
}

static int store_probe(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                       const char *target, const char *how, const struct thaw_error *failure,
                       struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_PROBE, .time_ns = thaw_clock_now_ns()};

    event.probe.name = row->name;
    event.probe.target = target;
    event.probe.how = how;
    event.probe.status = attempt_status(failure);
    event.probe.reason = failure->code ? failure->message : "";
    event.probe.without = failure->code ? row->without : "";
    return thaw_recording_writer_append(coverage->writer, &event, error);
}

static int attach_tracepoint(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                             struct thaw_error *error)
{
    struct thaw_error failure = {0};

    thaw_programs_attach_tracepoint(coverage->programs, row->program, &failure);
    if (failure.code && row->required)
        return thaw_error_set(error, failure.code, "%s; try --backend importtime", failure.message);
    return store_probe(coverage, row, row->target, "tracepoint", &failure, error);
}

/* The C library that programs of this root use is the one thaw itself uses. */
static int attach_library(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                          struct thaw_error *error)
{
    struct thaw_error failure = {0};
    struct thaw_object *object = NULL;
    struct thaw_attach_point point = {0};
    struct thaw_attach_place place = {.points = &point, .count = 1};
    Dl_info info = {0};
    uint64_t size;

    if (!dladdr((void *)(uintptr_t)dlopen, &info) || !info.dli_fname)
        thaw_error_set(&failure, -ENOENT, "the C library's file was not found");
    else if (!thaw_object_open(info.dli_fname, &object, &failure) &&
             !thaw_object_function(object, row->target, &point.offset, &size, &failure)) {
        place.path = info.dli_fname;
        place.at_return = true;
        if (!thaw_programs_attach(coverage->programs, "loader_dlopen_return", &place, 0,
                                  &failure)) {
            place.at_return = false;
            thaw_programs_attach(coverage->programs, "loader_dlopen_call", &place, 0, &failure);
        }
    }
    thaw_object_close(object);
    return store_probe(coverage, row, info.dli_fname ? info.dli_fname : "", "uprobe", &failure,
                       error);
}

/* Why imports of an interpreter that was attached to can't be seen, NULL they can. */
static const char *first_failure(const struct covered *covered, struct thaw_arena *arena)
{
    for (size_t i = 0; !covered->probes.attached && i < covered->probes.count; i++) {
        const struct thaw_error *failure = &covered->probes.attempts[i].failure;

        if (failure->code && failure->code != -ENOENT)
            return thaw_arena_string(arena, failure->message);
    }
    return covered->probes.attached ? NULL : "its functions can't be probed";
}

static void attach_interpreter(struct thaw_coverage *coverage, struct covered *covered)
{
    const struct thaw_interpreter_info *info = &covered->info;
    thaw_link_group group = (thaw_link_group)coverage->covered.count;
    struct thaw_error failure = {0};

    if (!info->row)
        covered->refusal = info->reason;
    else if (thaw_python_places_find(info, &coverage->arena, &covered->places, &failure))
        covered->refusal = thaw_arena_string(&coverage->arena, failure.message);
    else {
        thaw_interpreter_probes_attach(coverage->programs, info, &covered->places, group, 0,
                                       &covered->probes);
        covered->refusal = first_failure(covered, &coverage->arena);
    }
}

/* The entry of a library, made and attached when it is new; *ret is its index. */
static int cover(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                 size_t *ret, bool *ret_new, struct thaw_error *error)
{
    struct covered *covered;

    *ret_new = false;
    for (*ret = 0; *ret < coverage->covered.count; (*ret)++) {
        covered = &coverage->covered.items[*ret];
        if (covered->info.device == info->device && covered->info.inode == info->inode)
            return 0;
    }
    covered = thaw_array_add(&coverage->covered);
    if (!covered)
        return thaw_error_memory(error);
    covered->info = *info;
    *ret_new = true;
    attach_interpreter(coverage, covered);
    return 0;
}

static int attach_known_interpreters(struct thaw_coverage *coverage, const char *const *command,
                                     const char *home, struct thaw_error *error)
{
    struct thaw_interpreter_list found = {0};
    const char *path = getenv("PATH");
    int code = thaw_interpreters_discover(command, path ? path : "", home, &coverage->arena, &found,
                                          error);
    size_t index;
    bool is_new;

    for (size_t i = 0; !code && i < found.count; i++)
        code = cover(coverage, &found.items[i], &index, &is_new, error);
    thaw_array_free(&found);
    return code;
}

int thaw_coverage_attach(struct thaw_coverage *coverage, const char *const *command,
                         const char *home, struct thaw_error *error)
{
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    for (size_t i = 0; !code && i < count; i++) {
        if (rows[i].kind == THAW_PROBE_TRACEPOINT)
            code = attach_tracepoint(coverage, &rows[i], error);
        else if (rows[i].kind == THAW_PROBE_LIBRARY)
            code = attach_library(coverage, &rows[i], error);
    }
    return code ? code : attach_known_interpreters(coverage, command, home, error);
}

/* Most interpreters that are probed never run: only of those that do is told how it went. */
static int tell_probes(struct thaw_coverage *coverage, struct covered *covered,
                       struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && !covered->told && i < covered->probes.count; i++)
        code = store_probe(coverage, covered->probes.attempts[i].row, covered->info.library,
                           "uprobe", &covered->probes.attempts[i].failure, error);
    covered->told = true;
    return code;
}

#define LATE_UNKNOWN "this interpreter was not known before it started"
#define LATE_PRESENT "it ran before the recording began"

/* about: time and ids of the process; late: why its beginning was not seen, NULL when it was. */
static int store_coverage(struct thaw_coverage *coverage, struct thaw_event about,
                          const struct covered *covered, const char *executable, const char *late,
                          struct thaw_error *error)
{
    struct thaw_interpreter *stored = &about.interpreter;
    const char *started_as = thaw_interpreter_started_as((pid_t)about.pid, "", &coverage->arena);

    about.kind = THAW_EVENT_INTERPRETER;
    stored->executable = started_as ? started_as : executable; /* a venv's link stays one */
    stored->library = covered->info.library;
    stored->version = covered->info.version;
    stored->coverage = late ? "late" : "from start";
    stored->reason = late ? late : "";
    if (covered->refusal) {
        stored->coverage = "refused";
        stored->reason = covered->refusal;
    }
    return thaw_recording_writer_append(coverage->writer, &about, error);
}

static int remember_process(struct thaw_coverage *coverage, uint32_t pid, struct thaw_error *error)
{
    uint32_t *slot;

    for (size_t i = 0; i < coverage->processes.count; i++) {
        if (coverage->processes.items[i] == pid)
            return 0; /* a further exec */
    }
    slot = thaw_array_add(&coverage->processes);
    if (!slot)
        return thaw_error_memory(error);
    *slot = pid;
    return 0;
}

/* Everything there is to tell of a process that runs a covered interpreter. */
static int tell_process(struct thaw_coverage *coverage, struct thaw_event about, size_t index,
                        const char *executable, const char *late, struct thaw_error *error)
{
    struct covered *covered = &coverage->covered.items[index];
    int code = remember_process(coverage, about.pid, error);

    if (!code)
        code = tell_probes(coverage, covered, error);
    return code ? code : store_coverage(coverage, about, covered, executable, late, error);
}

/* Looks at an executed file for the first time. */
static int learn_file(struct thaw_coverage *coverage, struct known_file *file, uint32_t pid,
                      const char *executable, bool *ret_new, struct thaw_error *error)
{
    struct thaw_interpreter_info info;
    size_t index;
    int code = thaw_interpreter_identify(executable, &coverage->arena, &info, NULL);

    *ret_new = false;
    if (code && code != -ENOEXEC) /* another root, perhaps: ask the process itself */
        code = thaw_interpreter_of_process((pid_t)pid, &coverage->arena, &info, NULL);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return 0; /* not an interpreter */
    code = cover(coverage, &info, &index, ret_new, error);
    if (!code)
        file->covered = index + 1;
    return code;
}

int thaw_coverage_present(struct thaw_coverage *coverage, uint32_t pid, const char *executable,
                          struct thaw_error *error)
{
    struct thaw_event about = {.time_ns = thaw_clock_now_ns(), .pid = pid, .tid = pid};
    struct thaw_interpreter_info info;
    bool is_new;
    size_t index;
    int code = thaw_interpreter_of_process((pid_t)pid, &coverage->arena, &info, NULL);

    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return 0;
    code = cover(coverage, &info, &index, &is_new, error);
    return code ? code : tell_process(coverage, about, index, executable, LATE_PRESENT, error);
}

/* The kernel has a device as major << 20 | minor, stat(2) in glibc's own form. */
static uint64_t device_of(uint32_t kernel_device)
{
    return makedev(kernel_device >> 20, kernel_device & 0xfffff);
}

static struct known_file *find_file(struct thaw_coverage *coverage, uint64_t device, uint64_t inode)
{
    for (size_t i = 0; i < coverage->files.count; i++) {
        struct known_file *file = &coverage->files.items[i];

        if (file->device == device && file->inode == inode)
            return file;
    }
    return NULL;
}

int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error)
{
    struct thaw_event about = {
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    uint64_t device = device_of(record->device);
    struct known_file *file = find_file(coverage, device, record->inode);
    bool late = false;
    int code = 0;

    if (!file) {
        file = thaw_array_add(&coverage->files);
        if (!file)
            return thaw_error_memory(error);
        file->device = device;
        file->inode = record->inode;
        code = learn_file(coverage, file, about.pid, executable, &late, error);
    }
    if (code || !file->covered)
        return code;
    return tell_process(coverage, about, file->covered - 1, executable, late ? LATE_UNKNOWN : NULL,
                        error);
}

int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < coverage->processes.count; i++)
        code = thaw_libraries_store(coverage->processes.items[i], coverage->writer, error);
    return code;
}

void thaw_coverage_free(struct thaw_coverage *coverage)
{
    if (!coverage)
        return;
    thaw_array_free(&coverage->covered);
    thaw_array_free(&coverage->files);
    thaw_array_free(&coverage->processes);
    thaw_arena_free(&coverage->arena);
    free(coverage);
}
