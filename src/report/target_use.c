/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/target_view.h"

/* What recordings say of the target: how much of it was used, and of which packages. */

enum { usual_rows = 10 };

static bool is_number(const json_t *object, const char *key)
{
    return json_is_integer(json_object_get(object, key));
}

static const char *size_of(struct thaw_summary *summary, const json_t *object, const char *key)
{
    return is_number(object, key) ? thaw_summary_size(summary, thaw_summary_number(object, key))
                                  : "not known";
}

static const char *recordings_title(struct thaw_summary *summary, const json_t *use)
{
    const json_t *recordings = json_object_get(use, "recordings"), *recording;
    size_t count = json_array_size(recordings), replied = 0, i;

    json_array_foreach(recordings, i, recording) replied += thaw_summary_is(recording, "replied");
    return thaw_summary_format(summary, "What %zu recording%s used of it%s", count,
                               count == 1 ? "" : "s",
                               replied && replied == count ? " before the first reply" : "");
}

/* Is any of the recordings that count not whole? */
static bool has_losses(const json_t *use)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(use, "recordings"), i, one)
    {
        const char *match = json_string_value(json_object_get(one, "match"));

        if (!json_is_true(json_object_get(one, "whole")) && match && strcmp("none", match) != 0)
            return true;
    }
    return false;
}

void thaw_target_stages(struct thaw_summary *summary)
{
    static const char *const names[] = {"STAGE", "SIZE", "SHARE", "FILES", "LIBRARIES", "SIZE"};
    const json_t *use = json_object_get(summary->report, "use");
    const json_t *stages = json_object_get(use, "stages"), *stage;
    uint64_t whole = thaw_summary_number(json_array_get(stages, 0), "bytes");
    struct libscols_table *table;
    size_t i;

    if (!json_array_size(stages))
        return;
    thaw_summary_title(summary, recordings_title(summary, use));
    table = thaw_summary_table(summary, true);
    for (i = 0; i < 6; i++)
        thaw_summary_column(summary, table, names[i], i > 0);
    json_array_foreach(stages, i, stage)
    {
        bool known = is_number(stage, "bytes");
        const char *cells[] = {
            thaw_summary_text(summary, stage, "stage"),
            size_of(summary, stage, "bytes"),
            known ? thaw_summary_share(summary, thaw_summary_number(stage, "bytes"), whole) : "",
            known ? thaw_summary_count(summary, thaw_summary_number(stage, "files")) : "",
            known ? thaw_summary_count(summary, thaw_summary_number(stage, "library_files")) : "",
            known ? size_of(summary, stage, "library_bytes") : "",
        };

        thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, 6);
    }
    thaw_summary_print(summary, table);
    thaw_summary_paragraph(summary, THAW_STYLE_FAINT, "",
                           "mapped and resident are of shared objects only; used: files that "
                           "executed code came from, of shared objects what was resident");
    if (has_losses(use))
        thaw_summary_paragraph(summary, THAW_STYLE_BAD, "",
                               "All but what is shipped is at least that: a recording is "
                               "incomplete, or its program was running already.");
}

