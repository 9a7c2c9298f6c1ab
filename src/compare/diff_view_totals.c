/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff_view.h"

/* Columns of "-999.9 MB" and what else stands before a path. */
enum { change_columns = 32 };

static const char *side(struct thaw_summary *summary, const json_t *numbers, const char *key,
                        const char *(*form)(struct thaw_summary *, uint64_t))
{
    if (!json_is_integer(json_object_get(numbers, key)))
        return "?";
    return form(summary, thaw_summary_number(numbers, key));
}

static void add_row(const struct thaw_diff_view *view, struct libscols_table *table,
                    const char *name, const json_t *numbers, bool bytes)
{
    const char *(*form)(struct thaw_summary *, uint64_t) =
        bytes ? thaw_summary_size : thaw_summary_count;
    const char *change = bytes ? thaw_diff_view_bytes(view, numbers, "change")
                               : thaw_diff_view_count(view, numbers, "change");
    const char *cells[] = {name, side(view->summary, numbers, "before", form),
                           side(view->summary, numbers, "after", form), change};

    thaw_summary_row(view->summary, table, THAW_STYLE_PLAIN,
                     thaw_diff_view_style(numbers, "change"), cells, 4);
}

/* "of which bytecode", where anything changed. */
static void add_kinds(const struct thaw_diff_view *view, struct libscols_table *table,
                      const json_t *totals)
{
    const char *kind;
    json_t *amount;

    json_object_foreach((json_t *)json_object_get(totals, "kinds"), kind, amount)
    {
        const json_t *numbers = json_object_get(amount, "disk_bytes");
        const json_t *change = json_object_get(numbers, "change");

        if (json_is_integer(change) && json_integer_value(change))
            add_row(view, table, thaw_summary_format(view->summary, "  %s", kind), numbers, true);
    }
}

static json_t *counts(const json_t *diff, const char *key)
{
    const json_t *before = json_object_get(json_object_get(diff, "before"), key);
    const json_t *after = json_object_get(json_object_get(diff, "after"), key);
    json_int_t change = json_integer_value(after) - json_integer_value(before);

    return json_pack("{sO sO so}", "before", before, "after", after, "change",
                     json_is_integer(before) && json_is_integer(after) ? json_integer(change)
                                                                       : json_null());
}

static void add_count(const struct thaw_diff_view *view, struct libscols_table *table,
                      const char *key)
{
    json_t *numbers = counts(view->summary->report, key);

    view->summary->failed |= !numbers;
    if (json_is_integer(json_object_get(numbers, "before")) ||
        json_is_integer(json_object_get(numbers, "after")))
        add_row(view, table, key, numbers, false);
    json_decref(numbers);
}

/* Some side has some. */
static bool has_totals(const json_t *totals)
{
    const json_t *numbers = json_object_get(totals, "disk_bytes");

    return json_is_integer(json_object_get(numbers, "before")) ||
           json_is_integer(json_object_get(numbers, "after"));
}

/* Is the number of either side known? */
static bool has_count(const json_t *diff, const char *key)
{
    return json_is_integer(json_object_get(json_object_get(diff, "before"), key)) ||
           json_is_integer(json_object_get(json_object_get(diff, "after"), key));
}

void thaw_diff_view_totals(const struct thaw_diff_view *view)
{
    const json_t *totals = json_object_get(view->summary->report, "totals");
    struct libscols_table *table;

    if (!has_totals(totals) && !has_count(view->summary->report, "distributions") &&
        !has_count(view->summary->report, "libraries"))
        return;
    table = thaw_summary_table(view->summary, true);
    thaw_summary_title(view->summary, "Totals");
    thaw_summary_column(view->summary, table, "", false);
    thaw_summary_column(view->summary, table, "before", true);
    thaw_summary_column(view->summary, table, "after", true);
    thaw_summary_column(view->summary, table, "change", true);
    if (has_totals(totals)) {
        add_row(view, table, "on the disk", json_object_get(totals, "disk_bytes"), true);
        add_kinds(view, table, totals);
        add_row(view, table, "bytes of files", json_object_get(totals, "bytes"), true);
        add_row(view, table, "files", json_object_get(totals, "files"), false);
        add_row(view, table, "folders", json_object_get(totals, "directories"), false);
    }
    add_count(view, table, "distributions");
    add_count(view, table, "libraries");
    thaw_summary_print(view->summary, table);
}

void thaw_diff_view_folders(const struct thaw_diff_view *view)
{
    const json_t *folders = thaw_summary_list(view->summary->report, "folders"), *folder;
    struct libscols_table *table;
    bool inexact = false;
    size_t i;

    if (!json_array_size(folders))
        return;
    thaw_summary_title(view->summary, "Folders that changed most, on the disk");
    table = thaw_summary_table(view->summary, false);
    thaw_summary_column(view->summary, table, "", true);
    thaw_summary_column(view->summary, table, "", false);
    json_array_foreach(folders, i, folder)
    {
        const char *path = thaw_summary_text(view->summary, folder, "path");
        const char *cells[2];

        if (i == view->top)
            break;
        inexact |= !thaw_summary_is(folder, "exact");
        cells[0] = thaw_summary_format(view->summary, "%s%s",
                                       thaw_diff_view_bytes(view, folder, "disk_bytes_change"),
                                       thaw_summary_is(folder, "exact") ? " " : "*");
        cells[1] = thaw_summary_fit_end(view->summary, *path ? path : ".",
                                        view->summary->width - change_columns);
        thaw_summary_row(view->summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 2);
    }
    thaw_summary_print(view->summary, table);
    thaw_diff_view_rest(view, folders, "folders");
    if (inexact)
        thaw_summary_paragraph(view->summary, THAW_STYLE_FAINT, "  * ",
                               "one side does not have it, or less than 0.05 % of its space is "
                               "there: taken as nothing");
}
