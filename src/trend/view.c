/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/writers.h"
#include "trend/view.h"

enum { commit_columns = 12, date_length = 10, branches_named = 3 };

static int compare_entries(const void *left, const void *right)
{
    json_int_t a = ((const struct thaw_trend_entry *)left)->id;
    json_int_t b = ((const struct thaw_trend_entry *)right)->id;

    return (a > b) - (a < b);
}

void thaw_trend_view_begin(struct thaw_trend_view *view, const json_t *trend, bool texts,
                           const struct thaw_report_options *options, FILE *stream)
{
    const json_t *entries = json_object_get(trend, "entries"), *entry;
    size_t i;

    *view = (struct thaw_trend_view){0};
    if (texts)
        thaw_summary_begin_texts(&view->summary, trend, stream);
    else
        thaw_summary_begin(&view->summary, trend, options, stream);
    view->entries = thaw_arena_allocate(&view->summary.arena,
                                        (json_array_size(entries) + 1) * sizeof(*view->entries));
    view->summary.failed |= !view->entries;
    if (!view->entries)
        return;
    json_array_foreach(entries, i, entry)
    {
        view->entries[i] =
            (struct thaw_trend_entry){json_integer_value(json_object_get(entry, "id")), entry};
    }
    view->entry_count = i;
    qsort(view->entries, i, sizeof(*view->entries), compare_entries);
}

int thaw_trend_view_end(struct thaw_trend_view *view, struct thaw_error *error)
{
    return thaw_summary_end(&view->summary, error);
}

const json_t *thaw_trend_view_entry(const struct thaw_trend_view *view, const json_t *object)
{
    struct thaw_trend_entry wanted = {json_integer_value(json_object_get(object, "entry")), NULL};
    const struct thaw_trend_entry *found = NULL;

    if (view->entries)
        found = bsearch(&wanted, view->entries, view->entry_count, sizeof(wanted), compare_entries);
    return found ? found->entry : NULL;
}

static const char *date_of(struct thaw_trend_view *view, const json_t *entry)
{
    return thaw_summary_format(&view->summary, "%.*s", date_length,
                               thaw_summary_text(&view->summary, entry, "time"));
}

const char *thaw_trend_view_where(struct thaw_trend_view *view, const json_t *entry)
{
    struct thaw_summary *summary = &view->summary;
    const char *commit = thaw_summary_text(summary, entry, "commit");
    const char *branch = thaw_summary_text(summary, entry, "branch");
    json_int_t id = json_integer_value(json_object_get(entry, "id"));

    commit = *commit ? thaw_summary_format(summary, "%.*s", commit_columns, commit)
                     : thaw_summary_format(summary, "entry %" JSON_INTEGER_FORMAT, id);
    return thaw_summary_format(summary, "%s (%s%s%s)", commit, date_of(view, entry),
                               *branch ? ", " : "", branch);
}

const char *thaw_trend_view_head(struct thaw_trend_view *view)
{
    struct thaw_summary *summary = &view->summary;
    const json_t *entries = thaw_summary_list(summary->report, "entries");
    size_t count = json_array_size(entries);
    const json_t *last = json_array_get(entries, count - 1);
    const char *verdict = thaw_summary_text(summary, last, "verdict");
    const char *first_date = date_of(view, json_array_get(entries, 0));

    if (!count)
        return "no gate";
    return thaw_summary_format(summary, "%s from %s to %s; the latest: %s%s%s",
                               count == 1 ? "1 gate"
                                          : thaw_summary_format(summary, "%zu gates", count),
                               first_date, date_of(view, last), verdict, *verdict ? ", " : "",
                               thaw_trend_view_where(view, last));
}

/* The branches, "" where there is but one. */
static const char *branches_of(struct thaw_trend_view *view)
{
    const json_t *entry;
    json_t *seen = json_object();
    const char *text = "";
    size_t i, count;

    view->summary.failed |= !seen;
    json_array_foreach(json_object_get(view->summary.report, "entries"), i, entry)
    {
        const char *branch = thaw_summary_text(&view->summary, entry, "branch");

        if (!*branch || json_object_get(seen, branch))
            continue;
        view->summary.failed |= json_object_set_new(seen, branch, json_true()) != 0;
        if (json_object_size(seen) <= branches_named)
            text = thaw_summary_format(&view->summary, "%s%s%s", text, *text ? ", " : "", branch);
    }
    count = json_object_size(seen);
    json_decref(seen);
    if (count < 2)
        return "";
    return count <= branches_named ? text
                                   : thaw_summary_format(&view->summary, "%s and %zu more", text,
                                                         count - branches_named);
}

const char *const *thaw_trend_view_notes(struct thaw_trend_view *view)
{
    struct thaw_summary *summary = &view->summary;
    const char **notes = thaw_arena_allocate(&summary->arena, 4 * sizeof(*notes));
    static const char *const none[] = {NULL};
    const char *branches = branches_of(view);
    uint64_t removed = thaw_summary_number(summary->report, "removed");
    size_t used = 0;

    summary->failed |= !notes;
    if (!notes)
        return none;
    if (*branches)
        notes[used++] = thaw_summary_format(
            summary, "These are gates of several branches (%s); --branch takes those of one.",
            branches);
    if (!json_array_size(json_object_get(summary->report, "series")) &&
        json_array_size(json_object_get(summary->report, "entries")))
        notes[used++] = "None of them has a value of what was asked for.";
    if (removed)
        notes[used++] =
            thaw_summary_format(summary,
                                "%s earlier ones are no longer kept: a history has 10,000.",
                                thaw_summary_count(summary, removed));
    return notes;
}

