/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "report/target_view.h"
#include "report/writers.h"

/* The target's distributions as a table: in the summary the largest, in `--view packages` all. */

enum { usual_rows = 10 };

static const struct thaw_report_sort sorts[] = {
    {"disk", "disk_bytes", "space on the disk, the default"},
    {"size", "bytes", "sizes of the files"},
    {"exclusive", "exclusive_disk_bytes", "space on the disk of what only the package brings"},
    {"files", "files", "number of files"},
    {"import", "import_ns", "with a recording: own time of its imports"},
    {"name", NULL, "name"},
    {0},
};

const struct thaw_report_sort *thaw_report_sorts(void)
{
    return sorts;
}

static int compare_names(const void *left, const void *right)
{
    const char *a = json_string_value(json_object_get(*(json_t *const *)left, "name"));
    const char *b = json_string_value(json_object_get(*(json_t *const *)right, "name"));

    return strcasecmp(a ? a : "", b ? b : "");
}

static const json_t **sorted_packages(struct thaw_summary *summary, const json_t *list)
{
    const char *word = summary->view.sort ? summary->view.sort : sorts[0].word;
    const json_t **packages;

    for (const struct thaw_report_sort *sort = sorts; sort->word; sort++)
        if (sort->key && !strcmp(sort->word, word))
            return thaw_view_sorted(summary, list, sort->key);
    packages = thaw_view_sorted(summary, list, "disk_bytes");
    if (packages)
        qsort(packages, json_array_size(list), sizeof(*packages), compare_names);
    return packages;
}

/* Was it looked for by a recording whether packages are used? It need not be known of each. */
static bool is_recorded(const json_t *list)
{
    const json_t *package;
    size_t i;

    json_array_foreach(list, i, package)
    {
        if (json_object_get(package, "used"))
            return true;
    }
    return false;
}

/* "no", "yes", of several recordings "2 of 3"; "?" it is not known */
static const char *used_words(struct thaw_summary *summary, const json_t *package)
{
    size_t recordings =
        json_array_size(json_object_get(json_object_get(summary->report, "use"), "recordings"));

    if (!json_is_boolean(json_object_get(package, "used")))
        return "?";
    if (recordings > 1)
        return thaw_summary_format(summary, "%zu of %zu",
                                   (size_t)thaw_summary_number(package, "used_in"), recordings);
    return thaw_summary_is(package, "used") ? "yes" : "no";
}

static const char *native_bytes(struct thaw_summary *summary, const json_t *package)
{
    const json_t *native = json_object_get(json_object_get(package, "kinds"), "native");

    return native ? thaw_summary_size(summary, thaw_summary_number(native, "bytes")) : "";
}

static const char *size_of(struct thaw_summary *summary, const json_t *package, const char *key)
{
    return thaw_summary_size(summary, thaw_summary_number(package, key));
}

/* "top level +1": who asks for it, and how many more, in so many columns. */
static const char *asked_by(struct thaw_summary *summary, const json_t *package, size_t columns)
{
    size_t more = thaw_view_more_askers(summary, package);
    const char *others = more ? thaw_summary_format(summary, " +%zu", more) : "";
    const char *text = thaw_view_why(summary, package);

    if (thaw_view_is_top(package))
        text = "top level";
    else if (thaw_view_is_unasked(package))
        text =
            json_array_size(json_object_get(package, "required_by")) ? "only a cycle" : "nothing";
    return thaw_summary_format(summary, "%s%s",
                               thaw_summary_fit(summary, text, columns - strlen(others)), others);
}

static void add_row(struct thaw_summary *summary, struct libscols_table *table,
                    const json_t *package, bool recorded)
{
    size_t more = summary->width - 80;
    uint64_t import = thaw_summary_number(package, "import_ns");
    const char *cells[] = {
        size_of(summary, package, "disk_bytes"),
        size_of(summary, package, "exclusive_disk_bytes"),
        !recorded ? native_bytes(summary, package)
        : import  ? thaw_summary_duration(summary, import)
                  : "",
        recorded ? used_words(summary, package)
                 : thaw_summary_count(summary, thaw_summary_number(package, "files")),
        thaw_summary_fit(summary, thaw_view_package(summary, package), 19 + more / 3),
        asked_by(summary, package, 20 + more - more / 3),
    };

    thaw_summary_row(summary, table,
                     json_is_false(json_object_get(package, "used")) ? THAW_STYLE_FAINT
                                                                     : THAW_STYLE_PLAIN,
                     THAW_STYLE_FAINT, cells, 6);
}

