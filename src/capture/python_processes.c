/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "capture/python_processes.h"

struct thaw_python_process *
thaw_python_processes_find(const struct thaw_python_processes *processes, uint32_t pid)
{
    struct thaw_python_process *process;

    HASH_FIND(hh, processes->table, &pid, sizeof(pid), process);
    return process;
}

int thaw_python_processes_add(struct thaw_python_processes *processes, uint32_t pid,
                              size_t interpreter, struct thaw_error *error)
{
    struct thaw_python_process *process = thaw_python_processes_find(processes, pid);

    if (!process) {
        process = calloc(1, sizeof(*process));
        if (!process)
            return thaw_error_memory(error);
        process->pid = pid;
        HASH_ADD(hh, processes->table, pid, sizeof(process->pid), process);
        if (!process->hh.tbl) {
            free(process);
            return thaw_error_memory(error);
        }
    }
    process->interpreter = interpreter;
    process->withdrawn = false;
    return 0;
}

void thaw_python_processes_remove(struct thaw_python_processes *processes, uint32_t pid)
{
    struct thaw_python_process *process = thaw_python_processes_find(processes, pid);

    if (!process)
        return;
    HASH_DEL(processes->table, process);
    free(process);
}

void thaw_python_processes_free(struct thaw_python_processes *processes)
{
    struct thaw_python_process *process, *next;

    HASH_ITER(hh, processes->table, process, next)
    {
        HASH_DEL(processes->table, process);
        free(process);
    }
}