const char *thaw_trend_view_title(struct thaw_trend_view *view, const json_t *series)
{
    static const char *const keys[] = {"module", "distribution", "phase"};
    struct thaw_summary *summary = &view->summary;
    const json_t *part = json_object_get(series, "part");
    const char *text = thaw_summary_text(summary, series, "metric");

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *name = thaw_summary_text(summary, part, keys[i]);

        if (*name)
            text = thaw_summary_format(summary, "%s of %s", text, name);
    }
    return text;
}

const char *thaw_trend_view_group(struct thaw_trend_view *view, const json_t *series)
{
    static const char *const keys[] = {"interpreter", "architecture", "backend", "machine"};
    struct thaw_summary *summary = &view->summary;
    const json_t *key = json_object_get(series, "key");
    const char *text = thaw_summary_text(summary, series, "name");

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *part = thaw_summary_text(summary, key, keys[i]);

        if (*part)
            text = thaw_summary_format(summary, "%s%s%s%s", text, *text ? ", " : "",
                                       i ? "" : "Python ", part);
    }
    return *text ? text : "(no name)";
}

double thaw_trend_view_number(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

const char *thaw_trend_view_value(struct thaw_trend_view *view, const json_t *series, double value)
{
    const char *unit = thaw_summary_text(&view->summary, series, "unit");
    double whole = floor(value);

    if (!strcmp(unit, "bytes"))
        return thaw_summary_size(&view->summary, (uint64_t)(value + 0.5));
    if (!strcmp(unit, "ns"))
        return thaw_summary_duration(&view->summary, (uint64_t)(value + 0.5));
    /* The median of an even number of runs may lie between two counts. */
    return thaw_summary_format(&view->summary, "%s%s",
                               thaw_summary_count(&view->summary, (uint64_t)value),
                               value == whole ? "" : ".5");
}

bool thaw_trend_view_is_exact(const json_t *series)
{
    const char *class = json_string_value(json_object_get(series, "class"));

    return class && !strcmp(class, "exact");
}

bool thaw_trend_view_is_bad(const json_t *series)
{
    return json_is_object(json_object_get(series, "first_bad"));
}

const char *thaw_trend_view_percent(struct thaw_trend_view *view, double share, const char *plus)
{
    long long tenths = llround(fmin(fabs(share), 1e6) * 1000);

    return thaw_summary_format(&view->summary, "%s%s.%lld %%", share < 0 ? "-" : plus,
                               thaw_summary_count(&view->summary, (uint64_t)(tenths / 10)),
                               tenths % 10);
}

const char *thaw_trend_view_signed(struct thaw_trend_view *view, const json_t *series,
                                   double change)
{
    return thaw_summary_format(&view->summary, "%s%s",
                               change > 0   ? "+"
                               : change < 0 ? "-"
                                            : "",
                               thaw_trend_view_value(view, series, fabs(change)));
}

/* Of what is exact the figure; of what is not its share is what can be put beside noise. */
const char *thaw_trend_view_change(struct thaw_trend_view *view, const json_t *series)
{
    const json_t *change = json_object_get(series, "change");
    const json_t *share = json_object_get(series, "share");

    if (!json_is_number(change))
        return "";
    if (thaw_trend_view_is_exact(series) || !json_is_number(share))
        return json_number_value(change) == 0
                   ? "="
                   : thaw_trend_view_signed(view, series, json_number_value(change));
    return thaw_trend_view_percent(view, json_number_value(share), "+");
}

const char *thaw_trend_view_sparkline(struct thaw_trend_view *view, const json_t *series,
                                      size_t columns)
{
    static const char *const bars[2][8] = {
        {"_", ".", "-", "~", "=", "+", "*", "#"},
        {"\xE2\x96\x81", "\xE2\x96\x82", "\xE2\x96\x83", "\xE2\x96\x84", "\xE2\x96\x85",
         "\xE2\x96\x86", "\xE2\x96\x87", "\xE2\x96\x88"},
    };
    const json_t *points = json_object_get(series, "points");
    size_t count = json_array_size(points), first = count > columns ? count - columns : 0;
    double least = INFINITY, most = 0;
    const char *text = "";

    for (size_t i = first; i < count; i++) {
        double value = thaw_trend_view_number(json_array_get(points, i), "value");

        least = fmin(least, value);
        most = fmax(most, value);
    }
    for (size_t i = first; i < count; i++) {
        double value = thaw_trend_view_number(json_array_get(points, i), "value");
        double place = most > least ? (value - least) / (most - least) : 0;

        text = thaw_summary_format(&view->summary, "%s%s", text,
                                   bars[view->summary.utf8][(size_t)(place * 7 + 0.5)]);
    }
    return text;
}
