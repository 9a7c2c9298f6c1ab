/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "timeline/native_order.h"

/* Those of more samples first. */
static int compare_samples(uint64_t a, uint64_t b)
{
    return a == b ? 0 : a > b ? -1 : 1;
}

/* Those of equal samples as they were met, so that the order is the same each time. */
static int compare_indexes(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_libraries(const void *left, const void *right, void *memory)
{
    const struct thaw_native_library *all =
        ((struct thaw_timeline_memory *)memory)->native_libraries.items;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = compare_samples(all[a].samples, all[b].samples);

    return order ? order : compare_indexes(a, b);
}

static int compare_functions(const void *left, const void *right, void *memory)
{
    const struct thaw_native_function *all =
        ((struct thaw_timeline_memory *)memory)->native_functions.items;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = compare_samples(all[a].samples, all[b].samples);

    return order ? order : compare_indexes(a, b);
}

static int compare_paths(const void *left, const void *right, void *memory)
{
    const struct thaw_native_path *all =
        ((struct thaw_timeline_memory *)memory)->native_paths.items;
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    int order = compare_samples(all[a].samples, all[b].samples);

    return order ? order : compare_indexes(a, b);
}

static int compare_shares(const void *left, const void *right)
{
    const struct thaw_native_share *a = left, *b = right;
    int order = compare_indexes(a->of, b->of);

    if (!order)
        order = compare_samples(a->samples, b->samples);
    return order ? order : compare_indexes(a->module, b->module);
}

static const uint32_t *order_of(struct thaw_timeline_memory *memory, size_t count,
                                int (*compare)(const void *, const void *, void *))
{
    uint32_t *order = thaw_arena_allocate(&memory->arena, (count + 1) * sizeof(*order));

    for (size_t i = 0; order && i < count; i++)
        order[i] = (uint32_t)i;
    if (order && count)
        qsort_r(order, count, sizeof(*order), compare, memory);
    return order;
}

/* Each owner's shares lie together then. */
static void sort_shares(struct thaw_shares *shares)
{
    if (shares->list.count)
        qsort(shares->list.items, shares->list.count, sizeof(*shares->list.items), compare_shares);
}

static void hand_out_shares(struct thaw_timeline_memory *memory)
{
    sort_shares(&memory->native_shares);
    sort_shares(&memory->native_path_shares);
    for (size_t i = 0; i < memory->native_shares.list.count; i++) {
        const struct thaw_native_share *share = &memory->native_shares.list.items[i];
        struct thaw_native_library *library = &memory->native_libraries.items[share->of];

        if (!library->module_count++)
            library->modules = share;
    }
    for (size_t i = 0; i < memory->native_path_shares.list.count; i++) {
        const struct thaw_native_share *share = &memory->native_path_shares.list.items[i];
        struct thaw_native_path *path = &memory->native_paths.items[share->of];

        if (!path->module_count++)
            path->modules = share;
    }
}

bool thaw_native_order(struct thaw_build *build)
{
    struct thaw_timeline_memory *memory = build->memory;
    struct thaw_native *native = &build->timeline->native;

    hand_out_shares(memory);
    native->libraries = memory->native_libraries.items;
    native->library_count = memory->native_libraries.count;
    native->functions = memory->native_functions.items;
    native->function_count = memory->native_functions.count;
    native->paths = memory->native_paths.items;
    native->path_count = memory->native_paths.count;
    native->library_order = order_of(memory, native->library_count, compare_libraries);
    native->function_order = order_of(memory, native->function_count, compare_functions);
    native->path_order = order_of(memory, native->path_count, compare_paths);
    return native->library_order && native->function_order && native->path_order;
}
