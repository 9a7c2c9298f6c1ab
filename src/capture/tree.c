/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/known_files.h"
#include "capture/tree.h"
#include "platform/generic.h"

#define ARGUMENTS_MOST 128
#define PROCESSES_MOST 16384 /* of one walk, as many as are traced at most */
#define DEPTH_MOST 64

/* A command line while its process's role is looked for. */
struct command_line {
    const char *executable;
    const char *items[ARGUMENTS_MOST];
    size_t count;
};

const char *thaw_tree_link(struct thaw_arena *arena, uint32_t pid, const char *name)
{
    char link[64], path[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%u/%s", pid, name);
    length = readlink(link, path, sizeof(path));
    return length > 0 && length < (ssize_t)sizeof(path)
               ? thaw_arena_text(arena, path, (size_t)length)
               : NULL;
}

bool thaw_tree_is_gone(uint32_t pid)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/%u", pid);
    return access(path, F_OK) && errno == ENOENT;
}

/* Arguments are NUL-terminated one after the other; the last may be cut. */
static int split_arguments(const char *bytes, size_t length, struct thaw_arena *arena,
                           struct command_line *ret)
{
    const char *next = bytes, *end = bytes + length;

    ret->count = 0;
    while (next < end && ret->count < ARGUMENTS_MOST) {
        size_t size = strnlen(next, (size_t)(end - next));

        ret->items[ret->count] = thaw_arena_text(arena, next, size);
        if (!ret->items[ret->count++])
            return -ENOMEM;
        next += size + 1;
    }
    return 0;
}

/* The folder of the script among the arguments ("…/worker.py"), "" when there is none. */
static const char *script_directory(struct thaw_arena *arena, uint32_t pid,
                                    const struct command_line *line)
{
    for (size_t i = 1; i < line->count; i++) {
        const char *argument = line->items[i];
        size_t length = strlen(argument);
        const char *slash = strrchr(argument, '/');
        const char *folder;

        if (argument[0] == '-' || length < 3 || strcmp(argument + length - 3, ".py"))
            continue;
        folder = thaw_arena_text(arena, argument, slash ? (size_t)(slash - argument) : 0);
        if (argument[0] != '/' && folder) {
            const char *base = thaw_tree_link(arena, pid, "cwd");

            if (!base)
                return "";
            folder = *folder ? thaw_arena_format(arena, "%s/%s", base, folder) : base;
        }
        return folder ? folder : "";
    }
    return "";
}

/* The process's working directory, where its platform has the application there; "" otherwise. */
static const char *application_of(struct thaw_arena *arena, uint32_t pid,
                                  const struct thaw_platform *platform)
{
    const char *directory = platform->works_in_app ? thaw_tree_link(arena, pid, "cwd") : NULL;

    return directory ? directory : "";
}

/* about: time and ids of the process. */
static int store_role(struct thaw_event about, const struct thaw_platform *only,
                      const struct command_line *line, struct thaw_recording_writer *writer,
                      struct thaw_arena *arena, struct thaw_platform_match *match,
                      struct thaw_error *error)
{
    struct thaw_process_view view = {
        .executable = line->executable,
        .arguments = line->items,
        .argument_count = line->count,
    };
    const struct thaw_platform *platform = thaw_platforms_recognise(only, &view, match);

    if (!platform)
        thaw_generic_signs(&view, match);
    if (!match->sign_count)
        return 0;
    about.kind = THAW_EVENT_PROCESS_ROLE;
    about.process_role = (struct thaw_process_role){
        .role = platform ? "worker" : "",
        .platform = platform ? platform->name : thaw_generic.name,
        .worker_id = match->worker_id,
        .port = match->port,
        .directory = platform ? script_directory(arena, about.pid, line) : "",
        .signs = {.items = match->signs, .count = match->sign_count},
        .application = platform ? application_of(arena, about.pid, platform) : "",
    };
    return thaw_recording_writer_append(writer, &about, error);
}

static void fill_found(const struct command_line *line, const struct thaw_platform *only,
                       const struct thaw_platform_match *match, struct thaw_tree_found *ret)
{
    const struct thaw_process_view view = {
        .executable = line->executable,
        .arguments = line->items,
        .argument_count = line->count,
    };

    ret->host = thaw_platforms_host(only, &view) != NULL;
    ret->executable = line->executable;
    ret->platform = match->platform;
    ret->port = match->port;
}

/* Whose last two parts are not known for sure has none: what a mount is upon is not told. */
static const char *working_folder(const struct thaw_kernel_exec *record, struct thaw_arena *arena)
{
    const char *name = record->folder, *above = record->folder_above;

    if (!*name || *name == '/' || !*above || *above == '/')
        return "";
    return thaw_arena_format(arena, "%.*s/%.*s", THAW_KERNEL_FOLDER_BYTES - 1, above,
                             THAW_KERNEL_FOLDER_BYTES - 1, name);
}

