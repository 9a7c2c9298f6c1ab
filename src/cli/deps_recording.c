/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cli/deps_target.h"

/*
 * The folders of a recording: those that held distributions when it was closed, and those of the
 * user's own files. They are read as they are now, on this machine.
 */

static int add_folder_of(struct thaw_deps_target *target, const char *file)
{
    const char *slash = strrchr(file, '/');
    const char *folder;

    if (*file != '/' || slash == file)
        return 0;
    folder = thaw_arena_text(&target->arena, file, (size_t)(slash - file));
    return folder ? thaw_deps_add_folder(target, folder) : -ENOMEM;
}

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

static int add_event(struct thaw_deps_target *target, const struct thaw_event *event)
{
    switch (event->kind) {
    case THAW_EVENT_INVENTORY_DISTRIBUTION:
        return *event->inventory_distribution.location == '/'
                   ? thaw_deps_add_folder(target, event->inventory_distribution.location)
                   : 0;
    case THAW_EVENT_INVENTORY_DEFINITION:
        return !strcmp(event->inventory_definition.kind, "module")
                   ? add_folder_of(target, event->inventory_definition.file)
                   : 0;
    case THAW_EVENT_INVENTORY_INTERPRETER:
        return set_version(target, event->inventory_interpreter.version);
    default:
        return 0;
    }
}

int thaw_deps_recording(const char *path, struct thaw_deps_target *target, struct thaw_error *error)
{
    struct thaw_recording *recording;
    int code = thaw_recording_load(path, &recording, error);

    if (code)
        return code;
    for (size_t i = 0; !code && i < recording->count; i++)
        code = add_event(target, &recording->events[i]);
    thaw_recording_free(recording);
    return code ? thaw_error_memory(error) : 0;
}
