/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "timeline/native_places.h"

/* Extents that begin before a place without reaching it: looked through for one that does. */
#define NESTED_MOST 64

/* The kernel's names for memory that is no file's: "//anon", "[heap]", "/memfd:…". */
static const char *kind_of(const char *path)
{
    if (!strcmp(path, "[vdso]"))
        return "vdso";
    if (!strcmp(path, "[uprobes]"))
        return "probe";
    if (path[0] != '/' || !strncmp(path, "//", 2) || !strncmp(path, "/memfd:", 7) ||
        !strncmp(path, "/anon_hugepage", 14) || !strncmp(path, "/dev/zero", 9))
        return "anonymous";
    return "file";
}

uint32_t thaw_native_library(struct thaw_native_places *places, const char *path)
{
    struct thaw_timeline_memory *memory = places->build->memory;
    uint32_t index = thaw_lookup_text(&places->libraries, path, UINT32_MAX);
    struct thaw_native_library *library;

    if (index != UINT32_MAX)
        return index;
    index = (uint32_t)memory->native_libraries.count;
    library = thaw_array_add(&memory->native_libraries);
    if (!library || !thaw_lookup_set_text(&places->libraries, path, index))
        return UINT32_MAX;
    library->path = path;
    library->kind = kind_of(path);
    library->distribution = "";
    return index;
}

static int compare_extents(const void *left, const void *right)
{
    const struct thaw_native_extent *a = left, *b = right;

    if (a->library != b->library)
        return a->library < b->library ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return strcmp(a->name, b->name);
}

static bool take_extents(struct thaw_native_places *places)
{
    const struct thaw_recording *recording = places->build->recording;

    for (size_t i = 0; i < recording->count; i++) {
        const struct thaw_inventory_symbol *symbol = &recording->events[i].inventory_symbol;
        struct thaw_native_extent *extent;
        uint32_t library;

        if (recording->events[i].kind != THAW_EVENT_INVENTORY_SYMBOL)
            continue;
        library = thaw_native_library(places, symbol->path);
        extent = library == UINT32_MAX ? NULL : thaw_array_add(&places->extents);
        if (!extent)
            return false;
        *extent = (struct thaw_native_extent){library, symbol->offset, symbol->bytes, symbol->name};
    }
    if (places->extents.count)
        qsort(places->extents.items, places->extents.count, sizeof(*places->extents.items),
              compare_extents);
    return true;
}

bool thaw_native_places_open(struct thaw_native_places *places, struct thaw_build *build)
{
    *places = (struct thaw_native_places){.build = build};
    return take_extents(places);
}

/* The innermost extent around a place. */
static const struct thaw_native_extent *extent_of(const struct thaw_native_places *places,
                                                  uint32_t library, uint64_t offset)
{
    size_t low = 0, high = places->extents.count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct thaw_native_extent *extent = &places->extents.items[middle];

        if (extent->library < library || (extent->library == library && extent->offset <= offset))
            low = middle + 1;
        else
            high = middle;
    }
    for (size_t i = 0; i < NESTED_MOST && i < low; i++) {
        const struct thaw_native_extent *extent = &places->extents.items[low - 1 - i];

        if (extent->library != library)
            break;
        if (offset - extent->offset < extent->bytes)
            return extent;
    }
    return NULL;
}

/* The map of one library's offsets; NULL: memory is short. */
static struct thaw_lookup *offsets_of(struct thaw_native_places *places, uint32_t library)
{
    size_t wanted = places->build->memory->native_libraries.count;
    struct thaw_lookup *grown;

    if (library < places->by_offset_count)
        return &places->by_offset[library];
    grown = reallocarray(places->by_offset, wanted, sizeof(*grown));
    if (!grown)
        return NULL;
    memset(grown + places->by_offset_count, 0, (wanted - places->by_offset_count) * sizeof(*grown));
    places->by_offset = grown;
    places->by_offset_count = wanted;
    return &grown[library];
}

uint32_t thaw_native_function(struct thaw_native_places *places, uint32_t library, uint64_t offset)
{
    const struct thaw_native_extent *extent = extent_of(places, library, offset);
    struct thaw_timeline_memory *memory = places->build->memory;
    struct thaw_lookup *lookup = extent ? &places->by_extent : offsets_of(places, library);
    uint64_t key = extent ? (uint64_t)(extent - places->extents.items) : offset;
    struct thaw_native_function *function;
    uint32_t index;

    if (!lookup)
        return UINT32_MAX;
    index = thaw_lookup_number(lookup, key, UINT32_MAX);
    if (index != UINT32_MAX)
        return index;
    index = (uint32_t)memory->native_functions.count;
    function = thaw_array_add(&memory->native_functions);
    if (!function || !thaw_lookup_set_number(lookup, key, index))
        return UINT32_MAX;
    function->library = library;
    function->name = extent ? extent->name : "";
    function->offset = extent ? extent->offset : offset;
    function->whole = extent != NULL;
    return index;
}

bool thaw_native_share_add(struct thaw_shares *shares, struct thaw_lookup *lookup, uint32_t of,
                           uint32_t module)
{
    uint64_t key = (uint64_t)of << 32 | module;
    uint32_t index = thaw_lookup_number(lookup, key, UINT32_MAX);
    struct thaw_native_share *share;

    if (index == UINT32_MAX) {
        index = (uint32_t)shares->list.count;
        share = thaw_array_add(&shares->list);
        if (!share || !thaw_lookup_set_number(lookup, key, index))
            return false;
        *share = (struct thaw_native_share){.of = of, .module = module};
    }
    shares->list.items[index].samples++;
    return true;
}

void thaw_native_places_close(struct thaw_native_places *places)
{
    for (size_t i = 0; i < places->by_offset_count; i++)
        thaw_lookup_free(&places->by_offset[i]);
    free(places->by_offset);
    thaw_array_free(&places->extents);
    thaw_lookup_free(&places->libraries);
    thaw_lookup_free(&places->by_extent);
}
