/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <string.h>

#include "report/summary_parts.h"

enum {
    expanded = 2,      /* phases whose children are shown */
    most_workers = 8,  /* further workers, one line each */
    name_columns = 24, /* as wide as a name may be */
    /* the columns beside the bar: name, "12345.67 s", "not counted", three gaps */
    beside_bar = name_columns + 10 + 11 + 6,
    widest_bar = 60,
};

struct phase_table {
    struct libscols_table *table;
    uint64_t total_ns; /* shares are of this */
    uint64_t scale_ns; /* the longest bar is this */
    size_t bar_columns;
};

uint64_t thaw_summary_phase_ns(const json_t *phase)
{
    /* "vm" may begin before the kernel's clock did: there it is negative. */
    json_int_t start_ns = json_integer_value(json_object_get(phase, "start_ns"));
    json_int_t end_ns = json_integer_value(json_object_get(phase, "end_ns"));

    return end_ns > start_ns ? (uint64_t)end_ns - (uint64_t)start_ns : 0;
}

/* The duration in units of bar_columns × parts; at least one for what took any time at all. */
static size_t bar_parts(const struct phase_table *table, uint64_t ns, size_t parts)
{
    double share = table->scale_ns ? (double)ns / (double)table->scale_ns : 0;
    size_t length;

    if (share > 1)
        share = 1;
    length = (size_t)(share * (double)(table->bar_columns * parts) + 0.5);
    return ns && !length ? 1 : length;
}

static const char *repeat(struct thaw_summary *summary, const char *mark, size_t count,
                          const char *end)
{
    char *text = thaw_arena_allocate(&summary->arena, count * strlen(mark) + strlen(end) + 1);

    summary->failed |= !text;
    if (!text)
        return "";
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * strlen(mark), mark, strlen(mark));
    strcpy(text + count * strlen(mark), end);
    return text;
}

/* U+2588 to U+258F: a full block, then seven to one eighths of it. */
static const char *solid_bar(struct thaw_summary *summary, const struct phase_table *table,
                             uint64_t ns)
{
    static const char *const eighths[] = {
        "",
        "\xE2\x96\x8F",
        "\xE2\x96\x8E",
        "\xE2\x96\x8D",
        "\xE2\x96\x8C",
        "\xE2\x96\x8B",
        "\xE2\x96\x8A",
        "\xE2\x96\x89",
    };
    size_t parts;

    if (!summary->utf8)
        return repeat(summary, "#", bar_parts(table, ns, 1), "");
    parts = bar_parts(table, ns, 8);
    return repeat(summary, "\xE2\x96\x88", parts / 8, eighths[parts % 8]);
}

/* Shaded (U+2592, U+2591) for what is inside another bar or in none; ">" where it goes on. */
static const char *shaded_bar(struct thaw_summary *summary, const struct phase_table *table,
                              uint64_t ns, bool counted)
{
    const char *mark =
        summary->utf8 ? (counted ? "\xE2\x96\x92" : "\xE2\x96\x91") : (counted ? "=" : ".");
    size_t length = bar_parts(table, ns, 1);

    if (ns > table->scale_ns && length)
        return repeat(summary, mark, length - 1, ">");
    return repeat(summary, mark, length, "");
}

static void add_row(struct thaw_summary *summary, const struct phase_table *table, const char *name,
                    uint64_t ns, bool counted, bool child)
{
    const char *bar =
        counted && !child ? solid_bar(summary, table, ns) : shaded_bar(summary, table, ns, counted);
    const char *share = counted ? thaw_summary_share(summary, ns, table->total_ns) : "not counted";
    const char *cells[] = {
        thaw_summary_fit(summary, name, name_columns),
        thaw_summary_duration(summary, ns),
        share,
        bar,
    };
    enum thaw_style style = counted ? THAW_STYLE_PLAIN : THAW_STYLE_FAINT;

    thaw_summary_row(summary, table->table, style, counted ? THAW_STYLE_BAR : THAW_STYLE_FAINT,
                     cells, sizeof(cells) / sizeof(cells[0]));
}

