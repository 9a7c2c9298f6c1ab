/* SPDX-License-Identifier: Apache-2.0 */
#include "report/target_view.h"

/* What the target cost beside its size, by recordings. */

static const char *cost_of(struct thaw_summary *summary, const json_t *item, const char *key)
{
    const json_t *ns = json_object_get(item, key);

    return json_is_integer(ns) ? thaw_summary_duration(summary, thaw_summary_number(item, key))
                               : "not observed";
}

static const char *count_of(struct thaw_summary *summary, const json_t *item, const char *key)
{
    return thaw_summary_count(summary, thaw_summary_number(item, key));
}

static void write_bytecode(struct thaw_summary *summary, const json_t *use)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(use, "bytecode"), i, one) thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "bytecode %s: %s modules loaded from source, which took %s",
                            thaw_summary_text(summary, one, "state"),
                            count_of(summary, one, "modules"), cost_of(summary, one, "ns")));
}

static const char *folder_words(struct thaw_summary *summary, const json_t *folder)
{
    const char *text = thaw_summary_text(summary, folder, "path");
    const char *between = ": ";

    if (thaw_summary_number(folder, "lookups_failed")) {
        text = thaw_summary_format(summary, "%s: lookups that failed at least %s, at most %s", text,
                                   count_of(summary, folder, "lookups_failed"),
                                   cost_of(summary, folder, "ns"));
        between = "; ";
    }
    if (thaw_summary_number(folder, "modules_passed"))
        text = thaw_summary_format(summary, "%s%smodules looked for in vain %s", text, between,
                                   count_of(summary, folder, "modules_passed"));
    return text;
}

static void write_folders(struct thaw_summary *summary, const json_t *use, size_t most)
{
    const json_t *list = json_object_get(use, "search_folders"), *one;
    uint64_t more = thaw_summary_number(use, "search_folders_more");
    size_t i;

    json_array_foreach(list, i, one)
    {
        if (i == most)
            break;
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN, folder_words(summary, one));
    }
    thaw_view_rest(summary, most, json_array_size(list) + more, "folders of the import path");
}

static void write_path_files(struct thaw_summary *summary, const json_t *use, size_t most)
{
    const json_t *list = json_object_get(use, "path_files"), *file;
    size_t i;

    json_array_foreach(list, i, file)
    {
        bool imports = thaw_summary_number(file, "modules") != 0;

        if (i == most)
            break;
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary,
                imports ? "%s: read %s times, imports %s modules, %s" : "%s: read %s times",
                thaw_summary_text(summary, file, "path"), count_of(summary, file, "openings"),
                count_of(summary, file, "modules"), cost_of(summary, file, "ns")));
    }
    thaw_view_rest(summary, most, json_array_size(list), ".pth files");
}

static void write_small(struct thaw_summary *summary, const json_t *small)
{
    uint64_t files = thaw_summary_number(small, "files");
    const char *text;

    if (!files)
        return;
    text =
        thaw_summary_format(summary, "%s small files of %s on average: %s to open, %s to read them",
                            count_of(summary, small, "files"),
                            thaw_summary_size(summary, thaw_summary_number(small, "bytes") / files),
                            cost_of(summary, small, "open_ns"), cost_of(summary, small, "read_ns"));
    if (thaw_summary_number(small, "disk_wait_ns"))
        text = thaw_summary_format(summary, "%s, of it %s waiting for the disk", text,
                                   cost_of(summary, small, "disk_wait_ns"));
    thaw_summary_bullet(summary, THAW_STYLE_PLAIN, text);
}

void thaw_target_costs(struct thaw_summary *summary, size_t most)
{
    const json_t *use = json_object_get(summary->report, "use");

    thaw_summary_title(summary, "What finding and reading it cost");
    write_bytecode(summary, use);
    write_folders(summary, use, most);
    write_path_files(summary, use, most);
    write_small(summary, json_object_get(use, "small_files"));
    if (json_is_null(json_object_get(use, "bytecode")))
        thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, "",
                               "No recording tells: what threads do with files was not observed.");
}
