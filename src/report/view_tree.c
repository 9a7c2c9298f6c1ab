/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/path_table.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--view tree`: distributions below what requires them. Roots are those that are asked for
 * directly, then those that nothing asks for, then one of each cycle that nothing leads into. A
 * distribution is followed once; where it comes again it is marked, so that cycles end.
 */

enum { size_columns = 9 };

struct requirement_tree {
    struct thaw_summary *summary;
    const json_t *packages;
    struct thaw_view_index index;
    struct thaw_view_tree tree;
    bool *seen;
    size_t shown, most;
    bool hidden; /* only followed, so that what is below a root that is not shown is no root */
};

/* What stands before a line. */
static void put_columns(struct thaw_summary *summary, const char *own, const char *all)
{
    fprintf(summary->stream, "%*s  %*s  ", size_columns, own, size_columns, all);
}

/* Its space and, where that is more, with that of all that only it brings. */
static void put_sizes(struct thaw_summary *summary, const json_t *package)
{
    uint64_t own = thaw_summary_number(package, "disk_bytes");
    uint64_t all = thaw_summary_number(package, "exclusive_disk_bytes");

    put_columns(summary, thaw_summary_size(summary, own),
                all > own ? thaw_summary_size(summary, all) : "");
}

/* The requirements of a distribution that are not satisfied: name -> place in its list. */
static void find_unsatisfied(struct thaw_summary *summary, const json_t *package,
                             struct thaw_path_table *ret)
{
    const json_t *requirement;
    size_t i;

    json_array_foreach(json_object_get(package, "requirements"), i, requirement)
    {
        const char *name = json_string_value(json_object_get(requirement, "name"));

        if (name && thaw_summary_is(requirement, "applies") &&
            !thaw_summary_is(requirement, "satisfied"))
            summary->failed |= thaw_path_table_add(ret, &summary->arena, name, strlen(name), i) < 0;
    }
}

static void write_package(struct requirement_tree *it, size_t place, size_t level, bool is_last,
                          const json_t *asks);

static void write_requirement(struct requirement_tree *it, const json_t *package, size_t number,
                              const struct thaw_path_table *unsatisfied, size_t level, bool is_last)
{
    struct thaw_summary *summary = it->summary;
    const char *name =
        json_string_value(json_array_get(json_object_get(package, "requires"), number));
    size_t place = thaw_view_find(summary, &it->index, name);

    if (place != SIZE_MAX)
        write_package(it, place, level, is_last,
                      json_array_get(json_object_get(package, "requirements"),
                                     thaw_path_table_find(unsatisfied, name, strlen(name))));
    if (place != SIZE_MAX || it->hidden)
        return;
    put_columns(summary, "", "");
    thaw_view_branch(summary, &it->tree, level, is_last, THAW_STYLE_BAD,
                     thaw_summary_item(summary, package, "requires", number), THAW_STYLE_BAD,
                     "not installed");
}

static const char *joined(struct thaw_summary *summary, const char *note, const char *more)
{
    return *note && *more ? thaw_summary_format(summary, "%s; %s", note, more)
           : *more        ? more
                          : note;
}

static const char *note_of(struct requirement_tree *it, size_t place, size_t level,
                           const json_t *asks, bool repeated)
{
    struct thaw_summary *summary = it->summary;
    const json_t *package = json_array_get(it->packages, place);
    const char *note = "";

    if (asks)
        note =
            thaw_summary_format(summary, "%s is wanted", thaw_summary_text(summary, asks, "text"));
    if (repeated)
        note = joined(summary, note, "as above");
    else if (json_array_size(json_object_get(package, "requires")) &&
             !thaw_view_goes_below(summary, &it->tree, level))
        note = joined(summary, note, "more below");
    return level ? note : joined(summary, note, thaw_view_why_more(summary, package));
}

/* asks: the requirement that led here, if it is not satisfied. */
static void write_package(struct requirement_tree *it, size_t place, size_t level, bool is_last,
                          const json_t *asks)
{
    const json_t *package = json_array_get(it->packages, place);
    size_t count = json_array_size(json_object_get(package, "requires"));
    bool repeated = it->seen[place] && count;
    struct thaw_path_table unsatisfied = {0};

    if (!it->hidden && repeated)
        put_columns(it->summary, "", "");
    else if (!it->hidden)
        put_sizes(it->summary, package);
    if (!it->hidden)
        thaw_view_branch(it->summary, &it->tree, level, is_last,
                         level ? THAW_STYLE_PLAIN : THAW_STYLE_STRONG,
                         thaw_view_package(it->summary, package),
                         asks ? THAW_STYLE_BAD : THAW_STYLE_FAINT,
                         note_of(it, place, level, asks, repeated));
    if (repeated || (count && !thaw_view_goes_below(it->summary, &it->tree, level)))
        return;
    it->seen[place] = true;
    find_unsatisfied(it->summary, package, &unsatisfied);
    for (size_t i = 0; i < count; i++)
        write_requirement(it, package, i, &unsatisfied, level + 1, i + 1 == count);
    thaw_path_table_clear(&unsatisfied);
}

static bool is_direct(const json_t *package)
{
    return thaw_summary_is(package, "direct");
}

static bool is_unasked(const json_t *package)
{
    return !json_array_size(json_object_get(package, "required_by"));
}

static bool is_any(const json_t *package)
{
    (void)package;
    return true;
}

/* Directly asked for ones are roots also where another one requires them, too. */
static void write_roots(struct requirement_tree *it, bool (*is_root)(const json_t *))
{
    size_t count = json_array_size(it->packages);

    for (size_t i = 0; i < count; i++) {
        if (!is_root(json_array_get(it->packages, i)) || (is_root != is_direct && it->seen[i]))
            continue;
        it->hidden = it->shown++ >= it->most;
        write_package(it, i, 0, true, NULL);
    }
}

int thaw_write_requirement_tree(const json_t *report, const struct thaw_report_options *options,
                                FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct requirement_tree it = {.summary = &summary,
                                  .tree.lead_columns = 2 * (size_columns + 2),
                                  .packages = json_object_get(report, "distributions")};

    thaw_summary_begin(&summary, report, options, stream);
    it.most = thaw_view_rows(&summary, SIZE_MAX);
    it.seen = thaw_arena_allocate(&summary.arena, json_array_size(it.packages) + 1);
    summary.failed |= !it.seen;
    if (!summary.failed && thaw_view_index_packages(&summary, &it.index)) {
        if (json_array_size(it.packages)) {
            put_columns(&summary, "ON DISK", "EXCLUSIVE");
            fputs("PACKAGE, ASKED FOR BY\n", stream);
        }
        write_roots(&it, is_direct);
        write_roots(&it, is_unasked);
        /* below a depth that was asked for, what was not reached is no root */
        if (!summary.view.depth)
            write_roots(&it, is_any);
        thaw_view_rest(&summary, it.most, it.shown, "roots");
        if (!json_array_size(it.packages))
            thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "", "There are no packages.");
    }
    return thaw_summary_end(&summary, error);
}
