/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "packaging/name.h"
#include "report/target_view.h"

struct thaw_view_entry {
    const char *name;
    size_t place;
};

static int compare(const void *left, const void *right)
{
    const struct thaw_view_entry *a = left, *b = right;
    int order = strcmp(a->name, b->name);

    return order ? order : a->place < b->place ? -1 : a->place > b->place;
}

static const char *key_of(struct thaw_summary *summary, const struct thaw_view_index *index,
                          const char *name)
{
    if (!name || index->by_path)
        return name ? name : "";
    name = thaw_name_normalise(&summary->arena, name, strlen(name));
    summary->failed |= !name;
    return name ? name : "";
}

static bool make(struct thaw_summary *summary, const char *list, const char *key,
                 struct thaw_view_index *ret)
{
    const json_t *items = json_object_get(summary->report, list);
    size_t count = json_array_size(items);

    ret->items = thaw_arena_allocate(&summary->arena, (count + 1) * sizeof(*ret->items));
    ret->count = count;
    summary->failed |= !ret->items;
    if (!ret->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_object_get(json_array_get(items, i), key));

        ret->items[i] = (struct thaw_view_entry){key_of(summary, ret, name), i};
    }
    qsort(ret->items, count, sizeof(*ret->items), compare);
    return !summary->failed;
}

bool thaw_view_index_packages(struct thaw_summary *summary, struct thaw_view_index *ret)
{
    ret->by_path = false;
    return make(summary, "distributions", "name", ret);
}

bool thaw_view_index_libraries(struct thaw_summary *summary, struct thaw_view_index *ret)
{
    ret->by_path = true;
    return make(summary, "libraries", "path", ret);
}

size_t thaw_view_find(struct thaw_summary *summary, const struct thaw_view_index *index,
                      const char *name)
{
    size_t low = 0, high = index->count;
    const char *key = key_of(summary, index, name);

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(index->items[middle].name, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < index->count && !strcmp(index->items[low].name, key))
        return index->items[low].place;
    return SIZE_MAX;
}