/* Those that are developed elsewhere: what is installed of them is a link. */
static void write_editables(struct thaw_summary *summary, const json_t *list, size_t most)
{
    const json_t *package;
    size_t found = 0, i;

    json_array_foreach(list, i, package)
    {
        const char *place = thaw_summary_text(summary, package, "editable");

        if (!*place || found++ >= most)
            continue;
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "%s is editable: %s%s",
                                                thaw_view_package(summary, package), place,
                                                thaw_summary_is(package, "editable_outside")
                                                    ? ", not weighed"
                                                    : ""));
    }
    thaw_view_rest(summary, most, found, "editable packages");
}

void thaw_target_package_table(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "distributions");
    const json_t **packages = sorted_packages(summary, list);
    bool recorded = is_recorded(list);
    const char *const names[] = {
        "ON DISK", "EXCLUSIVE",   recorded ? "IMPORT" : "NATIVE", recorded ? "USED" : "FILES",
        "PACKAGE", "ASKED FOR BY"};
    size_t count = json_array_size(list);
    struct libscols_table *table;

    if (!packages || !count)
        return;
    table = thaw_summary_table(summary, true);
    for (size_t i = 0; i < 6; i++)
        thaw_summary_column(summary, table, names[i], i < 4);
    for (size_t i = 0; i < count && i < most; i++)
        add_row(summary, table, packages[i], recorded);
    thaw_summary_print(summary, table);
    thaw_view_rest(summary, most, count, "packages");
    write_editables(summary, list, most);
}

static void write_rest(struct thaw_summary *summary, const char *key, const char *words)
{
    const json_t *amount = json_object_get(json_object_get(summary->report, "totals"), key);
    uint64_t files = thaw_summary_number(amount, "files");

    if (files)
        thaw_summary_bullet(
            summary, THAW_STYLE_PLAIN,
            thaw_summary_format(summary, "%s: %s in %s", words,
                                thaw_summary_size(summary,
                                                  thaw_summary_number(amount, "disk_bytes")),
                                thaw_view_many(summary, files, "file", "files")));
}

/* Packages that nothing asks for: a sum that would go at once. */
static void write_unasked(struct thaw_summary *summary, const json_t *list)
{
    const json_t *package;
    size_t unasked = 0, i;
    uint64_t bytes = 0;

    json_array_foreach(list, i, package)
    {
        if (!thaw_view_is_unasked(package))
            continue;
        unasked++;
        bytes += thaw_summary_number(package, "disk_bytes");
    }
    if (unasked && unasked < json_array_size(list))
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "nothing asks for %zu of them: %s",
                                                unasked, thaw_summary_size(summary, bytes)));
}

void thaw_target_packages(struct thaw_summary *summary)
{
    const json_t *list = json_object_get(summary->report, "distributions"), *package;
    size_t direct = 0, i;

    json_array_foreach(list, i, package) direct += thaw_summary_is(package, "direct");
    thaw_summary_title(summary, thaw_summary_format(summary, "Packages: %zu, %zu of them top level",
                                                    json_array_size(list), direct));
    thaw_target_package_table(summary, thaw_view_rows(summary, usual_rows));
    write_unasked(summary, list);
    write_rest(summary, "unowned", "beside them, of no package");
    write_rest(summary, "app", "the app itself");
}

int thaw_write_packages(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, report, options, stream);
    thaw_target_package_table(&summary, thaw_view_rows(&summary, SIZE_MAX));
    if (!json_array_size(json_object_get(report, "distributions")))
        thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "", "There are no packages.");
    return thaw_summary_end(&summary, error);
}