int thaw_tree_executed(const struct thaw_kernel_exec *record, const char *executable,
                       const struct thaw_platform *only, struct thaw_recording_writer *writer,
                       struct thaw_arena *arena, struct thaw_tree_found *ret,
                       struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_EXEC,
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    struct command_line line = {.executable = executable};
    struct thaw_platform_match match = {0};
    int code;

    if (!line.executable || split_arguments(record->texts + record->filename_bytes,
                                            record->argument_bytes, arena, &line))
        return thaw_error_memory(error);
    event.process_exec.executable = line.executable;
    event.process_exec.control_group = record->control_group;
    event.process_exec.folder = working_folder(record, arena);
    if (!event.process_exec.folder)
        return thaw_error_memory(error);
    code = thaw_recording_writer_append(writer, &event, error);
    if (!code)
        code = store_role(event, only, &line, writer, arena, &match, error);
    fill_found(&line, only, &match, ret);
    return code;
}

/* Reads /proc/PID/NAME up to size bytes; returns how many, 0 when the process is gone. */
static size_t read_process_file(uint32_t pid, const char *name, char *bytes, size_t size)
{
    char path[64];
    ssize_t length;
    int descriptor;

    snprintf(path, sizeof(path), "/proc/%u/%s", pid, name);
    descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    length = read(descriptor, bytes, size);
    close(descriptor);
    return length > 0 ? (size_t)length : 0;
}

/*
 * Parent and start out of /proc/PID/stat (proc(5), fields 4 and 22; the second, the name, may hold
 * anything up to the last parenthesis). Since boot, in clock ticks.
 */
static int read_stat(uint32_t pid, struct thaw_process_present *ret)
{
    char text[1024];
    size_t length = read_process_file(pid, "stat", text, sizeof(text) - 1);
    unsigned long long ticks;
    unsigned parent;
    const char *rest;

    text[length] = '\0';
    rest = strrchr(text, ')');
    if (!rest || sscanf(rest + 1,
                        " %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d "
                        "%*d %llu",
                        &parent, &ticks) != 2)
        return -ESRCH;
    ret->parent = parent;
    ret->start_ns = ticks * (1000000000u / (unsigned long)sysconf(_SC_CLK_TCK));
    return 0;
}

int thaw_tree_found(uint32_t pid, const struct thaw_platform *only,
                    struct thaw_recording_writer *writer, struct thaw_arena *arena,
                    struct thaw_tree_found *ret, struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_PRESENT,
        .time_ns = thaw_clock_now_ns(),
        .pid = pid,
        .tid = pid,
    };
    char bytes[THAW_KERNEL_ARGUMENT_BYTES];
    size_t length = read_process_file(pid, "cmdline", bytes, sizeof(bytes));
    struct thaw_platform_match match = {0};
    int code = read_stat(pid, &event.process_present);
    struct command_line line = {.executable = thaw_tree_link(arena, pid, "exe")};

    if (!line.executable && errno == EACCES)
        line.executable = ""; /* another user's */
    if (code || !line.executable)
        return -ESRCH;
    if (split_arguments(bytes, length, arena, &line))
        return thaw_error_memory(error);
    event.process_present.executable = line.executable;
    code = thaw_recording_writer_append(writer, &event, error);
    if (!code)
        code = store_role(event, only, &line, writer, arena, &match, error);
    fill_found(&line, only, &match, ret);
    return code;
}

/* A walk down from a process. */
struct walk {
    int (*visit)(void *context, uint32_t pid);
    void *context;
    size_t visited;
};

static int walk_process(struct walk *walk, uint32_t pid, int depth);

/* The children that one thread started. */
static int walk_children(struct walk *walk, uint32_t pid, const char *thread, int depth)
{
    unsigned child;
    char path[320];
    FILE *file;
    int code = 0;

    snprintf(path, sizeof(path), "/proc/%u/task/%s/children", pid, thread);
    file = fopen(path, "re");
    if (!file)
        return 0;
    while (!code && fscanf(file, "%u", &child) == 1)
        code = walk_process(walk, child, depth + 1);
    fclose(file);
    return code;
}

static int walk_process(struct walk *walk, uint32_t pid, int depth)
{
    int code = walk->visit(walk->context, pid);
    struct dirent *entry;
    char path[64];
    DIR *threads;

    if (code || depth == DEPTH_MOST || ++walk->visited == PROCESSES_MOST)
        return code;
    snprintf(path, sizeof(path), "/proc/%u/task", pid);
    threads = opendir(path);
    if (!threads)
        return 0;
    while (!code && (entry = readdir(threads))) {
        if (entry->d_name[0] != '.')
            code = walk_children(walk, pid, entry->d_name, depth);
    }
    closedir(threads);
    return code;
}

int thaw_tree_walk(uint32_t pid, int (*visit)(void *context, uint32_t pid), void *context)
{
    struct walk walk = {.visit = visit, .context = context};

    return walk_process(&walk, pid, 0);
}
