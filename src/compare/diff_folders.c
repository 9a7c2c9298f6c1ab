/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * Where it grew. Folders are one by their place in their folder of the import path. One that is not
 * listed takes less than 0.05 % of its target, or is not there. Left out is what another one tells:
 * a folder whose change is for nine tenths that of one folder in it, and what is in a folder that
 * came or went as a whole.
 */

/* Reports list folders of at least the total by this: 0.05 %. */
enum { least_share = 2000 };

struct row {
    const char *key;
    const json_t *before; /* NULL: not listed */
    const json_t *after;
    int64_t change;
    bool is_told; /* by a folder in it */
};

struct rows {
    THAW_ARRAY(struct row) items;
    json_t *numbers; /* key -> number of the row */
};

static void take(struct thaw_differ *differ, struct rows *rows, int side)
{
    const json_t *folder;
    size_t i;

    json_array_foreach(thaw_differ_list(differ, side, "folders"), i, folder)
    {
        const char *path = thaw_differ_keep(differ, thaw_key_text(&differ->arena, folder, "path"));
        const char *key = thaw_differ_place(differ, side, path);
        const json_t *number = json_object_get(rows->numbers, key);
        struct row *row =
            number ? &rows->items.items[json_integer_value(number)] : thaw_array_add(&rows->items);

        differ->values.failed |= !row;
        if (differ->values.failed)
            return;
        if (!number)
            thaw_values_set(&differ->values, rows->numbers, key,
                            json_integer((json_int_t)rows->items.count - 1));
        row->key = key;
        if (side)
            row->after = folder;
        else
            row->before = folder;
    }
}

/* The row of the folder around one, NULL: none is listed. */
static struct row *parent_of(struct thaw_differ *differ, const struct rows *rows,
                             const struct row *row)
{
    const json_t *own = row->after ? row->after : row->before, *number;
    const char *path = thaw_differ_keep(differ, thaw_key_text(&differ->arena, own, "path"));
    const char *slash = strrchr(path, '/'), *above;

    if (!*path)
        return NULL;
    above = thaw_differ_keep(differ, thaw_arena_text(&differ->arena, path,
                                                     slash ? (size_t)(slash - path) : 0));
    number = json_object_get(rows->numbers, thaw_differ_place(differ, row->after != NULL, above));
    return number ? &rows->items.items[json_integer_value(number)] : NULL;
}

static json_t *state(struct thaw_differ *differ, const json_t *folder)
{
    static const char *const keys[] = {"path", "bytes", "disk_bytes", "files"};
    json_t *object;

    if (!folder)
        return json_null();
    object = thaw_values_object(&differ->values);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        thaw_differ_copy(differ, object, folder, keys[i]);
    return object;
}

/*
 * One that a report does not list may take so much there that nothing changed: then nothing is
 * told.
 */
static bool is_sure(const struct thaw_differ *differ, const struct row *row)
{
    int lacking = row->before ? 1 : 0;
    const json_t *own = row->before ? row->before : row->after;
    uint64_t disk_bytes =
        thaw_summary_number(json_object_get(differ->sides[lacking]->report, "totals"),
                            "disk_bytes");

    if (row->before && row->after)
        return true;
    return thaw_summary_number(own, "disk_bytes") >= disk_bytes / least_share;
}

static void add(struct thaw_differ *differ, struct thaw_diff_changes *changes,
                const struct row *row)
{
    const json_t *own = row->after ? row->after : row->before;
    json_t *object = thaw_values_object(&differ->values);

    thaw_differ_copy(differ, object, own, "path");
    thaw_differ_copy(differ, object, own, "distribution");
    thaw_values_set(&differ->values, object, "before", state(differ, row->before));
    thaw_values_set(&differ->values, object, "after", state(differ, row->after));
    thaw_values_set_signed(&differ->values, object, "disk_bytes_change", row->change);
    thaw_values_set_boolean(&differ->values, object, "exact", row->before && row->after);
    thaw_differ_add(differ, changes, object, thaw_differ_weight(row->change), row->key);
}

static bool is_most_of(int64_t part, int64_t whole)
{
    return (part < 0) == (whole < 0) &&
           thaw_differ_weight(part) >= thaw_differ_weight(whole) / 10 * 9;
}

/* Both are listed by the same report only. */
static bool is_within(const struct row *row, const struct row *above)
{
    return (!row->before && !above->before) || (!row->after && !above->after);
}

static void tell(struct thaw_differ *differ, const struct rows *rows, struct row *row)
{
    struct row *above = parent_of(differ, rows, row);

    if (!above || !row->change)
        return;
    if (is_within(row, above))
        row->is_told = true;
    else if (is_most_of(row->change, above->change))
        above->is_told = true;
}

static void put(struct thaw_differ *differ, json_t *diff, struct rows *rows)
{
    struct thaw_diff_changes changes = {0};

    for (size_t i = 0; i < rows->items.count; i++)
        rows->items.items[i].change =
            thaw_differ_change(thaw_summary_number(rows->items.items[i].before, "disk_bytes"),
                               thaw_summary_number(rows->items.items[i].after, "disk_bytes"));
    for (size_t i = 0; i < rows->items.count && !differ->values.failed; i++)
        tell(differ, rows, &rows->items.items[i]);
    for (size_t i = 0; i < rows->items.count && !differ->values.failed; i++)
        if (rows->items.items[i].change && !rows->items.items[i].is_told &&
            is_sure(differ, &rows->items.items[i]))
            add(differ, &changes, &rows->items.items[i]);
    thaw_values_set(&differ->values, diff, "folders", thaw_differ_sorted(differ, &changes));
}

void thaw_diff_folders(struct thaw_differ *differ, json_t *diff)
{
    struct rows rows = {.numbers = json_object()};

    if (!thaw_differ_list(differ, 0, "folders") || !thaw_differ_list(differ, 1, "folders")) {
        thaw_values_set_null(&differ->values, diff, "folders");
        json_decref(rows.numbers);
        return;
    }
    differ->values.failed |= !rows.numbers;
    for (int side = 0; side < 2 && !differ->values.failed; side++)
        take(differ, &rows, side);
    if (!differ->values.failed)
        put(differ, diff, &rows);
    thaw_array_free(&rows.items);
    json_decref(rows.numbers);
}