/* "worker.imports" below "worker" is "  imports". */
static void add_children(struct thaw_summary *summary, const struct phase_table *table,
                         const json_t *phase)
{
    const char *parent = thaw_summary_text(summary, phase, "name");
    size_t length = strlen(parent), i;
    const json_t *child;

    json_array_foreach(json_object_get(phase, "children"), i, child)
    {
        const char *name = thaw_summary_text(summary, child, "name");
        const json_t *counted = json_object_get(child, "counted");

        if (!strncmp(name, parent, length) && name[length] == '.')
            name += length + 1;
        add_row(summary, table, thaw_summary_format(summary, "    %s", name),
                thaw_summary_phase_ns(child), !json_is_false(counted), true);
    }
}

/* Whether fewer than `expanded` counted phases took longer (of equals, the first ones count). */
static bool is_expanded(const json_t *phases, size_t index)
{
    uint64_t ns = thaw_summary_phase_ns(json_array_get(phases, index));
    size_t longer = 0, i;
    const json_t *other;

    json_array_foreach(phases, i, other)
    {
        uint64_t other_ns = thaw_summary_phase_ns(other);

        if (i != index && thaw_summary_is(other, "counted"))
            longer += other_ns > ns || (other_ns == ns && i < index);
    }
    return longer < expanded;
}

static void set_scale(struct thaw_summary *summary, const json_t *track, struct phase_table *table)
{
    const json_t *phase;
    size_t i;

    table->total_ns = thaw_summary_number(track, "total_ns");
    table->scale_ns = thaw_summary_number(track, "unattributed_ns");
    json_array_foreach(json_object_get(track, "phases"), i,
                       phase) if (thaw_summary_is(phase, "counted") &&
                                  thaw_summary_phase_ns(phase) > table->scale_ns) table->scale_ns =
        thaw_summary_phase_ns(phase);
    table->bar_columns = summary->width - beside_bar;
    if (table->bar_columns > widest_bar)
        table->bar_columns = widest_bar;
}

void thaw_summary_track(struct thaw_summary *summary, const json_t *track)
{
    const json_t *phases = json_object_get(track, "phases"), *phase;
    uint64_t rest_ns = thaw_summary_number(track, "unattributed_ns");
    struct phase_table table = {.table = thaw_summary_table(summary, false)};
    size_t i;

    set_scale(summary, track, &table);
    thaw_summary_column(summary, table.table, "phase", false);
    thaw_summary_column(summary, table.table, "time", true);
    thaw_summary_column(summary, table.table, "share", true);
    thaw_summary_column(summary, table.table, "bar", false);
    json_array_foreach(phases, i, phase)
    {
        bool counted = thaw_summary_is(phase, "counted");
        const char *name = thaw_summary_text(summary, phase, "name");

        add_row(summary, &table, thaw_summary_format(summary, "  %s", name),
                thaw_summary_phase_ns(phase), counted, false);
        if (counted && is_expanded(phases, i))
            add_children(summary, &table, phase);
    }
    if (rest_ns)
        add_row(summary, &table, "  unattributed", rest_ns, true, false);
    thaw_summary_print(summary, table.table);
}

static void write_worker(struct thaw_summary *summary, const json_t *track)
{
    const json_t *process = thaw_summary_process(summary, thaw_summary_number(track, "process"));
    const char *total = thaw_summary_duration(summary, thaw_summary_number(track, "total_ns"));
    const char *ending =
        thaw_summary_is(track, "answered") ? "to its first reply" : "and no first reply seen";

    thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                        thaw_summary_format(summary, "worker %" PRIu64 " (pid %" PRIu64 "): %s %s",
                                            thaw_summary_number(track, "id"),
                                            thaw_summary_number(process, "pid"), total, ending));
}

void thaw_summary_workers(struct thaw_summary *summary)
{
    const json_t *tracks = thaw_summary_list(summary->report, "tracks"), *track;
    size_t count = json_array_size(tracks), written = 0, i;

    if (count < 2)
        return;
    thaw_summary_title(summary, "Further workers");
    json_array_foreach(tracks, i, track)
    {
        if (track == summary->track)
            continue;
        if (written == most_workers) {
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "and %zu more", count - 1 - written));
            return;
        }
        write_worker(summary, track);
        written++;
    }
}

void thaw_summary_phases(struct thaw_summary *summary)
{
    if (!json_array_size(json_object_get(summary->track, "phases")))
        return;
    fputc('\n', summary->stream);
    thaw_summary_track(summary, summary->track);
}
