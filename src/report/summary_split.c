/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/split_sums.h"

/* What the imports' time went into, largest first. */

enum { columns = 7 };

/* "12.0 ms", or a dash for what took no time. */
static const char *time_or_none(struct thaw_summary *summary, uint64_t ns)
{
    return ns ? thaw_summary_duration(summary, ns) : "-";
}

static void write_part(struct thaw_summary *summary, struct libscols_table *table,
                       const struct thaw_split_sums *sums, size_t part)
{
    const struct thaw_split_sum *sum = &sums->parts[part];
    const char *cells[columns] = {
        thaw_summary_duration(summary, sum->ns),
        thaw_summary_share(summary, sum->ns, sums->all.ns),
        time_or_none(summary, sum->io_ns),
        time_or_none(summary, sum->runqueue_ns),
        time_or_none(summary, sum->sleep_ns),
        thaw_summary_count(summary, sum->minor_faults + sum->major_faults),
        sums->names[part],
    };

    if (!sums->waits) {
        cells[2] = cells[6];
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 3);
        return;
    }
    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, columns);
}

/* "DISK WAIT", in any locale. */
static const char *heading(struct thaw_summary *summary, const char *name)
{
    char *text = thaw_arena_allocate(&summary->arena, strlen(name) + 1);

    summary->failed |= !text;
    if (!text)
        return "";
    for (size_t i = 0; i <= strlen(name); i++)
        text[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
    return text;
}

/* The part with the most time that is not written yet; thaw_split_part_count: none is left. */
static size_t next_part(const struct thaw_split_sums *sums, const bool *written)
{
    size_t next = thaw_split_part_count;

    for (size_t i = 0; i < thaw_split_part_count; i++)
        if (!written[i] && sums->parts[i].ns &&
            (next == thaw_split_part_count || sums->parts[i].ns > sums->parts[next].ns))
            next = i;
    return next;
}

void thaw_summary_split_table(struct thaw_summary *summary, const struct thaw_split_sums *sums)
{
    const char *const names[columns] = {
        "TIME",
        "SHARE",
        heading(summary, sums->wait_names[0]),
        heading(summary, sums->wait_names[1]),
        heading(summary, sums->wait_names[2]),
        "FAULTS",
        "PART",
    };
    struct libscols_table *table = thaw_summary_table(summary, true);
    bool written[thaw_split_part_count] = {false};
    size_t part;

    for (size_t i = 0; i < columns; i++)
        if (sums->waits || i < 2 || i + 1 == columns)
            thaw_summary_column(summary, table, names[i], i + 1 < columns);
    while ((part = next_part(sums, written)) < thaw_split_part_count) {
        written[part] = true;
        write_part(summary, table, sums, part);
    }
    thaw_summary_print(summary, table);
}

/* "bytecode: 3 missing, 1 stale" */
static const char *reasons(struct thaw_summary *summary, const struct thaw_split_sums *sums)
{
    const struct {
        size_t count;
        const char *what;
    } all[] = {
        {sums->missing, "missing"},
        {sums->stale, "stale"},
        {sums->rejected, "rejected"},
        {sums->unreadable, "unreadable"},
    };
    const char *text = "";

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (all[i].count)
            text = thaw_summary_format(summary, "%s%s%zu %s", text,
                                       *text ? ", " : "bytecode: ", all[i].count, all[i].what);
    return text;
}

void thaw_summary_split_notes(struct thaw_summary *summary, const struct thaw_split_sums *sums)
{
    const char *why = reasons(summary, sums);

    if (!sums->compiled)
        return;
    thaw_summary_bullet(
        summary, THAW_STYLE_PLAIN,
        thaw_summary_format(summary, "%zu module%s compiled from source%s%s%s; new bytecode was %s",
                            sums->compiled, sums->compiled == 1 ? " was" : "s were",
                            *why ? " (" : "", why, *why ? ")" : "",
                            !sums->unwritten                   ? "written"
                            : sums->unwritten < sums->compiled ? "not written for all of them"
                                                               : "not written: the next start "
                                                                 "compiles again"));
}

void thaw_summary_split(struct thaw_summary *summary)
{
    struct thaw_split_sums sums;

    thaw_split_sums_make(summary, &sums);
    if (!sums.split || !sums.all.ns)
        return;
    thaw_summary_title(summary, thaw_summary_format(summary, "What the imports' %s went into",
                                                    thaw_summary_duration(summary, sums.all.ns)));
    thaw_summary_split_table(summary, &sums);
    thaw_summary_split_notes(summary, &sums);
}
