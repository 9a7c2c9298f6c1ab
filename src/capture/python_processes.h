/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_PYTHON_PROCESSES_H
#define THAW_CAPTURE_PYTHON_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "thaw/error.h"

/* The traced processes that run an interpreter now, those forked by them included. */
struct thaw_python_process {
    uint32_t pid;
    size_t interpreter; /* index */
    bool withdrawn;     /* its probes were: it hit them too often */
    UT_hash_handle hh;
};

struct thaw_python_processes {
    struct thaw_python_process *table; /* uthash */
};

/* NULL: it runs none. */
struct thaw_python_process *
thaw_python_processes_find(const struct thaw_python_processes *processes, uint32_t pid);

/* Adds a process, or says what it runs now. -ENOMEM. */
int thaw_python_processes_add(struct thaw_python_processes *processes, uint32_t pid,
                              size_t interpreter, struct thaw_error *error);

/* It has ended, or runs something else. */
void thaw_python_processes_remove(struct thaw_python_processes *processes, uint32_t pid);

void thaw_python_processes_free(struct thaw_python_processes *processes);

#endif
