/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/target_view.h"

/* What does not fit: conflicts, files for something else, requirements, RECORDs. */

/* "pandas wants numpy>=2.3; numpy 2.2.0 is installed" */
static const char *conflict_words(struct thaw_summary *summary, const json_t *conflict)
{
    const char *kind = thaw_key_string(conflict, "kind");
    const char *what = thaw_summary_text(summary, conflict, "what");
    const char *other = thaw_summary_text(summary, conflict, "other");
    const char *where = thaw_summary_text(summary, conflict, "where");
    const char *asks = *where ? where : thaw_summary_text(summary, conflict, "distribution");

    if (!strcmp(kind, "missing"))
        return thaw_summary_format(summary, "%s wants %s, which is not installed", asks, what);
    if (!strcmp(kind, "version"))
        return thaw_summary_format(summary, "%s wants %s; %s %s is installed", asks, what, other,
                                   thaw_summary_text(summary, conflict, "installed"));
    if (!strcmp(kind, "twice"))
        return thaw_summary_format(summary, "%s is installed twice, in two versions", what);
    return thaw_summary_format(summary, "%s and %s both own %s", asks, other, what);
}

static void write_conflicts(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "conflicts"), *conflict;
    size_t i;

    json_array_foreach(list, i, conflict)
    {
        if (i == most)
            break;
        thaw_summary_bullet(summary, THAW_STYLE_BAD, conflict_words(summary, conflict));
    }
    thaw_view_rest(summary, most, json_array_size(list), "conflicts");
}

static void write_foreign(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "foreign"), *foreign;
    size_t i;

    json_array_foreach(list, i, foreign)
    {
        if (i == most)
            break;
        thaw_summary_bullet(summary, THAW_STYLE_BAD,
                            thaw_summary_format(summary, "%s is %s",
                                                thaw_summary_text(summary, foreign, "path"),
                                                thaw_summary_text(summary, foreign, "why")));
    }
    thaw_view_rest(summary, most, json_array_size(list), "files for something else");
}

void thaw_target_misfits(struct thaw_summary *summary, size_t most)
{
    if (!json_array_size(json_object_get(summary->report, "conflicts")) &&
        !json_array_size(json_object_get(summary->report, "foreign")))
        return;
    thaw_summary_title(summary, "Does not fit");
    write_conflicts(summary, most);
    write_foreign(summary, most);
}

/* What is wrong with a line of a requirements file; "" nothing. */
static const char *request_words(struct thaw_summary *summary, const json_t *request)
{
    const char *installed = thaw_summary_text(summary, request, "installed");

    if (thaw_summary_is(request, "unreadable"))
        return "is no requirement";
    if (!thaw_summary_is(request, "applies") || thaw_summary_is(request, "satisfied"))
        return "";
    if (!*installed)
        return "is not installed";
    return thaw_summary_format(summary, "does not match the installed %s", installed);
}

static size_t write_unmatched(struct thaw_summary *summary, const json_t *list, size_t most)
{
    const json_t *request;
    size_t unmatched = 0, i;

    json_array_foreach(list, i, request)
    {
        const char *words = request_words(summary, request);

        if (!*words || unmatched++ >= most)
            continue;
        thaw_summary_bullet(
            summary, THAW_STYLE_BAD,
            thaw_summary_format(summary, "%s:%llu: %s %s",
                                thaw_summary_text(summary, request, "file"),
                                (unsigned long long)thaw_summary_number(request, "line"),
                                thaw_summary_text(summary, request, "text"), words));
    }
    return unmatched;
}

void thaw_target_requirements(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "requirements"), *request;
    size_t lines = 0, constraints = 0, unpinned = 0, unhashed = 0, i;

    if (!json_array_size(list))
        return;
    json_array_foreach(list, i, request)
    {
        if (thaw_summary_is(request, "constraint")) {
            constraints++;
            continue;
        }
        lines++;
        unpinned += !thaw_summary_is(request, "pinned");
        unhashed += !thaw_summary_is(request, "hashed");
    }
    thaw_summary_title(
        summary,
        thaw_summary_format(
            summary, "Requirements: %s%s%s", thaw_view_many(summary, lines, "line", "lines"),
            constraints ? ", " : "",
            constraints ? thaw_view_many(summary, constraints, "constraint", "constraints") : ""));
    thaw_view_rest(summary, most, write_unmatched(summary, list, most), "lines that do not match");
    if (unpinned)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "not pinned to one version: %zu",
                                                unpinned));
    if (unhashed)
        thaw_summary_bullet(summary, THAW_STYLE_PLAIN,
                            thaw_summary_format(summary, "without hashes: %zu", unhashed));
    if (lines && !unpinned && !unhashed)
        thaw_summary_bullet(summary, THAW_STYLE_GOOD, "all pinned and hashed");
}

/* " (numpy/core.so, …)": what those are that are not as they should be, as far as they are named.
 */
static const char *record_examples(struct thaw_summary *summary, const json_t *record)
{
    static const char *const keys[] = {"absent_paths", "changed_paths"};
    uint64_t files = thaw_summary_number(record, "absent") + thaw_summary_number(record, "changed");
    const char *text = "";
    size_t count = 0;

    for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
        for (size_t i = 0; i < json_array_size(json_object_get(record, keys[k])); i++) {
            text = thaw_summary_format(summary, "%s%s%s", text, count++ ? ", " : "",
                                       thaw_summary_item(summary, record, keys[k], i));
        }
    }
    return count ? thaw_summary_format(summary, " (%s%s)", text, files > count ? ", …" : "") : "";
}

/* "RECORD lists 3 files that are not there, 1 of another size"; "" it is as it should be. */
static const char *record_words(struct thaw_summary *summary, const json_t *record)
{
    const char *state = thaw_key_string(record, "state"), *text = "";
    static const struct {
        const char *key, *one, *many;
    } rows[] = {
        {"absent", "is not there", "are not there"},
        {"changed", "has another size", "have another size"},
        {"outside", "lies outside of the target", "lie outside of the target"},
    };

    if (!strcmp(state, "missing"))
        return "has no RECORD: its files were told by its names";
    if (!strcmp(state, "unreadable"))
        return "has a RECORD that can't be read";
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t files = thaw_summary_number(record, rows[i].key);

        if (files)
            text = thaw_summary_format(summary, "%s%s%s", text, *text ? ", " : "",
                                       thaw_view_many(summary, files, rows[i].one, rows[i].many));
    }
    return *text ? thaw_summary_format(summary, "of the files it lists: %s%s", text,
                                       record_examples(summary, record))
                 : "";
}

size_t thaw_target_records(struct thaw_summary *summary, size_t most)
{
    const json_t *list = json_object_get(summary->report, "distributions"), *package;
    size_t found = 0, i;

    json_array_foreach(list, i, package)
    {
        const char *words = record_words(summary, json_object_get(package, "record"));
        const char *misfit = thaw_summary_text(summary, package, "misfit");

        if (!*words && !*misfit)
            continue;
        if (!found)
            thaw_summary_title(summary, "Packages that are not as they say");
        if (found++ < most)
            thaw_summary_bullet(summary, *misfit ? THAW_STYLE_BAD : THAW_STYLE_PLAIN,
                                thaw_summary_format(summary, "%s %s%s%s",
                                                    thaw_view_package(summary, package), misfit,
                                                    *misfit && *words ? "; " : "", words));
    }
    thaw_view_rest(summary, most, found, "packages");
    return found;
}
