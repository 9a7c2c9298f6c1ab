/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/path_table.h"
#include "report/keys.h"
#include "report/target_view.h"

/* The target's shared objects in a few lines: how many, what is missing, what is there twice. */

enum { usual_missing = 5, usual_duplicates = 3 };

struct sums {
    size_t count, writable, stacks, missing;
    uint64_t bytes, strip;
};

static void add_up(const json_t *list, struct sums *ret)
{
    const json_t *library, *needed;
    size_t i, j;

    memset(ret, 0, sizeof(*ret));
    json_array_foreach(list, i, library)
    {
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            ret->missing += thaw_key_is_missing(needed);
        }
        if (thaw_summary_is(library, "outside"))
            continue;
        ret->count++;
        ret->bytes += thaw_summary_number(library, "bytes");
        ret->strip += thaw_summary_number(library, "strip_bytes");
        ret->writable += thaw_summary_is(library, "writable_code");
        ret->stacks += thaw_summary_is(library, "executable_stack");
    }
}

/* Who wants a missing library first, and how many do. */
struct missing {
    const char *name, *wanted_by;
    size_t count;
};

static const char *wanter_of(struct thaw_summary *summary, const json_t *library,
                             const json_t *needed)
{
    const char *wanter = thaw_summary_text(summary, library, "path");
    const char *loader = thaw_summary_text(summary, needed, "missing_by");

    return *loader ? thaw_summary_format(summary, "%s when loaded by %s", wanter, loader) : wanter;
}

/* Counts each missing library once, in the order in which they are met; how many. */
static size_t collect_missing(struct thaw_summary *summary, const json_t *list, struct missing *all)
{
    struct thaw_path_table seen = {0};
    const json_t *library, *needed;
    size_t count = 0, i, j;

    json_array_foreach(list, i, library)
    {
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *name;
            int added;

            if (!thaw_key_is_missing(needed))
                continue;
            name = thaw_summary_text(summary, needed, "name");
            added = thaw_path_table_add(&seen, &summary->arena, name, strlen(name), count);
            summary->failed |= added < 0;
            if (added > 0)
                all[count++] = (struct missing){name, wanter_of(summary, library, needed), 1};
            else if (added == 0)
                all[thaw_path_table_find(&seen, name, strlen(name))].count++;
        }
    }
    thaw_path_table_clear(&seen);
    return count;
}

/* edges: how many entries lead to nothing, at least as many as libraries are missing. */
static void write_missing(struct thaw_summary *summary, const json_t *list, size_t edges)
{
    struct missing *all = thaw_arena_allocate(&summary->arena, (edges + 1) * sizeof(*all));
    size_t most = thaw_view_rows(summary, usual_missing), count;

    summary->failed |= !all;
    if (!all)
        return;
    count = collect_missing(summary, list, all);
    for (size_t i = 0; i < count && i < most; i++) {
        const char *more =
            all[i].count > 1 ? thaw_summary_format(summary, " +%zu more", all[i].count - 1) : "";

        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "missing: %s, wanted by %s%s", all[i].name,
                                                all[i].wanted_by, more));
    }
    if (count > most)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%zu more are missing: --view libraries",
                                                count - most));
}

static void write_duplicates(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "duplicates");
    const json_t **sorted = thaw_view_sorted(summary, list, "waste_bytes");
    size_t count = json_array_size(list), most = thaw_view_rows(summary, usual_duplicates);

    for (size_t i = 0; sorted && i < count && i < most; i++)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(
                summary, "%zu times %s (%s): %s too much",
                json_array_size(json_object_get(sorted[i], "paths")),
                thaw_summary_text(summary, sorted[i], "key"), thaw_view_likeness(sorted[i]),
                thaw_summary_size(summary, thaw_summary_number(sorted[i], "waste_bytes"))));
    if (count > most)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary,
                                                "%zu more are there several times: "
                                                "--view duplicates",
                                                count - most));
}

static void write_flags(struct thaw_summary *summary, const struct sums *sums)
{
    if (sums->writable)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary,
                                                "with memory both writable and "
                                                "executable: %zu",
                                                sums->writable));
    if (sums->stacks)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "with an executable stack: %zu",
                                                sums->stacks));
}

void thaw_target_libraries(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "libraries");
    struct sums sums;

    if (!thaw_view_has_libraries(summary))
        return;
    add_up(list, &sums);
    if (!sums.count && !sums.missing)
        return;
    thaw_summary_title(summary, thaw_summary_format(summary, "Shared objects: %zu, %s", sums.count,
                                                    thaw_summary_size(summary, sums.bytes)));
    write_missing(summary, list, sums.missing);
    write_duplicates(summary);
    if (sums.strip)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(summary, "strip would save %s of symbols and debugging sections",
                                thaw_summary_size(summary, sums.strip)));
    write_flags(summary, &sums);
}
