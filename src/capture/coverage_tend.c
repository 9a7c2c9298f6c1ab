/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "capture/coverage_parts.h"
#include "capture/tree.h"

/* The kernel has room for twice as many files. */
#define FILES_MOST 8192
/* That are kept although nobody runs them: each has some ten links. */
#define INTERPRETERS_MOST 256
#define LOOK_EVERY_NS UINT64_C(30000000000)
/* An interpreter that was just met may be that of a process which is about to be told of. */
#define SETTLED_NS UINT64_C(60000000000)

void thaw_coverage_live_long(struct thaw_coverage *coverage)
{
    coverage->lean = true;
    coverage->interpreters.probes = THAW_PROBES_AUDIT;
    coverage->files.most = FILES_MOST;
}

/* Where not all processes may be looked at, its container is taken to be gone after so long. */
#define UNSURE_NS UINT64_C(3600000000000)

void thaw_coverage_split(struct thaw_coverage *coverage, bool on)
{
    struct thaw_interpreters *interpreters = &coverage->interpreters;
    const struct thaw_python_process *process, *next;

    if (!on) {
        thaw_interpreters_unsplit(interpreters);
        return;
    }
    for (size_t i = 0; i < interpreters->count; i++) {
        pid_t way = getpid();

        HASH_ITER(hh, coverage->processes.table, process, next)
        {
            if (process->interpreter == i)
                way = (pid_t)process->pid;
        }
        if (interpreters->items[i].there)
            thaw_interpreters_split(interpreters, i, way);
    }
}

/* A look at all of them. */
struct look {
    struct thaw_coverage *coverage;
    uint64_t now_ns;
    size_t *processes;           /* that run each interpreter */
    THAW_ARRAY(uint64_t) spaces; /* mount namespaces that are there; sorted */
    bool spaces_known;           /* of all processes: thaw may look at them */
    size_t forgotten[THAW_INTERPRETERS_FORGOTTEN_MOST];
    size_t count;
};

/* Their ends were not told: the ring had no room. */
static void drop_gone_processes(struct thaw_coverage *coverage)
{
    struct thaw_python_process *process, *next;

    HASH_ITER(hh, coverage->processes.table, process, next)
    {
        if (thaw_tree_is_gone(process->pid))
            thaw_coverage_left(coverage, process->pid);
    }
}

static int count_processes(struct look *look, struct thaw_error *error)
{
    struct thaw_coverage *coverage = look->coverage;
    const struct thaw_python_process *process, *next;

    look->processes = calloc(coverage->interpreters.count + 1, sizeof(*look->processes));
    if (!look->processes)
        return thaw_error_memory(error);
    HASH_ITER(hh, coverage->processes.table, process, next)
    {
        look->processes[process->interpreter]++;
    }
    return 0;
}

/* Where the number is in the sorted list, or belongs. */
static size_t place_of(const struct look *look, uint64_t space)
{
    size_t low = 0, high = look->spaces.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (look->spaces.items[middle] < space)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool has_space(const struct look *look, uint64_t space)
{
    size_t at = place_of(look, space);

    return at < look->spaces.count && look->spaces.items[at] == space;
}

static bool add_space(struct look *look, uint64_t space)
{
    size_t at = place_of(look, space);
    uint64_t *items;

    if (has_space(look, space))
        return true;
    if (!thaw_array_add(&look->spaces))
        return false;
    items = look->spaces.items;
    memmove(&items[at + 1], &items[at], (look->spaces.count - 1 - at) * sizeof(*items));
    items[at] = space;
    return true;
}

/* Which mounts processes have; one that can't be told may be any. */
static int find_spaces(struct look *look, struct thaw_error *error)
{
    DIR *folder = opendir("/proc");
    struct dirent *entry;

    look->spaces_known = folder != NULL;
    while (folder && (entry = readdir(folder))) {
        uint64_t space;

        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        space = thaw_interpreters_space((pid_t)atoi(entry->d_name));
        if (!space && errno != ENOENT && errno != ESRCH)
            look->spaces_known = false;
        if (space && !add_space(look, space)) {
            closedir(folder);
            return thaw_error_memory(error);
        }
    }
    if (folder)
        closedir(folder);
    return 0;
}

/* Can somebody still start it: is its file where it was, or the container that it was in there? */
static bool is_reachable(const struct look *look, const struct thaw_covered *covered)
{
    if (thaw_known_file_is_at(&covered->file, covered->info.open_path) ||
        (!look->spaces_known && look->now_ns - covered->used_ns < UNSURE_NS))
        return true;
    for (size_t i = 0; i < covered->spaces.count; i++)
        if (has_space(look, covered->spaces.items[i]))
            return true;
    return false;
}

static bool is_idle(const struct look *look, size_t index)
{
    const struct thaw_covered *covered = &look->coverage->interpreters.items[index];

    return covered->there && !look->processes[index] &&
           look->now_ns - covered->used_ns > SETTLED_NS;
}

static void give_up(struct look *look, size_t index)
{
    thaw_known_files_remove(&look->coverage->files, index + 1);
    look->forgotten[look->count++] = index;
}

/* Too many: the one that was not used for longest. False: all are in use. */
static bool give_up_oldest(struct look *look)
{
    const struct thaw_interpreters *interpreters = &look->coverage->interpreters;
    size_t oldest = SIZE_MAX;

    for (size_t i = 0; i < interpreters->count; i++) {
        bool taken = false;

        for (size_t j = 0; j < look->count; j++)
            taken |= look->forgotten[j] == i;
        if (!taken && is_idle(look, i) &&
            (oldest == SIZE_MAX ||
             interpreters->items[i].used_ns < interpreters->items[oldest].used_ns))
            oldest = i;
    }
    if (oldest != SIZE_MAX)
        give_up(look, oldest);
    return oldest != SIZE_MAX;
}

static void forget_interpreters(struct look *look)
{
    struct thaw_interpreters *interpreters = &look->coverage->interpreters;
    size_t there = thaw_coverage_interpreters(look->coverage);

    for (size_t i = 0; i < interpreters->count && look->count < THAW_INTERPRETERS_FORGOTTEN_MOST;
         i++)
        if (is_idle(look, i) && !is_reachable(look, &interpreters->items[i]))
            give_up(look, i);
    while (look->count < THAW_INTERPRETERS_FORGOTTEN_MOST &&
           there - look->count > INTERPRETERS_MOST && give_up_oldest(look))
        ;
    if (look->count)
        thaw_interpreters_forget(interpreters, look->forgotten, look->count);
}

int thaw_coverage_tend(struct thaw_coverage *coverage, struct thaw_error *error)
{
    struct look look = {.coverage = coverage, .now_ns = thaw_clock_now_ns()};
    int code;

    if (look.now_ns - coverage->looked_ns < LOOK_EVERY_NS)
        return 0;
    coverage->looked_ns = look.now_ns;
    drop_gone_processes(coverage);
    thaw_withdrawal_undo(&coverage->withdrawal);
    code = count_processes(&look, error);
    if (!code)
        code = find_spaces(&look, error);
    if (!code)
        forget_interpreters(&look);
    free(look.processes);
    thaw_array_free(&look.spaces);
    return code;
}
