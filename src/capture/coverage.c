/* SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "capture/coverage.h"
#include "capture/probes.h"
#include "native/maps.h"
#include "python/collector.h"
#include "python/interpreter.h"

/* A library (or static interpreter) that was looked at. */
struct covered {
    struct thaw_interpreter_info info;
    bool attached;
    bool refused;
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

static int store_probe(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                       const char *target, const char *how, const struct thaw_error *failure,
                       struct thaw_error *error)
{
    struct thaw_event event = {.kind = THAW_EVENT_PROBE, .time_ns = thaw_clock_now_ns()};

    event.probe.name = row->name;
    event.probe.target = target;
    event.probe.how = how;
    event.probe.status = failure->code ? "failed" : "attached";
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

static void attach_at(struct thaw_coverage *coverage, const char *program, const char *path,
                      uint64_t offset, uint64_t cookie, struct thaw_error *failure)
{
    struct thaw_attach_place place = {.path = path, .offset = offset, .cookie = cookie};

    thaw_programs_attach_function(coverage->programs, program, &place, failure);
}

/* The C library that programs of this root use is the one thaw itself uses. */
static int attach_library(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                          struct thaw_error *error)
{
    struct thaw_error failure = {0};
    struct thaw_object *object = NULL;
    uint64_t offset = 0, size;
    Dl_info info = {0};

    if (!dladdr((void *)(uintptr_t)dlopen, &info) || !info.dli_fname)
        thaw_error_set(&failure, -ENOENT, "the C library's file was not found");
    else if (!thaw_object_open(info.dli_fname, &object, &failure) &&
             !thaw_object_function(object, row->target, &offset, &size, &failure))
        attach_at(coverage, row->program, info.dli_fname, offset, 0, &failure);
    thaw_object_close(object);
    return store_probe(coverage, row, info.dli_fname ? info.dli_fname : "", "uprobe", &failure,
                       error);
}

/* The ways differ by build: two marks, or a function with its return. */
static void attach_marks(struct thaw_coverage *coverage, const char *path,
                         const struct thaw_python_collector *collector, struct thaw_error *failure)
{
    struct thaw_attach_place start = {
        .path = path,
        .offset = collector->start.offset,
        .reference_counter = collector->start.reference_counter,
    };
    struct thaw_attach_place done = {
        .path = path,
        .offset = collector->done.offset,
        .reference_counter = collector->done.reference_counter,
    };

    if (!thaw_programs_attach_mark(coverage->programs, "python_gc_done", &done, failure))
        thaw_programs_attach_mark(coverage->programs, "python_gc_start", &start, failure);
}

static int attach_collector(struct thaw_coverage *coverage, const struct thaw_probe_row *row,
                            const struct thaw_interpreter_info *info, struct thaw_error *error)
{
    struct thaw_python_collector collector;
    struct thaw_object *object = NULL;
    struct thaw_error failure = {0};

    if (!thaw_object_open(info->open_path, &object, &failure)) {
        if (thaw_python_collector_find(object, &collector))
            thaw_error_set(&failure, -ENOENT, "this build has neither its own probes nor symbols");
        else if (collector.marks)
            attach_marks(coverage, info->open_path, &collector, &failure);
        else
            attach_at(coverage, row->program, info->open_path, collector.function, 0, &failure);
    }
    thaw_object_close(object);
    return store_probe(coverage, row, info->library, "uprobe", &failure, error);
}

static int attach_interpreter(struct thaw_coverage *coverage, struct covered *covered,
                              struct thaw_error *error)
{
    const struct thaw_interpreter_info *info = &covered->info;
    size_t count;
    const struct thaw_probe_row *rows = thaw_probes(&count);
    int code = 0;

    covered->attached = true;
    for (size_t i = 0; !code && i < count; i++) {
        struct thaw_error failure = {0};
        uint64_t offset;

        if (rows[i].kind == THAW_PROBE_COLLECTOR)
            code = attach_collector(coverage, &rows[i], info, error);
        if (rows[i].kind != THAW_PROBE_INTERPRETER)
            continue;
        offset = strcmp(rows[i].program, "python_find") ? info->body_offset : info->find_offset;
        attach_at(coverage, rows[i].program, info->open_path, offset, info->minor, &failure);
        if (failure.code)
            covered->attached = false;
        code = store_probe(coverage, &rows[i], info->library, "uprobe", &failure, error);
    }
    return code;
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
    covered->refused = !info->row;
    *ret_new = true;
    return covered->refused ? 0 : attach_interpreter(coverage, covered, error);
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

static int store_coverage(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                          const struct covered *covered, const char *executable, bool late,
                          struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_INTERPRETER,
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    struct thaw_interpreter *stored = &event.interpreter;

    stored->executable = executable;
    stored->library = covered->info.library;
    stored->version = covered->info.version;
    stored->coverage = "from start";
    stored->reason = "";
    if (covered->refused || !covered->attached) {
        stored->coverage = "refused";
        stored->reason = covered->refused ? covered->info.reason : "its functions can't be probed";
    } else if (late) {
        stored->coverage = "late";
        stored->reason = "this interpreter was not known before it started";
    }
    return thaw_recording_writer_append(coverage->writer, &event, error);
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

/* The kernel has a device as major << 20 | minor, stat(2) in glibc's own form. */
static uint64_t device_of(uint32_t kernel_device)
{
    return makedev(kernel_device >> 20, kernel_device & 0xfffff);
}

int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error)
{
    uint64_t device = device_of(record->device);
    struct known_file *file = NULL;
    bool late = false;
    int code = 0;

    for (size_t i = 0; i < coverage->files.count && !file; i++) {
        if (coverage->files.items[i].device == device &&
            coverage->files.items[i].inode == record->inode)
            file = &coverage->files.items[i];
    }
    if (!file) {
        file = thaw_array_add(&coverage->files);
        if (!file)
            return thaw_error_memory(error);
        file->device = device;
        file->inode = record->inode;
        code = learn_file(coverage, file, record->header.tgid, executable, &late, error);
    }
    if (code || !file->covered)
        return code;
    code = remember_process(coverage, record->header.tgid, error);
    if (code)
        return code;
    return store_coverage(coverage, record, &coverage->covered.items[file->covered - 1], executable,
                          late, error);
}

/* One shared object has several mappings, next to each other: the executable one is taken. */
static int store_mapped(struct thaw_coverage *coverage, uint32_t pid, const char *maps,
                        size_t length, struct thaw_error *error)
{
    const char *cursor = maps;
    struct thaw_mapping mapping;
    int code = 0;

    while (!code && thaw_maps_next(&cursor, maps + length, &mapping)) {
        struct thaw_event event = {
            .kind = THAW_EVENT_LIBRARY,
            .time_ns = thaw_clock_now_ns(),
            .pid = pid,
            .tid = pid,
        };
        struct thaw_arena arena = {0};

        if (!mapping.inode || !mapping.executable)
            continue;
        event.library.path = thaw_arena_text(&arena, mapping.path, mapping.path_bytes);
        if (!event.library.path)
            code = thaw_error_memory(error);
        else if (strstr(event.library.path, ".so"))
            code = thaw_recording_writer_append(coverage->writer, &event, error);
        thaw_arena_free(&arena);
    }
    return code;
}

int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < coverage->processes.count; i++) {
        size_t length;
        char *maps = thaw_maps_read((int)coverage->processes.items[i], &length);

        if (!maps)
            continue; /* it has ended */
        code = store_mapped(coverage, coverage->processes.items[i], maps, length, error);
        free(maps);
    }
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
