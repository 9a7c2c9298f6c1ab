/* SPDX-License-Identifier: Apache-2.0 */
#include "timeline/import_stacks.h"

struct thaw_import_stack *thaw_import_stacks_find(const struct thaw_import_stacks *stacks,
                                                  uint32_t process, uint32_t tid, uint64_t strand)
{
    uint64_t key = (uint64_t)process << 32 | tid;
    uint32_t i = strand ? thaw_import_stacks_of_process(stacks, process)
                        : thaw_lookup_number(&stacks->by_thread, key, UINT32_MAX);

    while (i != UINT32_MAX) {
        struct thaw_import_stack *stack = &stacks->all.items[i];

        if (stack->tid == tid && stack->strand == strand)
            return stack;
        i = stack->next_of_process;
    }
    return NULL;
}

struct thaw_import_stack *thaw_import_stacks_get(struct thaw_import_stacks *stacks,
                                                 uint32_t process, uint32_t tid, uint64_t strand)
{
    uint64_t key = (uint64_t)process << 32 | tid;
    struct thaw_import_stack *stack = thaw_import_stacks_find(stacks, process, tid, strand);
    uint32_t index;

    if (stack)
        return stack;
    stack = thaw_array_add(&stacks->all);
    if (!stack || (!strand && !thaw_lookup_set_number(&stacks->by_thread, key,
                                                      (uint32_t)stacks->all.count - 1)))
        return NULL;
    stack->process = process;
    stack->tid = tid;
    stack->strand = strand;
    index = (uint32_t)stacks->all.count - 1;
    stack->next_of_process = thaw_import_stacks_of_process(stacks, process);
    return thaw_lookup_set_number(&stacks->by_process, process, index) ? stack : NULL;
}

uint32_t thaw_import_stacks_of_process(const struct thaw_import_stacks *stacks, uint32_t process)
{
    return thaw_lookup_number(&stacks->by_process, process, UINT32_MAX);
}

void thaw_import_stacks_free(struct thaw_import_stacks *stacks)
{
    for (size_t i = 0; i < stacks->all.count; i++)
        thaw_array_free(&stacks->all.items[i].frames);
    thaw_array_free(&stacks->all);
    thaw_lookup_free(&stacks->by_thread);
    thaw_lookup_free(&stacks->by_process);
    thaw_lookup_free(&stacks->forked);
}
