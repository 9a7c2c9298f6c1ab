/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff.h"
#include "compare/diff_view.h"
#include "report/target_view.h"

enum { usual_rows = 15 };

static const char *with_sign(const struct thaw_diff_view *view, const json_t *object,
                             const char *key,
                             const char *(*form)(struct thaw_summary *summary, uint64_t value))
{
    const json_t *value = json_object_get(object, key);
    json_int_t change = json_integer_value(value);
    const char *sign = change > 0 ? "+" : change < 0 ? "-" : "";

    if (!json_is_integer(value))
        return "";
    return thaw_summary_format(view->summary, "%s%s", sign,
                               form(view->summary, (uint64_t)(change < 0 ? -change : change)));
}

const char *thaw_diff_view_bytes(const struct thaw_diff_view *view, const json_t *object,
                                 const char *key)
{
    return with_sign(view, object, key, thaw_summary_size);
}

const char *thaw_diff_view_count(const struct thaw_diff_view *view, const json_t *object,
                                 const char *key)
{
    return with_sign(view, object, key, thaw_summary_count);
}

enum thaw_style thaw_diff_view_style(const json_t *object, const char *key)
{
    json_int_t change = json_integer_value(json_object_get(object, key));

    if (change == 0)
        return THAW_STYLE_PLAIN;
    return change > 0 ? THAW_STYLE_BAD : THAW_STYLE_GOOD;
}

enum thaw_style thaw_diff_view_word_style(const json_t *object)
{
    const char *word = json_string_value(json_object_get(object, "change"));

    return word && !strcmp(word, "came") ? THAW_STYLE_BAD : THAW_STYLE_GOOD;
}

void thaw_diff_view_rest(const struct thaw_diff_view *view, const json_t *list, const char *what)
{
    thaw_view_rest(view->summary, view->top, json_array_size(list), what);
}

static bool says(const char *text, const char *word)
{
    return text && !strcmp(text, word);
}

/* "virtual-environment, cpython 3.11 on x86_64"; "6 recordings, cpython 3.11.2 on x86_64". */
const char *thaw_diff_view_side(struct thaw_summary *summary, const json_t *side)
{
    size_t runs = json_array_size(json_object_get(side, "runs"));
    const json_t *python = json_object_get(side, "python");
    const char *kind = thaw_summary_text(summary, side, "kind");
    const char *version = thaw_summary_text(summary, python, "full_version"), *machine;

    if (!*version)
        version = thaw_summary_text(summary, python, "version");
    if (!*kind)
        kind = runs > 1 ? thaw_summary_format(summary, "%zu recordings", runs) : "recording";
    if (!*version)
        return kind;
    machine = thaw_summary_text(summary, python, "machine");
    return thaw_summary_format(summary, "%s, %s %s%s%s", kind,
                               thaw_summary_text(summary, python, "implementation"), version,
                               *machine ? " on " : "", machine);
}

static void write_side(const struct thaw_diff_view *view, const char *lead, const char *key)
{
    struct thaw_summary *summary = view->summary;
    const json_t *side = json_object_get(summary->report, key);

    thaw_summary_paragraph(summary, THAW_STYLE_PLAIN, lead,
                           thaw_summary_format(summary, "%s (%s)",
                                               thaw_summary_text(summary, side, "name"),
                                               thaw_diff_view_side(summary, side)));
}

/* What makes figures of the two sides less than comparable. */
static void write_notes(const struct thaw_diff_view *view)
{
    struct thaw_summary *summary = view->summary;
    const json_t *sides[2] = {json_object_get(summary->report, "before"),
                              json_object_get(summary->report, "after")};
    const json_t *pythons[2] = {json_object_get(sides[0], "python"),
                                json_object_get(sides[1], "python")};
    bool zipped[2];

    for (int i = 0; i < 2; i++) {
        uint64_t faults = thaw_summary_number(sides[i], "faults");
        const char *name = thaw_summary_text(summary, sides[i], "name");

        zipped[i] = says(json_string_value(json_object_get(sides[i], "kind")), "zip");
        if (!thaw_summary_is(sides[i], "complete"))
            thaw_summary_bullet(summary, THAW_STYLE_BAD,
                                thaw_summary_format(summary, "%s is not complete.", name));
        if (faults)
            thaw_summary_bullet(
                summary, THAW_STYLE_BAD,
                thaw_summary_format(summary,
                                    "%s could not be read in %s %s: its figures may be "
                                    "too small (`thaw deps` lists them).",
                                    name, thaw_summary_count(summary, faults),
                                    faults == 1 ? "place" : "places"));
    }
    if (zipped[0] != zipped[1])
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            "One side is a zip: its space on the disk is compressed.");
    if (!json_equal(json_object_get(pythons[0], "version"), json_object_get(pythons[1], "version")))
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            "They are for different versions of Python.");
}

int thaw_write_diff(const json_t *diff, const struct thaw_report_options *options, FILE *stream,
                    struct thaw_error *error)
{
    struct thaw_summary summary;
    struct thaw_diff_view view = {&summary, usual_rows};

    thaw_summary_begin(&summary, diff, options, stream);
    view.top = thaw_view_rows(&summary, usual_rows);
    if (thaw_diff_view_cold(&summary))
        thaw_summary_paragraph(&summary, THAW_STYLE_STRONG, "", thaw_diff_view_headline(&summary));
    write_side(&view, "from  ", "before");
    write_side(&view, "to    ", "after");
    thaw_diff_view_notes(&summary);
    write_notes(&view);
    thaw_diff_view_phases(&view);
    thaw_diff_view_modules(&view);
    thaw_diff_view_import_packages(&view);
    thaw_diff_view_branches(&view);
    thaw_diff_view_counts(&view);
    thaw_diff_view_totals(&view);
    thaw_diff_view_requirements(&view);
    thaw_diff_view_distributions(&view);
    thaw_diff_view_libraries(&view);
    thaw_diff_view_missing(&view);
    thaw_diff_view_duplicates(&view);
    thaw_diff_view_conflicts(&view);
    thaw_diff_view_foreign(&view);
    thaw_diff_view_folders(&view);
    return thaw_summary_end(&summary, error);
}
