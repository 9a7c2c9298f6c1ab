/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "report/processes.h"

static int compare(const void *left, const void *right)
{
    const struct thaw_timeline_process *a = *(const struct thaw_timeline_process *const *)left;
    const struct thaw_timeline_process *b = *(const struct thaw_timeline_process *const *)right;

    if (a->pid != b->pid)
        return a->pid < b->pid ? -1 : 1;
    if (a->start_ns != b->start_ns)
        return a->start_ns < b->start_ns ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

bool thaw_processes_index(struct thaw_processes *processes, const struct thaw_timeline *timeline)
{
    *processes = (struct thaw_processes){0};
    if (!timeline->process_count)
        return true;
    processes->by_pid = calloc(timeline->process_count, sizeof(struct thaw_timeline_process *));
    if (!processes->by_pid)
        return false;
    processes->count = timeline->process_count;
    for (size_t i = 0; i < processes->count; i++)
        processes->by_pid[i] = &timeline->processes[i];
    qsort(processes->by_pid, processes->count, sizeof(struct thaw_timeline_process *), compare);
    return true;
}

uint32_t thaw_processes_find(const struct thaw_processes *processes, uint32_t pid, uint64_t time_ns)
{
    size_t low = 0, high = processes->count;

    /* the first entry behind everything of this pid that had started */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct thaw_timeline_process *process = processes->by_pid[middle];

        if (process->pid < pid || (process->pid == pid && process->start_ns <= time_ns))
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0 && processes->by_pid[low - 1]->pid == pid)
        return processes->by_pid[low - 1]->id;
    if (low < processes->count && processes->by_pid[low]->pid == pid)
        return processes->by_pid[low]->id;
    return 0;
}

void thaw_processes_release(struct thaw_processes *processes)
{
    free(processes->by_pid);
    *processes = (struct thaw_processes){0};
}
