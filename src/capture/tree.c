/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "capture/tree.h"
#include "platform/platform.h"

#define ARGUMENTS_MOST 128

struct arguments {
    const char *items[ARGUMENTS_MOST];
    size_t count;
};

/* The link /proc/PID/NAME as a path; NULL when the process is gone or not ours to look at. */
static const char *process_link(struct thaw_arena *arena, uint32_t pid, const char *name)
{
    char link[64], path[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%u/%s", pid, name);
    length = readlink(link, path, sizeof(path));
    return length > 0 && length < (ssize_t)sizeof(path)
               ? thaw_arena_text(arena, path, (size_t)length)
               : NULL;
}

/* Arguments are NUL-terminated one after the other; the last may be cut. */
static int split_arguments(const struct thaw_kernel_exec *record, struct thaw_arena *arena,
                           struct arguments *ret)
{
    const char *next = record->texts + record->filename_bytes;
    const char *end = next + record->argument_bytes;

    ret->count = 0;
    while (next < end && ret->count < ARGUMENTS_MOST) {
        size_t length = strnlen(next, (size_t)(end - next));

        ret->items[ret->count] = thaw_arena_text(arena, next, length);
        if (!ret->items[ret->count++])
            return -ENOMEM;
        next += length + 1;
    }
    return 0;
}

/* The folder of the script among the arguments ("…/worker.py"), "" when there is none. */
static const char *script_directory(struct thaw_arena *arena, uint32_t pid,
                                    const struct arguments *arguments)
{
    for (size_t i = 1; i < arguments->count; i++) {
        const char *argument = arguments->items[i];
        size_t length = strlen(argument);
        const char *slash = strrchr(argument, '/');
        const char *folder;

        if (argument[0] == '-' || length < 3 || strcmp(argument + length - 3, ".py"))
            continue;
        folder = thaw_arena_text(arena, argument, slash ? (size_t)(slash - argument) : 0);
        if (argument[0] != '/' && folder) {
            const char *base = process_link(arena, pid, "cwd");

            if (!base)
                return "";
            folder = *folder ? thaw_arena_format(arena, "%s/%s", base, folder) : base;
        }
        return folder ? folder : "";
    }
    return "";
}

static int store_role(const struct thaw_kernel_exec *record, const char *executable,
                      const struct arguments *arguments, struct thaw_recording_writer *writer,
                      struct thaw_arena *arena, struct thaw_error *error)
{
    struct thaw_process_view view = {
        .executable = executable,
        .arguments = arguments->items,
        .argument_count = arguments->count,
    };
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_ROLE,
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    struct thaw_platform_match match;
    const struct thaw_platform *platform = thaw_platforms_recognise(&view, &match);

    if (!platform)
        return 0;
    event.process_role.role = "worker";
    event.process_role.platform = platform->name;
    event.process_role.worker_id = match.worker_id;
    event.process_role.port = match.port;
    event.process_role.directory = script_directory(arena, record->header.tgid, arguments);
    event.process_role.signs.items = match.signs;
    event.process_role.signs.count = match.sign_count;
    return thaw_recording_writer_append(writer, &event, error);
}

int thaw_tree_executed(const struct thaw_kernel_exec *record, struct thaw_recording_writer *writer,
                       struct thaw_arena *arena, const char **ret_executable,
                       struct thaw_error *error)
{
    struct thaw_event event = {
        .kind = THAW_EVENT_PROCESS_EXEC,
        .time_ns = record->header.time_ns,
        .pid = record->header.tgid,
        .tid = record->header.tid,
    };
    const char *executable = process_link(arena, record->header.tgid, "exe");
    struct arguments arguments;
    int code;

    if (!executable)
        executable =
            thaw_arena_text(arena, record->texts, strnlen(record->texts, record->filename_bytes));
    if (!executable || split_arguments(record, arena, &arguments))
        return thaw_error_memory(error);
    event.process_exec.executable = executable;
    code = thaw_recording_writer_append(writer, &event, error);
    if (!code)
        code = store_role(record, executable, &arguments, writer, arena, error);
    *ret_executable = executable;
    return code;
}