/* Where the recordings had the target, and what does not agree with it. */
void thaw_target_recordings(struct thaw_summary *summary)
{
    const json_t *use = json_object_get(summary->report, "use"), *one;
    size_t i;

    json_array_foreach(json_object_get(use, "recordings"), i, one)
    {
        const char *match = thaw_summary_text(summary, one, "match");
        const char *path = thaw_summary_text(summary, one, "path");
        const char *root = thaw_summary_text(summary, one, "root");
        uint64_t missing = thaw_summary_number(one, "not_found");
        uint64_t sized = thaw_summary_number(one, "other_size");
        uint64_t changed = thaw_summary_number(one, "other_time");
        uint64_t relative = thaw_summary_number(one, "relative");
        const char *text;

        if (!strcmp(match, "none")) {
            thaw_summary_bullet(summary, THAW_STYLE_BAD,
                                thaw_summary_format(summary,
                                                    "%s has hardly any file of this target: "
                                                    "nothing of it counts",
                                                    path));
            continue;
        }
        if (!missing && !sized && !changed && !relative && !strcmp(match, "path"))
            continue;
        text = thaw_summary_format(summary, "%s: %s of its files found%s%s", path,
                                   thaw_summary_count(summary, thaw_summary_number(one, "files")),
                                   strcmp(match, "name") ? "" : " by their names below ",
                                   strcmp(match, "name") ? ""
                                   : *root               ? root
                                                         : "/");
        if (missing)
            text = thaw_summary_format(summary, "%s, %s are not in the target", text,
                                       thaw_summary_count(summary, missing));
        if (sized)
            text = thaw_summary_format(summary, "%s, %s had another size", text,
                                       thaw_summary_count(summary, sized));
        if (changed)
            text = thaw_summary_format(summary, "%s, %s were changed since", text,
                                       thaw_summary_count(summary, changed));
        if (relative)
            text = thaw_summary_format(summary, "%s; %s openings by relative paths can't be placed",
                                       text, thaw_summary_count(summary, relative));
        thaw_summary_bullet(summary, THAW_STYLE_FAINT, text);
    }
}

static const char *time_of(struct thaw_summary *summary, const json_t *object, const char *key)
{
    uint64_t ns = thaw_summary_number(object, key);

    return ns ? thaw_summary_duration(summary, ns) : "";
}

/* Columns of the table of packages. Where it is narrow, MAPPED is left out: RESIDENT is of it. */
static const struct {
    const char *name;
    const char *key;
    bool is_time;
    bool is_wide;
} package_columns[] = {
    {"SIZE", "bytes", false, false},
    {"OPENED", "opened_bytes", false, false},
    {"MAPPED", "mapped_bytes", false, true},
    {"RESIDENT", "resident_bytes", false, false},
    {"USED", "used_bytes", false, false},
    {"OWN", "import_ns", true, false},
    {"WITH ALL", "import_total_ns", true, false},
};

enum {
    package_column_count = sizeof(package_columns) / sizeof(package_columns[0]),
    package_numbers = 64, /* columns that they take where it is narrow, and of the wide one: */
    package_wide_number = 10,
    wide = 100,
};

static bool is_left_out(const struct thaw_summary *summary, size_t column)
{
    return package_columns[column].is_wide && summary->width < wide;
}

static void add_package(struct thaw_summary *summary, struct libscols_table *table,
                        const json_t *package)
{
    size_t room =
        summary->width - package_numbers - (summary->width < wide ? 0 : package_wide_number);
    const char *cells[package_column_count + 1];
    size_t count = 0;

    for (size_t i = 0; i < package_column_count; i++) {
        const char *key = package_columns[i].key;

        if (!is_left_out(summary, i))
            cells[count++] = package_columns[i].is_time ? time_of(summary, package, key)
                             : is_number(package, key)  ? size_of(summary, package, key)
                                                        : "-";
    }
    cells[count++] = thaw_summary_fit(summary, thaw_view_package(summary, package), room);
    thaw_summary_row(summary, table, THAW_STYLE_PLAIN, THAW_STYLE_PLAIN, cells, count);
}

/* Those that were touched: what dragged in most time comes first. */
static void write_packages(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "distributions");
    const json_t **sorted = thaw_view_sorted(summary, list, "import_total_ns");
    size_t count = json_array_size(list), shown = 0, touched = 0;
    struct libscols_table *table;

    for (size_t i = 0; sorted && i < count; i++)
        touched += thaw_summary_number(sorted[i], "used_in") != 0;
    if (!touched)
        return;
    thaw_summary_title(summary, "Packages by the time their imports took with all they imported");
    table = thaw_summary_table(summary, true);
    for (size_t i = 0; i < package_column_count; i++) {
        if (!is_left_out(summary, i))
            thaw_summary_column(summary, table, package_columns[i].name, true);
    }
    thaw_summary_column(summary, table, "PACKAGE", false);
    for (size_t i = 0; i < count && shown < most; i++) {
        if (!thaw_summary_number(sorted[i], "used_in"))
            continue;
        add_package(summary, table, sorted[i]);
        shown++;
    }
    thaw_summary_print(summary, table);
    thaw_view_rest(summary, shown, touched, "packages");
}

