/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/clock.h"
#include "capture/coverage.h"
#include "capture/libraries.h"
#include "capture/loss.h"
#include "capture/session_probes.h"
#include "capture/watchdog.h"
#include "capture/interpreters.h"
#include "python/interpreter.h"

/* A file that was executed or could be: which library it leads to. */
struct known_file {
    uint64_t device;
    uint64_t inode;
    size_t covered; /* index + 1; 0: not an interpreter */
};

/* A process that runs an interpreter. */
struct python_process {
    uint32_t pid;
    size_t interpreter; /* index of the last one */
    bool withdrawn;     /* its probes were: it hit them too often */
};

struct thaw_coverage {
    struct thaw_programs *programs;
    struct thaw_recording_writer *writer;
    struct thaw_arena arena;
    struct thaw_interpreters interpreters;
    struct thaw_watchdog watchdog;
    THAW_ARRAY(struct known_file) files;
    THAW_ARRAY(struct known_file) loaders; /* C libraries that are attached to */
    THAW_ARRAY(struct python_process) processes;
};

int thaw_coverage_open(struct thaw_programs *programs, struct thaw_recording_writer *writer,
                       struct thaw_coverage **ret, struct thaw_error *error)
{
    struct thaw_coverage *coverage = calloc(1, sizeof(*coverage));

    if (!coverage)
        return thaw_error_memory(error);
    coverage->programs = programs;
    coverage->writer = writer;
    coverage->interpreters.programs = programs;
    coverage->interpreters.arena = &coverage->arena;
    coverage->watchdog.programs = programs;
    *ret = coverage;
    return 0;
}

/* The kernel has a device as major << 20 | minor, stat(2) in glibc's own form. */
static uint64_t device_of(uint32_t kernel_device)
{
    return makedev(kernel_device >> 20, kernel_device & 0xfffff);
}

static uint32_t kernel_device(uint64_t device)
{
    return major(device) << 20 | minor(device);
}

/* dlopen of the C library that goes with an interpreter: one for each root. */
static int cover_loader(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                        struct thaw_error *error)
{
    const char *path = thaw_interpreter_loader(info, &coverage->arena);
    struct known_file *known;
    struct stat status;

    if (!path || stat(path, &status))
        return 0; /* its extensions are seen by what importlib opens */
    for (size_t i = 0; i < coverage->loaders.count; i++)
        if (coverage->loaders.items[i].device == status.st_dev &&
            coverage->loaders.items[i].inode == status.st_ino)
            return 0;
    known = thaw_array_add(&coverage->loaders);
    if (!known)
        return thaw_error_memory(error);
    *known = (struct known_file){.device = status.st_dev, .inode = status.st_ino};
    return thaw_library_probes_attach(coverage->programs, coverage->writer, path, error);
}

/* The entry of an interpreter, made and attached to when it is new. */
static int cover(struct thaw_coverage *coverage, const struct thaw_interpreter_info *info,
                 size_t *ret, bool *ret_new, struct thaw_error *error)
{
    int code = thaw_interpreters_cover(&coverage->interpreters, info, ret, ret_new, error);

    if (!code && *ret_new && (*info->root || !coverage->loaders.count))
        code = cover_loader(coverage, info, error);
    return code ? code
                : thaw_programs_know_file(coverage->programs, info->inode,
                                          kernel_device(info->device), error);
}

/* An executable that leads to a known interpreter is known, too. */
static int know_executable(struct thaw_coverage *coverage, const char *path, size_t index,
                           struct thaw_error *error)
{
    struct known_file *file;
    struct stat status;

    if (stat(path, &status))
        return 0;
    file = thaw_array_add(&coverage->files);
    if (!file)
        return thaw_error_memory(error);
    *file = (struct known_file){status.st_dev, status.st_ino, index + 1};
    return thaw_programs_know_file(coverage->programs, status.st_ino, kernel_device(status.st_dev),
                                   error);
}

/* Those the user named; one that is none is told. */
static int attach_named_interpreters(struct thaw_coverage *coverage, const char *const *pythons,
                                     struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && pythons && pythons[i]; i++) {
        struct thaw_interpreter_info info;
        bool is_new;
        size_t index;

        code = thaw_interpreter_identify(pythons[i], &coverage->arena, &info, error);
        if (!code)
            code = cover(coverage, &info, &index, &is_new, error);
        if (!code)
            code = know_executable(coverage, pythons[i], index, error);
    }
    return code;
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

    for (size_t i = 0; !code && i < found.count; i++) {
        code = cover(coverage, &found.items[i], &index, &is_new, error);
        if (!code && !*found.items[i].root)
            code = know_executable(coverage, found.items[i].executable, index, error);
    }
    thaw_array_free(&found);
    return code;
}

