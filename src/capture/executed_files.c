/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A table that can't grow leaves the new entry without a table, which is how it is told. */
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "capture/executed_files.h"

/* The interpreter a process runs at the moment. */
struct process {
    uint32_t pid;
    const char *executable;
    UT_hash_handle hh;
};

struct execution {
    const char *executable;
    const char *name;
};

struct collection {
    const struct thaw_recording *recording;
    struct thaw_arena *arena;
    struct process *processes;
    THAW_ARRAY(struct execution) executions;
    THAW_ARRAY(const char *) apps;
    THAW_ARRAY(const char *) scripts; /* folders of */
    THAW_ARRAY(const char *) workers;
    const char *directory; /* of the session */
    bool has_platform;
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

    if (process) {
        process->executable = executable;
        return 0;
    }
    process = thaw_arena_allocate(collection->arena, sizeof(*process));
    if (!process)
        return -ENOMEM;
    *process = (struct process){.pid = pid, .executable = executable};
    HASH_ADD(hh, collection->processes, pid, sizeof(process->pid), process);
    return process->hh.tbl ? 0 : -ENOMEM;
}

/* A forked child goes on with its parent's interpreter until it executes another one. */
static int inherit_process(struct collection *collection, uint32_t pid, uint64_t parent)
{
    const struct process *from = find_process(collection, (uint32_t)parent);

    return from ? set_process(collection, pid, from->executable) : 0;
}

static const char *folder_of(struct thaw_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return thaw_arena_text(arena, path, slash ? (size_t)(slash - path) : 0);
}

/* Folders without slashes at their end, so that "/" is "". */
#define add_folder(collection, list, folder)                                                       \
    __extension__({                                                                                \
        const char **slot_ = thaw_array_add(list);                                                 \
        size_t length_ = strlen(folder);                                                           \
                                                                                                   \
        while (length_ && (folder)[length_ - 1] == '/')                                            \
            length_--;                                                                             \
        if (slot_)                                                                                 \
            *slot_ = thaw_arena_text((collection)->arena, folder, length_);                        \
        slot_ && *slot_ ? 0 : -ENOMEM;                                                             \
    })
