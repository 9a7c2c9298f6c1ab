/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/target_view.h"
#include "report/writers.h"

/* `--view objects` and `--view duplicates`: the target's shared objects, and those it has twice. */

enum { columns = 7, path_columns = 31, one_section = 16 };

static const char *size_of(struct thaw_summary *summary, const json_t *object, const char *key)
{
    uint64_t bytes = thaw_summary_number(object, key);

    return bytes ? thaw_summary_size(summary, bytes) : "";
}

/* ".text 19.8 MB" of the largest ones */
static const char *sections_of(struct thaw_summary *summary, const json_t *library)
{
    const json_t *section;
    const char *text = "";
    size_t i;

    json_array_foreach(json_object_get(library, "sections"), i, section)
    {
        if (i == (summary->width - 80) / 2 / one_section + 1)
            break;
        text = thaw_summary_format(summary, "%s%s%s %s", text, i ? ", " : "",
                                   thaw_summary_text(summary, section, "name"),
                                   size_of(summary, section, "bytes"));
    }
    return text;
}

static const char *flags_of(const json_t *library)
{
    bool code = thaw_summary_is(library, "writable_code");
    bool stack = thaw_summary_is(library, "executable_stack");

    return code && stack ? "W+X, X-STACK" : code ? "W+X" : stack ? "X-STACK" : "";
}

static void add_object(struct thaw_summary *summary, struct libscols_table *table,
                       const json_t *library, bool flagged)
{
    size_t more = summary->width - 80, room = path_columns - (flagged ? 8 : 0);
    uint64_t relocations = thaw_summary_number(library, "relocations");
    uint64_t constructors = thaw_summary_number(library, "constructors");
    const char *cells[columns];
    size_t count = 0;

    cells[count++] = size_of(summary, library, "bytes");
    cells[count++] = size_of(summary, library, "strip_bytes");
    cells[count++] = relocations ? thaw_summary_count(summary, relocations) : "";
    cells[count++] = constructors ? thaw_summary_count(summary, constructors) : "";
    if (flagged)
        cells[count++] = thaw_summary_fit(summary, flags_of(library), 7);
    cells[count++] = thaw_summary_fit_end(summary, thaw_view_object(summary, library, "path"),
                                          room - 6 + more / 2);
    cells[count++] = thaw_summary_fit(summary, sections_of(summary, library), 14 + more / 2);
    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_FAINT, cells, count);
}

static bool is_flagged(const json_t *libraries)
{
    const json_t *library;
    size_t i;

    json_array_foreach(libraries, i, library)
    {
        if (!thaw_summary_is(library, "outside") && *flags_of(library))
            return true;
    }
    return false;
}

int thaw_write_objects(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error)
{
    const json_t *list = json_object_get(report, "libraries");
    size_t count = json_array_size(list), shown = 0, most;
    bool flagged = is_flagged(list);
    struct thaw_summary summary;
    struct libscols_table *table;
    const json_t **sorted;

    thaw_summary_begin(&summary, report, options, stream);
    most = thaw_view_rows(&summary, SIZE_MAX);
    sorted = thaw_view_sorted(&summary, list, "bytes");
    table = thaw_summary_table(&summary, true);
    thaw_summary_column(&summary, table, "SIZE", true);
    thaw_summary_column(&summary, table, "STRIP", true);
    thaw_summary_column(&summary, table, "RELOCATIONS", true);
    thaw_summary_column(&summary, table, "INIT", true);
    if (flagged)
        thaw_summary_column(&summary, table, "FLAGS", false);
    thaw_summary_column(&summary, table, "OBJECT", false);
    thaw_summary_column(&summary, table, "SECTIONS", false);
    for (size_t i = 0; sorted && i < count; i++) {
        if (thaw_summary_is(sorted[i], "outside") || shown++ >= most)
            continue;
        add_object(&summary, table, sorted[i], flagged);
    }
    thaw_summary_print(&summary, table);
    thaw_view_rest(&summary, most, shown, "shared objects");
    if (!shown)
        thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "", "There are no shared objects.");
    return thaw_summary_end(&summary, error);
}

static const char *kind_words(const char *kind)
{
    if (!strcmp(kind, "content"))
        return "equal";
    return !strcmp(kind, "build-id") ? "one build, changed afterwards"
                                     : "same library, other builds";
}

static void write_duplicate(struct thaw_summary *summary, const json_t *duplicate)
{
    const char *kind = json_string_value(json_object_get(duplicate, "kind"));
    const char *winner = thaw_summary_text(summary, duplicate, "winner");

    thaw_summary_title(
        summary, thaw_summary_fit(
                     summary,
                     thaw_summary_format(
                         summary, "%s (%s): %s too much",
                         thaw_summary_text(summary, duplicate, "key"), kind_words(kind ? kind : ""),
                         thaw_summary_size(summary, thaw_summary_number(duplicate, "waste_bytes"))),
                     summary->width));
    for (size_t i = 0; i < json_array_size(json_object_get(duplicate, "paths")); i++)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_item(summary, duplicate, "paths", i));
    if (*winner)
        thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "a process uses: ", winner);
}

int thaw_write_duplicates(const json_t *report, const struct thaw_report_options *options,
                          FILE *stream, struct thaw_error *error)
{
    const json_t *list = json_object_get(report, "duplicates");
    size_t count = json_array_size(list), most;
    struct thaw_summary summary;
    const json_t **sorted;

    thaw_summary_begin(&summary, report, options, stream);
    most = thaw_view_rows(&summary, SIZE_MAX);
    sorted = thaw_view_sorted(&summary, list, "waste_bytes");
    thaw_target_head(&summary);
    for (size_t i = 0; sorted && i < count && i < most; i++)
        write_duplicate(&summary, sorted[i]);
    thaw_view_rest(&summary, most, count, "ones that are there several times");
    if (!count)
        thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "",
                               "No shared object is there several times.");
    return thaw_summary_end(&summary, error);
}
