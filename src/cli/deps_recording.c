/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "analysis/use_folders.h"
#include "cli/command.h"
#include "cli/deps_target.h"

/* "3.11.7" is the target's 3.11. */
static int set_version(struct thaw_deps_target *target, const char *version)
{
    const char *dot = strchr(version, '.');

    if (target->options.python_version || !dot)
        return 0;
    target->options.python_version =
        thaw_arena_text(&target->arena, version,
                        (size_t)(dot - version) + 1 + strspn(dot + 1, "0123456789"));
    return target->options.python_version ? 0 : -ENOMEM;
}

static int add_folders(struct thaw_deps_target *target, const struct thaw_timeline *timeline,
                       struct thaw_error *error)
{
    struct thaw_texts folders;
    bool elsewhere;
    int code = thaw_use_folders(timeline, &target->arena, &folders, &elsewhere, error);

    for (uint64_t i = 0; !code && i < folders.count; i++)
        if (thaw_deps_add_folder(target, folders.items[i]))
            code = thaw_error_memory(error);
    if (!code && elsewhere)
        thaw_complain(target->command,
                      "%s: folders of processes with another root folder are left out",
                      target->recording);
    return code;
}

/* What the recording's interpreter was, the target's is. */
static int add_version(struct thaw_deps_target *target, const struct thaw_recording *recording)
{
    int code = 0;

    for (size_t i = 0; !code && i < recording->count; i++)
        if (recording->events[i].kind == THAW_EVENT_INVENTORY_INTERPRETER)
            code = set_version(target, recording->events[i].inventory_interpreter.version);
    return code;
}

/* Folders are read as they are now, on this machine: one that is gone is a fault of the target. */
int thaw_deps_recording(const char *path, struct thaw_deps_target *target, struct thaw_error *error)
{
    struct thaw_recording *recording = NULL;
    struct thaw_timeline *timeline = NULL;
    int code = thaw_recording_load(path, &recording, error);

    if (!code)
        code = thaw_timeline_build(recording, &timeline, error);
    if (!code)
        code = add_folders(target, timeline, error);
    if (!code && add_version(target, recording))
        code = thaw_error_memory(error);
    thaw_timeline_free(timeline);
    thaw_recording_free(recording);
    return code;
}
