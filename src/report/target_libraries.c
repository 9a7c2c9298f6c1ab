/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/target_view.h"

/* The target's shared objects in a few lines: how many, what is missing, what is there twice. */

enum { most_missing = 5, most_duplicates = 3 };

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
        if (thaw_summary_is(library, "outside"))
            continue;
        ret->count++;
        ret->bytes += thaw_summary_number(library, "bytes");
        ret->strip += thaw_summary_number(library, "strip_bytes");
        ret->writable += thaw_summary_is(library, "writable_code");
        ret->stacks += thaw_summary_is(library, "executable_stack");
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            ret->missing += thaw_key_is_missing(needed);
        }
    }
}

static void write_missing(struct thaw_summary *summary, const json_t *list, size_t count)
{
    const json_t *library, *needed;
    size_t shown = 0, i, j;

    json_array_foreach(list, i, library)
    {
        if (thaw_summary_is(library, "outside"))
            continue;
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            const char *loader = thaw_summary_text(summary, needed, "missing_by");

            if (!thaw_key_is_missing(needed) || shown == most_missing)
                continue;
            shown++;
            thaw_summary_bullet(summary, THAW_STYLE_BAD,
                                thaw_summary_format(summary, "missing: %s, wanted by %s%s%s",
                                                    thaw_summary_text(summary, needed, "name"),
                                                    thaw_summary_text(summary, library, "path"),
                                                    *loader ? " when loaded by " : "", loader));
        }
    }
    if (count > shown)
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%zu more are missing: --view libraries",
                                                count - shown));
}

static void write_duplicates(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "duplicates");
    const json_t **sorted = thaw_view_sorted(summary, list, "waste_bytes");
    size_t count = json_array_size(list);

    for (size_t i = 0; sorted && i < count && i < most_duplicates; i++)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(summary, "%zu times the same: %s, %s too much",
                                json_array_size(json_object_get(sorted[i], "paths")),
                                thaw_summary_text(summary, sorted[i], "key"),
                                thaw_summary_size(summary,
                                                  thaw_summary_number(sorted[i], "waste_bytes"))));
    if (count > most_duplicates)
        thaw_summary_bullet(summary, THAW_STYLE_FAINT,
                            thaw_summary_format(summary,
                                                "%zu more are there several times: "
                                                "--view duplicates",
                                                count - most_duplicates));
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

    add_up(list, &sums);
    if (!sums.count)
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