static void write_sum(struct thaw_summary *summary, size_t count, uint64_t bytes, const char *what)
{
    if (count > 1)
        thaw_summary_bullet(summary, THAW_STYLE_STRONG,
                            thaw_summary_format(summary, "in all %zu %s: %s", count, what,
                                                thaw_summary_size(summary, bytes)));
}

/* Packages and libraries that no recording touched, the largest first. */
static void write_untouched_packages(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "distributions");
    const json_t **sorted = thaw_view_sorted(summary, list, "bytes");
    size_t found = 0;
    uint64_t bytes = 0;

    for (size_t i = 0; sorted && i < json_array_size(list); i++) {
        if (!is_number(sorted[i], "used_in") || thaw_summary_number(sorted[i], "used_in"))
            continue;
        bytes += thaw_summary_number(sorted[i], "bytes");
        if (found++ < most)
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "%s, %s",
                                                    thaw_view_package(summary, sorted[i]),
                                                    size_of(summary, sorted[i], "bytes")));
    }
    thaw_view_rest(summary, most, found, "packages");
    write_sum(summary, found, bytes, "packages");
}

static void write_untouched_libraries(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "libraries");
    const json_t **sorted = thaw_view_sorted(summary, list, "bytes");
    size_t found = 0;
    uint64_t bytes = 0;

    for (size_t i = 0; sorted && i < json_array_size(list); i++) {
        if (!json_is_false(json_object_get(sorted[i], "loaded")))
            continue;
        bytes += thaw_summary_number(sorted[i], "bytes");
        if (found++ < most)
            thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "%s, %s",
                                                    thaw_view_object(summary, sorted[i], "path"),
                                                    size_of(summary, sorted[i], "bytes")));
    }
    thaw_view_rest(summary, most, found, "libraries");
    write_sum(summary, found, bytes, "libraries");
}

/* Has any of the list no recording under key? */
static bool is_any(const struct thaw_summary *summary, const char *list, const char *key)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(summary->report, list), i,
                       one) if (is_number(one, key) && !thaw_summary_number(one, key)) return true;
    return false;
}

/* Why nothing is said of what was never touched; "" it is. */
static const char *unknown_words(const struct thaw_summary *summary)
{
    const json_t *use = json_object_get(summary->report, "use"), *one;
    const json_t *packages = json_object_get(summary->report, "distributions");
    size_t known = 0, i;

    json_array_foreach(packages, i, one) known += is_number(one, "used_in");
    if (known == json_array_size(packages))
        return "";
    if (has_losses(use))
        return "What seems untouched may have been used: a recording lost something, or its "
               "program was running already.";
    return "Which packages were used is not known: no recording has imports with their files.";
}

void thaw_target_use(struct thaw_summary *summary, size_t most)
{
    size_t few = thaw_view_rows(summary, usual_rows);

    thaw_target_stages(summary);
    thaw_target_recordings(summary);
    write_packages(summary, most);
    if (is_any(summary, "distributions", "used_in") || is_any(summary, "libraries", "loaded_in"))
        thaw_summary_title(summary, "Never touched by an import, nor mapped");
    if (*unknown_words(summary))
        thaw_summary_paragraph(summary, THAW_STYLE_BAD, "", unknown_words(summary));
    write_untouched_packages(summary, few);
    write_untouched_libraries(summary, few);
    thaw_target_costs(summary, few);
}
