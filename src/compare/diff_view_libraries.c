/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_view.h"

/* Columns of what stands before a path. */
enum { before_path = 24 };

static const char *word_of(const json_t *change)
{
    const char *word = json_string_value(json_object_get(change, "change"));

    if (word && !strcmp(word, "build"))
        return "rebuilt";
    if (word && !strcmp(word, "size"))
        return json_integer_value(json_object_get(change, "bytes_change")) < 0 ? "shrank" : "grew";
    return word ? word : "";
}

static struct libscols_table *begin(const struct thaw_diff_view *view, const char *title)
{
    struct libscols_table *table = thaw_summary_table(view->summary, false);

    thaw_summary_title(view->summary, title);
    thaw_summary_column(view->summary, table, "", true);
    thaw_summary_column(view->summary, table, "", false);
    thaw_summary_column(view->summary, table, "", false);
    return table;
}

static void put(const struct thaw_diff_view *view, struct libscols_table *table, const char *bytes,
                const char *word, const char *text)
{
    const char *cells[] = {
        bytes, word, thaw_summary_fit_end(view->summary, text, view->summary->width - before_path)};

    thaw_summary_row(view->summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 3);
}

void thaw_diff_view_libraries(const struct thaw_diff_view *view)
{
    const json_t *changes = thaw_summary_list(view->summary->report, "libraries"), *change;
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(changes))
        return;
    table = begin(view, "Shared libraries");
    json_array_foreach(changes, i, change)
    {
        const char *path = thaw_summary_text(view->summary, change, "path");
        const char *bytes = thaw_diff_view_bytes(view, change, "bytes_change");

        if (i == view->top)
            break;
        if (thaw_summary_is(change, "outside")) {
            path = thaw_summary_format(view->summary, "%s (of the system)", path);
            bytes = "";
        }
        put(view, table, bytes, word_of(change), path);
    }
    thaw_summary_print(view->summary, table);
    thaw_diff_view_rest(view, changes, "libraries");
}

void thaw_diff_view_missing(const struct thaw_diff_view *view)
{
    const json_t *changes = thaw_summary_list(view->summary->report, "missing"), *change;
    size_t i;

    if (!json_array_size(changes))
        return;
    thaw_summary_title(view->summary, "Libraries that would not be found");
    json_array_foreach(changes, i, change)
    {
        if (i == view->top)
            break;
        thaw_summary_bullet(
            view->summary, thaw_diff_view_word_style(change),
            thaw_summary_format(view->summary, "%s: %s, wanted by %s", word_of(change),
                                thaw_summary_text(view->summary, change, "name"),
                                thaw_summary_text(view->summary, change, "wanted_by")));
    }
    thaw_diff_view_rest(view, changes, "libraries");
}

void thaw_diff_view_duplicates(const struct thaw_diff_view *view)
{
    const json_t *changes = thaw_summary_list(view->summary->report, "duplicates"), *change;
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(changes))
        return;
    table = begin(view, "The same library several times");
    json_array_foreach(changes, i, change)
    {
        if (i == view->top)
            break;
        put(view, table,
            thaw_summary_size(view->summary, thaw_summary_number(change, "waste_bytes")),
            word_of(change),
            thaw_summary_format(view->summary, "%s, %zu times by %s",
                                thaw_summary_text(view->summary, change, "key"),
                                json_array_size(json_object_get(change, "paths")),
                                thaw_summary_text(view->summary, change, "kind")));
    }
    thaw_summary_print(view->summary, table);
    thaw_diff_view_rest(view, changes, "libraries");
}
