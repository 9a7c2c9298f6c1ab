/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/target_view.h"

/* What recordings say of the target: how much of it was used, and what else it cost. */

void thaw_target_stages(struct thaw_summary *summary)
{
    static const char *const names[] = {"STAGE", "SIZE", "SHARE", "FILES"};
    const json_t *use = json_object_get(summary->report, "use");
    const json_t *stages = json_object_get(use, "stages"), *stage;
    uint64_t whole = thaw_summary_number(json_array_get(stages, 0), "bytes");
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(stages))
        return;
    thaw_summary_title(summary,
                       thaw_summary_format(summary, "What %zu %s of it",
                                           json_array_size(json_object_get(use, "recordings")),
                                           json_array_size(json_object_get(use, "recordings")) == 1
                                               ? "recording used"
                                               : "recordings used"));
    table = thaw_summary_table(summary, true);
    for (i = 0; i < 4; i++)
        thaw_summary_column(summary, table, names[i], i > 0);
    json_array_foreach(stages, i, stage)
    {
        bool sized = json_is_integer(json_object_get(stage, "bytes"));
        bool counted = json_is_integer(json_object_get(stage, "files"));
        uint64_t bytes = thaw_summary_number(stage, "bytes");
        const char *cells[] = {
            thaw_summary_text(summary, stage, "stage"),
            sized ? thaw_summary_size(summary, bytes) : "not known",
            sized ? thaw_summary_share(summary, bytes, whole) : "",
            counted ? thaw_summary_count(summary, thaw_summary_number(stage, "files")) : "",
        };

        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 4);
    }
    thaw_summary_print(summary, table);
}

static const char *cost_of(struct thaw_summary *summary, const json_t *item, const char *key)
{
    const json_t *ns = json_object_get(item, key);

    return json_is_integer(ns) ? thaw_summary_duration(summary, thaw_summary_number(item, key))
                               : "time not observed";
}

static void write_bytecode(struct thaw_summary *summary, const json_t *use)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(use, "bytecode"), i, one)
    {
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "bytecode %s: %s compiled, %s", thaw_summary_text(summary, one, "state"),
                thaw_view_many(summary, thaw_summary_number(one, "modules"), "module", "modules"),
                cost_of(summary, one, "ns")));
    }
}

static void write_folders(struct thaw_summary *summary, const json_t *use, size_t most)
{
    const json_t *list = json_object_get(use, "search_folders");
    const json_t **sorted = thaw_view_sorted(summary, list, "lookups_failed");
    size_t count = json_array_size(list);

    for (size_t i = 0; sorted && i < count && i < most; i++)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "looked in vain %s times in %s: %s",
                thaw_summary_count(summary, thaw_summary_number(sorted[i], "lookups_failed")),
                thaw_summary_text(summary, sorted[i], "path"), cost_of(summary, sorted[i], "ns")));
    thaw_view_rest(summary, most, count, "folders of the import path");
}

static void write_path_files(struct thaw_summary *summary, const json_t *use, size_t most)
{
    const json_t *list = json_object_get(use, "path_files"), *file;
    size_t i;

    json_array_foreach(list, i, file)
    {
        if (i == most)
            break;
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "%s: %s",
                                                thaw_summary_text(summary, file, "path"),
                                                cost_of(summary, file, "ns")));
    }
    thaw_view_rest(summary, most, json_array_size(list), ".pth files");
}

static void write_small(struct thaw_summary *summary, const json_t *small)
{
    if (!json_is_object(small))
        return;
    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "%s, %s: %s to open, %s to read",
                            thaw_view_many(summary, thaw_summary_number(small, "files"),
                                           "small file", "small files"),
                            thaw_summary_size(summary, thaw_summary_number(small, "bytes")),
                            cost_of(summary, small, "open_ns"),
                            cost_of(summary, small, "read_ns")));
}

/* Packages that no recording touched, the largest first. */
static void write_untouched(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "distributions");
    const json_t **sorted = thaw_view_sorted(summary, list, "disk_bytes");
    size_t count = json_array_size(list), found = 0;

    for (size_t i = 0; sorted && i < count; i++) {
        if (!json_is_false(json_object_get(sorted[i], "used")) || found++ >= most)
            continue;
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "never used: %s, %s", thaw_view_package(summary, sorted[i]),
                thaw_summary_size(summary, thaw_summary_number(sorted[i], "disk_bytes"))));
    }
    thaw_view_rest(summary, most, found, "packages never used");
}

void thaw_target_use(struct thaw_summary *summary, size_t most)
{
    const json_t *use = json_object_get(summary->report, "use");

    thaw_target_stages(summary);
    write_untouched(summary, most);
    write_bytecode(summary, use);
    write_folders(summary, use, most);
    write_path_files(summary, use, most);
    write_small(summary, json_object_get(use, "small_files"));
}
