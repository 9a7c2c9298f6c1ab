/* SPDX-License-Identifier: Apache-2.0 */
#include "export/families.h"

struct thaw_family *thaw_families_add(struct thaw_families *families,
                                      const struct thaw_family_row *row)
{
    struct thaw_family *family;

    for (size_t i = 0; i < families->items.count; i++) {
        if (families->items.items[i].row == row)
            return &families->items.items[i];
    }
    family = thaw_array_add(&families->items);
    if (family)
        family->row = row;
    return family;
}

static struct thaw_label *copy_labels(struct thaw_arena *arena, const struct thaw_label *labels,
                                      size_t count)
{
    struct thaw_label *copy = thaw_arena_allocate(arena, count * sizeof(*copy));

    for (size_t i = 0; copy && i < count; i++) {
        copy[i] = (struct thaw_label){labels[i].name, thaw_arena_string(arena, labels[i].value)};
        if (!copy[i].value)
            return NULL;
    }
    return copy;
}

struct thaw_point *thaw_family_add(struct thaw_families *families, struct thaw_family *family,
                                   const struct thaw_label *labels, size_t label_count,
                                   double number)
{
    const struct thaw_label *copy = NULL;
    struct thaw_point *point;

    if (label_count) {
        copy = copy_labels(&families->arena, labels, label_count);
        if (!copy)
            return NULL;
    }
    point = thaw_array_add(&family->points);
    if (point)
        *point = (struct thaw_point){.labels = copy, .label_count = label_count, .number = number};
    return point;
}

void thaw_families_free(struct thaw_families *families)
{
    for (size_t i = 0; i < families->items.count; i++)
        thaw_array_free(&families->items.items[i].points);
    thaw_array_free(&families->items);
    thaw_arena_free(&families->arena);
}
