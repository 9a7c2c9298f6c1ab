/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A table that can't grow leaves the new entry without a table, which is how it is told. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "capture/executed_files.h"
#include "capture/own_folders.h"

/* The interpreter that a process runs, while its events are gone through. */
struct process {
    uint32_t pid;
    const char *executable;
    UT_hash_handle hh;
};

struct execution {
    const char *executable;
    const char *name;
};

/* A virtual environment's python is the one it was made from: the same library is the same Python,
 * asked once, as the executable that was seen first. */
struct python {
    const char *library;
    const char *executable;
};

struct collection {
    struct thaw_executed_files *executed;
    struct process *processes;
    THAW_ARRAY(struct python) pythons;
    THAW_ARRAY(struct execution) executions;
    struct thaw_own_folders folders;
    const char *directory; /* of the session */
    const struct thaw_elsewhere *elsewhere;
};

static struct process *find_process(const struct collection *collection, uint32_t pid)
{
    struct process *found;

    HASH_FIND(hh, collection->processes, &pid, sizeof(pid), found);
    return found;
}

static int set_process(struct collection *collection, uint32_t pid, const char *executable)
{
    struct process *process = find_process(collection, pid);

    if (!process) {
        process = thaw_arena_allocate(&collection->executed->arena, sizeof(*process));
        if (!process)
            return -ENOMEM;
        process->pid = pid;
        HASH_ADD(hh, collection->processes, pid, sizeof(process->pid), process);
        if (!process->hh.tbl)
            return -ENOMEM;
    }
    process->executable = executable;
    return 0;
}

static int run_python(struct collection *collection, uint32_t pid,
                      const struct thaw_interpreter *interpreter)
{
    struct python *python;

    for (size_t i = 0; i < collection->pythons.count; i++) {
        python = &collection->pythons.items[i];
        if (strcmp(python->library, interpreter->library) == 0)
            return set_process(collection, pid, python->executable);
    }
    if (*interpreter->library) {
        python = thaw_array_add(&collection->pythons);
        if (!python)
            return -ENOMEM;
        *python = (struct python){interpreter->library, interpreter->executable};
    }
    return set_process(collection, pid, interpreter->executable);
}

/* What is told of a process late holds from its beginning. */
static int learn(struct collection *collection, const struct thaw_event *event)
{
    if (event->kind == THAW_EVENT_SESSION_BEGIN)
        collection->directory = event->session_begin.directory;
    if (event->kind == THAW_EVENT_INTERPRETER && !find_process(collection, event->pid) &&
        !thaw_elsewhere_holds(collection->elsewhere, event->pid) &&
        run_python(collection, event->pid, &event->interpreter) < 0)
        return -ENOMEM;
    return thaw_own_folders_learn(&collection->folders, event);
}

static int add_execution(struct collection *collection, uint32_t pid, const char *name)
{
    const struct process *process = find_process(collection, pid);
    struct execution *execution;

    if (!process || !*name || *name == '<')
        return 0;
    execution = thaw_array_add(&collection->executions);
    if (!execution)
        return -ENOMEM;
    *execution = (struct execution){process->executable, name};
    return 0;
}

/* A forked child goes on with its parent's interpreter. */
static int follow(struct collection *collection, const struct thaw_event *event)
{
    const struct process *parent;

    if (thaw_elsewhere_holds(collection->elsewhere, event->pid))
        return 0;
    switch (event->kind) {
    case THAW_EVENT_PROCESS_FORK:
        parent = find_process(collection, (uint32_t)event->process_fork.parent);
        if (!parent || find_process(collection, event->pid))
            return 0;
        return set_process(collection, event->pid, parent->executable);
    case THAW_EVENT_INTERPRETER:
        return run_python(collection, event->pid, &event->interpreter);
    case THAW_EVENT_BODY_BEGIN:
        return add_execution(collection, event->pid, event->body_begin.file);
    default:
        return 0;
    }
}

static int compare_executions(const void *one, const void *other)
{
    const struct execution *a = one, *b = other;
    int order = strcmp(a->executable, b->executable);

    return order ? order : strcmp(a->name, b->name);
}

/* Python 3.8 names a script as it was called: from the session's folder, mostly. */
static const char *absolute_path(struct collection *collection, const char *name)
{
    if (*name == '/')
        return name;
    return thaw_arena_format(&collection->executed->arena, "%s/%s", collection->directory, name);
}

static int store(struct collection *collection, const struct execution *execution)
{
    struct thaw_executed_files *executed = collection->executed;
    const char **executable = thaw_array_add(&executed->executables);
    struct thaw_source_file *file = thaw_array_add(&executed->files);
    const char *path = absolute_path(collection, execution->name);

    if (!executable || !file || !path)
        return -ENOMEM;
    *executable = execution->executable;
    *file = (struct thaw_source_file){.name = execution->name,
                                      .path = path,
                                      .own = thaw_own_folders_hold(&collection->folders, path)};
    return 0;
}

static int store_each_once(struct collection *collection)
{
    struct execution *all = collection->executions.items;
    int result = 0;

    if (collection->executions.count)
        qsort(all, collection->executions.count, sizeof(*all), compare_executions);
    for (size_t i = 0; result == 0 && i < collection->executions.count; i++) {
        if (i == 0 || compare_executions(&all[i - 1], &all[i]) != 0)
            result = store(collection, &all[i]);
    }
    return result;
}

int thaw_executed_files_collect(const struct thaw_recording *recording,
                                const struct thaw_elsewhere *elsewhere,
                                struct thaw_executed_files *ret, struct thaw_error *error)
{
    struct collection collection = {.executed = ret, .directory = "", .elsewhere = elsewhere};
    int result = 0;

    memset(ret, 0, sizeof(*ret));
    collection.folders.arena = &ret->arena;
    for (size_t i = 0; result == 0 && i < recording->count; i++)
        result = learn(&collection, &recording->events[i]);
    for (size_t i = 0; result == 0 && i < recording->count; i++)
        result = follow(&collection, &recording->events[i]);
    if (result == 0)
        result = store_each_once(&collection);
    HASH_CLEAR(hh, collection.processes);
    thaw_array_free(&collection.pythons);
    thaw_array_free(&collection.executions);
    thaw_own_folders_free(&collection.folders);
    return result < 0 ? thaw_error_memory(error) : 0;
}

const struct thaw_source_file *thaw_executed_files_of(const struct thaw_executed_files *executed,
                                                      const char *executable, size_t *count)
{
    size_t first = 0;

    while (first < executed->executables.count &&
           strcmp(executed->executables.items[first], executable) != 0)
        first++;
    *count = 0;
    while (first + *count < executed->executables.count &&
           strcmp(executed->executables.items[first + *count], executable) == 0)
        ++*count;
    return executed->files.items + first;
}

void thaw_executed_files_free(struct thaw_executed_files *executed)
{
    thaw_array_free(&executed->executables);
    thaw_array_free(&executed->files);
    thaw_arena_free(&executed->arena);
}
