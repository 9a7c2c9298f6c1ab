/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_IMPORT_STACKS_H
#define THAW_TIMELINE_IMPORT_STACKS_H

#include "timeline/import_stack.h"
#include "timeline/lookup.h"

/* The stacks of all threads. `struct thaw_import_stacks stacks = {0};` has none. */
struct thaw_import_stacks {
    THAW_ARRAY(struct thaw_import_stack) all;
    struct thaw_lookup by_thread;  /* index of the stack by process id and tid: of its strand 0 */
    struct thaw_lookup by_process; /* index of the process's latest stack */
    struct thaw_lookup forked;     /* id of the process that was forked last with a pid */
};

/* The stack of a thread's strand, NULL: it has none yet. Addresses last until one is added. */
struct thaw_import_stack *thaw_import_stacks_find(const struct thaw_import_stacks *stacks,
                                                  uint32_t process, uint32_t tid, uint64_t strand);

/* The same, added when there is none; NULL when memory is short. */
struct thaw_import_stack *thaw_import_stacks_get(struct thaw_import_stacks *stacks,
                                                 uint32_t process, uint32_t tid, uint64_t strand);

/* Index of the process's latest stack, whose next_of_process leads on; UINT32_MAX none. */
uint32_t thaw_import_stacks_of_process(const struct thaw_import_stacks *stacks, uint32_t process);

void thaw_import_stacks_free(struct thaw_import_stacks *stacks);

#endif
