/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_parts.h"
#include "compare/diff_view.h"
#include "report/keys.h"
#include "report/target_view.h"

/* A phase within another one is shown where it changed by that part of the total, or surely. */
enum { least_part = 100 };

bool thaw_diff_view_shows_phase(const struct thaw_summary *summary, const json_t *phase)
{
    const json_t *ns = json_object_get(phase, "ns");
    const json_t *total = json_object_get(thaw_diff_view_cold(summary), "total_ns");
    json_int_t change = json_integer_value(json_object_get(ns, "change_ns"));
    uint64_t size = thaw_differ_weight(change);

    if (!thaw_summary_number(phase, "level"))
        return true;
    if (thaw_diff_view_verdict_style(ns) != THAW_STYLE_PLAIN)
        return true;
    return thaw_summary_number(phase, "level") == 1 && size &&
           size >= thaw_summary_number(total, "before_ns") / least_part;
}

static void add_measure(struct thaw_summary *summary, struct libscols_table *table,
                        const char *name, const json_t *measure, const char *more)
{
    const char *verdict = thaw_diff_view_verdict(measure);
    const char *cells[] = {
        name,
        thaw_diff_view_time(summary, measure, "before_ns"),
        thaw_diff_view_time(summary, measure, "after_ns"),
        thaw_diff_view_change(summary, measure),
        thaw_diff_view_percent(summary, measure),
        thaw_summary_format(summary, "%s%s%s", verdict, *verdict && *more ? ", " : "", more),
    };

    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, thaw_diff_view_verdict_style(measure), cells,
                     6);
}

static void add_phases(struct thaw_summary *summary, struct libscols_table *table)
{
    const json_t *phase;
    size_t i;

    json_array_foreach(json_object_get(thaw_diff_view_cold(summary), "phases"), i, phase)
    {
        if (!thaw_diff_view_shows_phase(summary, phase))
            continue;
        add_measure(summary, table,
                    thaw_summary_format(summary, "%s%s",
                                        thaw_summary_number(phase, "level") ? "  " : "",
                                        thaw_summary_text(summary, phase, "name")),
                    json_object_get(phase, "ns"),
                    thaw_summary_is(phase, "counted") ? "" : "not counted");
    }
}

void thaw_diff_view_phases(const struct thaw_diff_view *view)
{
    static const char *const headings[] = {"", "BEFORE", "AFTER", "CHANGE", "", ""};
    struct thaw_summary *summary = view->summary;
    const json_t *cold = thaw_diff_view_cold(summary), *track;
    struct libscols_table *table;
    size_t i;

    if (!cold)
        return;
    thaw_summary_title(summary, "Phases");
    table = thaw_summary_table(summary, true);
    for (i = 0; i < sizeof(headings) / sizeof(headings[0]); i++)
        thaw_summary_column(summary, table, headings[i], i > 0 && i < 5);
    add_phases(summary, table);
    if (thaw_summary_number(json_object_get(cold, "unattributed_ns"), "before_ns") ||
        thaw_summary_number(json_object_get(cold, "unattributed_ns"), "after_ns"))
        add_measure(summary, table, "unattributed", json_object_get(cold, "unattributed_ns"), "");
    add_measure(summary, table, "total", json_object_get(cold, "total_ns"), "");
    add_measure(summary, table, "all imports by themselves", json_object_get(cold, "imports_ns"),
                "");
    json_array_foreach(json_object_get(cold, "tracks"), i, track)
    {
        if (i == view->top)
            break;
        add_measure(summary, table,
                    thaw_summary_format(summary, "further worker %llu",
                                        (unsigned long long)thaw_summary_number(track, "number")),
                    json_object_get(track, "total_ns"), "");
    }
    thaw_summary_print(summary, table);
}

const char *thaw_diff_view_count_name(const char *key)
{
    static const char *const names[][2] = {
        {"modules", "modules"},          {"app_modules", "the app's own"},
        {"extensions", "extensions"},    {"compiled", "compiled from source"},
        {"failed", "imports that fail"}, {"packages", "distributions"},
        {"libraries", "shared objects"}, {"opened_bytes", "files opened"},
        {"lookups", "look-ups"},         {"failed_lookups", "look-ups in vain"},
    };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i][0], key))
            return names[i][1];
    return key;
}

const char *thaw_diff_view_number(struct thaw_summary *summary, const char *name,
                                  const json_t *numbers, const char *key)
{
    uint64_t number = thaw_summary_number(numbers, key);

    if (!json_is_integer(json_object_get(numbers, key)))
        return "?";
    return !strcmp(name, "opened_bytes") ? thaw_summary_size(summary, number)
                                         : thaw_summary_count(summary, number);
}

/* Those that changed. */
void thaw_diff_view_counts(const struct thaw_diff_view *view)
{
    struct thaw_summary *summary = view->summary;
    const json_t *counts = json_object_get(thaw_diff_view_cold(summary), "counts");
    struct libscols_table *table = NULL;
    const char *key;
    json_t *numbers;

    json_object_foreach((json_t *)counts, key, numbers)
    {
        const char *cells[4] = {thaw_diff_view_count_name(key),
                                thaw_diff_view_number(summary, key, numbers, "before"),
                                thaw_diff_view_number(summary, key, numbers, "after"),
                                strcmp(key, "opened_bytes") != 0
                                    ? thaw_diff_view_count(view, numbers, "change")
                                    : thaw_diff_view_bytes(view, numbers, "change")};

        if (!json_integer_value(json_object_get(numbers, "change")))
            continue;
        if (!table) {
            thaw_summary_title(summary, "What is loaded");
            table = thaw_summary_table(summary, false);
            for (size_t i = 0; i < 4; i++)
                thaw_summary_column(summary, table, "", i > 0);
        }
        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 4);
    }
    if (table)
        thaw_summary_print(summary, table);
}
