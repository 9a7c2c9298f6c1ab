/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "platform/platform.h"
#include "trial/probe.h"

extern const char thaw_probe_script[];

/* Behind it in the text that the interpreter runs. */
#define CALL_OF_MAIN "\n\nmain()\n"

/* The words of a command as they are put together. */
struct words {
    struct thaw_arena *arena;
    THAW_ARRAY(const char *) list;
    bool failed;
};

static void put(struct words *words, const char *text)
{
    const char **slot = text ? thaw_array_add(&words->list) : NULL;

    if (slot)
        *slot = text;
    words->failed |= !slot;
}

static void put_value(struct words *words, char kind, const char *value)
{
    put(words, thaw_arena_format(words->arena, "%c%s", kind, value));
}

/* A path of the app is where the sandbox has it. */
static void put_path(struct words *words, char kind, const struct thaw_probe_task *task,
                     const char *path)
{
    const char *folder = task->app->folder;
    size_t length = strlen(folder);
    char buffer[PATH_MAX];

    if (strncmp(path, folder, length) == 0 && (path[length] == '/' || !path[length]))
        put(words, thaw_arena_format(words->arena, "%c%s%s", kind,
                                     thaw_sandbox_app(task->sandbox, buffer), path + length));
    else
        put_value(words, kind, path);
}

static void put_paths(struct words *words, char kind, const struct thaw_probe_task *task,
                      const char *const *paths)
{
    for (size_t i = 0; paths && paths[i]; i++)
        put_path(words, kind, task, paths[i]);
}

static void put_app(struct words *words, const struct thaw_probe_task *task)
{
    const struct thaw_prove_app *app = task->app;

    put_path(words, 'f', task, app->folder);
    put_value(words, 'o', app->folder);
    put_paths(words, 'b', task, app->earlier_paths);
    put_paths(words, 'p', task, app->paths);
    for (size_t i = 0; app->preloaded && app->preloaded[i]; i++)
        put_value(words, 'm', app->preloaded[i]);
    for (size_t i = 0; i < app->entry_count; i++) {
        put_value(words, 'e', app->entries[i].name);
        put_path(words, 'E', task, app->entries[i].file);
    }
    if (app->script)
        put_path(words, 's', task, app->script);
}

static void put_calls(struct words *words, const struct thaw_probe_task *task)
{
    char buffer[PATH_MAX];

    if (!task->call_count)
        return;
    put(words, thaw_arena_format(words->arena, "c%s/%s", thaw_sandbox_app(task->sandbox, buffer),
                                 task->call_file));
    for (size_t i = 0; i < task->call_count; i++) {
        put_value(words, 'i', task->calls[i].module);
        put_value(words, 'n', task->calls[i].name);
        put(words,
            thaw_arena_format(words->arena, "l%llu", (unsigned long long)task->calls[i].level));
    }
}

const char *const *thaw_probe_command(const struct thaw_probe_task *task, struct thaw_arena *arena)
{
    const struct thaw_platform *platform = task->app->platform;
    bool describes = task->describe && platform && platform->describe_app;
    struct words words = {.arena = arena};
    const char **command = NULL;

    put(&words, task->app->executable);
    put(&words, "-c");
    put(&words, thaw_arena_format(arena, "%s\n\n%s%s", thaw_probe_script,
                                  describes ? platform->describe_app : "", CALL_OF_MAIN));
    put_app(&words, task);
    put_calls(&words, task);
    if (describes)
        put(&words, "d");
    if (!words.failed)
        command = thaw_arena_allocate(arena, (words.list.count + 1) * sizeof(*command));
    if (command)
        memcpy(command, words.list.items, words.list.count * sizeof(*command));
    thaw_array_free(&words.list);
    return command;
}