int thaw_coverage_attach(struct thaw_coverage *coverage, const char *const *command,
                         const char *home, const char *const *pythons, struct thaw_error *error)
{
    int code = attach_named_interpreters(coverage, pythons, error);

    return code ? code : attach_known_interpreters(coverage, command, home, error);
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

/* about: time and ids of the process; late: why its beginning was not seen, NULL when it was. */
static int store_coverage(struct thaw_coverage *coverage, struct thaw_event about,
                          const struct thaw_covered *covered, const char *executable,
                          const char *late, struct thaw_error *error)
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

static struct python_process *find_process(const struct thaw_coverage *coverage, uint32_t pid)
{
    for (size_t i = 0; i < coverage->processes.count; i++)
        if (coverage->processes.items[i].pid == pid)
            return &coverage->processes.items[i];
    return NULL;
}

static int remember_process(struct thaw_coverage *coverage, uint32_t pid, size_t interpreter,
                            struct thaw_error *error)
{
    struct python_process *process = find_process(coverage, pid);

    if (!process)
        process = thaw_array_add(&coverage->processes);
    if (!process)
        return thaw_error_memory(error);
    *process = (struct python_process){.pid = pid, .interpreter = interpreter};
    return 0;
}

/* Everything there is to tell of a process that runs a covered interpreter. */
static int tell_process(struct thaw_coverage *coverage, struct thaw_event about, size_t index,
                        const char *executable, const char *late, struct thaw_error *error)
{
    struct thaw_covered *covered = &coverage->interpreters.items[index];
    int code = remember_process(coverage, about.pid, index, error);

    if (covered->narrow)
        thaw_interpreters_attach_process(&coverage->interpreters, index, (pid_t)about.pid);
    if (!code)
        code = tell_probes(coverage, covered, error);
    return code ? code : store_coverage(coverage, about, covered, executable, late, error);
}

static bool is_file(const char *path, const struct known_file *file)
{
    struct stat status;

    return stat(path, &status) == 0 && status.st_dev == file->device &&
           status.st_ino == file->inode;
}

/*
 * Which interpreter a process is that has just executed the file: through /proc, which leads into
 * its own root; a path alone may lead to another file of that name here. The process may be gone,
 * or not ours to see; then the path will do if it is the very file.
 */
static int identify(struct thaw_coverage *coverage, const struct known_file *file, uint32_t pid,
                    const char *executable, struct thaw_interpreter_info *ret)
{
    int code = -ESRCH;
    char link[64];

    snprintf(link, sizeof(link), "/proc/%u/exe", pid);
    if (is_file(link, file))
        code = thaw_interpreter_of_process((pid_t)pid, &coverage->arena, ret, NULL);
    if (code && code != -ENOEXEC && code != -ENOMEM && is_file(executable, file))
        code = thaw_interpreter_identify(executable, &coverage->arena, ret, NULL);
    return code;
}

/* Looks at an executed file for the first time. -EACCES: it may not. */
static int learn_file(struct thaw_coverage *coverage, struct known_file *file, uint32_t pid,
                      const char *executable, bool *ret_new, struct thaw_error *error)
{
    struct thaw_interpreter_info info;
    size_t index;
    int code = identify(coverage, file, pid, executable, &info);

    *ret_new = false;
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code == -EACCES || code == -EPERM)
        return -EACCES;
    if (code == -ENOEXEC || !code) /* else it may be another time */
        thaw_programs_know_file(coverage->programs, file->inode, kernel_device(file->device), NULL);
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
        return code == -EACCES ? thaw_loss_of_process(coverage->writer, pid, error) : 0;
    code = cover(coverage, &info, &index, &is_new, error);
    return code ? code : tell_process(coverage, about, index, executable, LATE_PRESENT, error);
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

/* The file's entry, made and looked at when it is new. */
static int look_up_file(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                        const char *executable, size_t *ret_covered, bool *ret_new,
                        struct thaw_error *error)
{
    uint64_t device = device_of(record->device);
    struct known_file *file = find_file(coverage, device, record->inode);
    int code = 0;

    *ret_new = false;
    if (!file) {
        file = thaw_array_add(&coverage->files);
        if (!file)
            return thaw_error_memory(error);
        *file = (struct known_file){.device = device, .inode = record->inode};
        code = learn_file(coverage, file, record->header.tgid, executable, ret_new, error);
        if (code == -EACCES) {
            coverage->files.count--; /* of the next process that runs it, too, it is told */
            return thaw_loss_of_process(coverage->writer, record->header.tgid, error);
        }
    }
    *ret_covered = file->covered;
    return code;
}

int thaw_coverage_executed(struct thaw_coverage *coverage, const struct thaw_kernel_exec *record,
                           const char *executable, struct thaw_error *error)
{
    struct thaw_event about = {
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    const char *late = NULL;
    size_t covered = 0;
    bool is_new;
    int code = look_up_file(coverage, record, executable, &covered, &is_new, error);

    if (code || !covered)
        return code;
    if (!record->held && is_new)
        late = LATE_UNKNOWN;
    else if (!record->held && coverage->interpreters.items[covered - 1].narrow)
        late = LATE_NARROW;
    return tell_process(coverage, about, covered - 1, executable, late, error);
}

int thaw_coverage_forked(struct thaw_coverage *coverage, const struct thaw_kernel_fork *record,
                         struct thaw_error *error)
{
    const struct python_process *parent = find_process(coverage, record->parent);
    size_t index;
    int code;

    if (!parent || !coverage->interpreters.items[parent->interpreter].narrow)
        return 0; /* its probes are its parent's */
    index = parent->interpreter;
    thaw_interpreters_attach_process(&coverage->interpreters, index, (pid_t)record->header.tgid);
    code = remember_process(coverage, record->header.tgid, index, error);
    return code ? code
                : thaw_loss_store(coverage->writer, "forked-while-narrow", 1,
                                  "a process was forked while probes were attached to single "
                                  "processes: what it imported at once may be missing",
                                  error);
}

int thaw_coverage_library(struct thaw_coverage *coverage,
                          const struct thaw_kernel_library_open *record, struct thaw_error *error)
{
    struct thaw_event about = {
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    const struct python_process *process = find_process(coverage, about.pid);
    struct thaw_interpreter_info info;
    char path[64];
    bool is_new;
    size_t index;
    int code;

    thaw_programs_know_file(coverage->programs, record->inode, record->device, NULL);
    snprintf(path, sizeof(path), "/proc/%u/fd/%lld", about.pid, (long long)record->descriptor);
    code = thaw_interpreter_of_library(path, (pid_t)about.pid, &coverage->arena, &info, NULL);
    if (code == -ENOMEM)
        return thaw_error_memory(error);
    if (code)
        return 0; /* the stub of the stable ABI, or gone */
    code = cover(coverage, &info, &index, &is_new, error);
    if (code || (process && process->interpreter == index))
        return code; /* told when its program was executed */
    return tell_process(coverage, about, index, info.executable,
                        is_new && !record->held ? LATE_UNKNOWN : NULL, error);
}

/* Its files are told of again when they are executed or opened: then a process can be held. */
static void forget_files(struct thaw_coverage *coverage, size_t index)
{
    const struct thaw_interpreter_info *info = &coverage->interpreters.items[index].info;

    thaw_programs_forget_file(coverage->programs, info->inode, kernel_device(info->device));
    for (size_t i = 0; i < coverage->files.count; i++)
        if (coverage->files.items[i].covered == index + 1)
            thaw_programs_forget_file(coverage->programs, coverage->files.items[i].inode,
                                      kernel_device(coverage->files.items[i].device));
}

/* Other processes go on being observed, each by probes of its own. */
static void attach_singly(struct thaw_coverage *coverage, size_t interpreter)
{
    for (size_t i = 0; i < coverage->processes.count; i++) {
        const struct python_process *process = &coverage->processes.items[i];

        if (process->interpreter == interpreter && !process->withdrawn)
            thaw_interpreters_attach_process(&coverage->interpreters, interpreter,
                                             (pid_t)process->pid);
    }
}

/* A process hit its probes too often: it is left alone from now on, and so are strangers. */
static int withdraw(struct thaw_coverage *coverage, const struct thaw_watchdog_finding *finding,
                    struct thaw_error *error)
{
    struct python_process *noisy = find_process(coverage, (uint32_t)finding->process);
    bool was_narrow = coverage->interpreters.items[finding->interpreter].narrow;
    char what[256];

    if (noisy)
        noisy->withdrawn = true;
    if (was_narrow) /* its links and the others' are of one group */
        thaw_programs_withdraw(coverage->programs, THAW_GROUP_OF_SINGLES(finding->interpreter + 1));
    attach_singly(coverage, finding->interpreter);
    thaw_interpreters_narrow(&coverage->interpreters, finding->interpreter);
    forget_files(coverage, finding->interpreter);
    if (!noisy)
        return 0;
    snprintf(what, sizeof(what),
             "process %d hit its probes %" PRIu64 " times a second, as eval() in a loop does: they "
             "were withdrawn, and what it imports from then on is missing",
             (int)finding->process, finding->hits_per_s);
    return thaw_loss_store(coverage->writer, "probes-withdrawn", 1, what, error);
}

int thaw_coverage_watch(struct thaw_coverage *coverage, struct thaw_error *error)
{
    struct thaw_watchdog_finding findings[16];
    size_t count =
        thaw_watchdog_look(&coverage->watchdog, findings, sizeof(findings) / sizeof(findings[0]));
    int code = 0;

    for (size_t i = 0; !code && i < count; i++)
        if (findings[i].interpreter < coverage->interpreters.count)
            code = withdraw(coverage, &findings[i], error);
    return code;
}

int thaw_coverage_store_libraries(struct thaw_coverage *coverage, struct thaw_error *error)
{
    int code = 0;

    for (size_t i = 0; !code && i < coverage->processes.count; i++)
        code = thaw_libraries_store(coverage->processes.items[i].pid, coverage->writer, error);
    return code;
}

void thaw_coverage_free(struct thaw_coverage *coverage)
{
    if (!coverage)
        return;
    thaw_array_free(&coverage->interpreters);
    thaw_array_free(&coverage->files);
    thaw_array_free(&coverage->loaders);
    thaw_array_free(&coverage->processes);
    thaw_arena_free(&coverage->arena);
    free(coverage);
}
