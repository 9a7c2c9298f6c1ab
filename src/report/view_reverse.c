/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "packaging/name.h"
#include "report/keys.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--reverse NAME`: the distribution, below it who asks for it, and so on up to lines of
 * requirements files and files of the app. Each distribution is followed once.
 */

struct reverse_tree {
    struct thaw_summary *summary;
    const json_t *packages;
    struct thaw_view_index index;
    struct thaw_view_tree tree;
    bool *seen;
};

/* The distribution's requirement on another one, "" none that applies. */
static const char *requirement_on(struct thaw_summary *summary, const json_t *asks,
                                  const json_t *package)
{
    const char *wanted = thaw_key_string(package, "name");
    const json_t *requirement;
    size_t i;

    json_array_foreach(json_object_get(asks, "requirements"), i, requirement)
    {
        if (thaw_summary_is(requirement, "applies") &&
            thaw_name_is_same(thaw_key_string(requirement, "name"), wanted))
            return thaw_summary_text(summary, requirement, "text");
    }
    return "";
}

static void write_package(struct reverse_tree *it, size_t place, const json_t *wanted, size_t level,
                          bool is_last)
{
    struct thaw_summary *summary = it->summary;
    const json_t *package = json_array_get(it->packages, place), *asks;
    const json_t *list = json_object_get(package, "required_by");
    bool repeated = it->seen[place] && json_array_size(list);
    const char *note = wanted
                           ? requirement_on(summary, package, wanted)
                           : thaw_summary_size(summary, thaw_summary_number(package, "disk_bytes"));
    bool is_top;
    size_t i;

    if (repeated)
        note = thaw_summary_format(summary, "%s%sas above", note, *note ? "; " : "");
    thaw_view_branch(summary, &it->tree, level, is_last,
                     level ? THAW_STYLE_PLAIN : THAW_STYLE_STRONG,
                     thaw_view_package(summary, package), THAW_STYLE_FAINT, note);
    it->seen[place] = true;
    if (repeated || !thaw_view_goes_below(summary, &it->tree, level))
        return;
    is_top = thaw_view_is_top(package);
    json_array_foreach(list, i, asks)
    {
        size_t above = thaw_view_find(summary, &it->index, json_string_value(asks));
        bool last = !is_top && i + 1 == json_array_size(list);

        if (above != SIZE_MAX)
            write_package(it, above, package, level + 1, last);
        else
            thaw_view_branch(summary, &it->tree, level + 1, last, THAW_STYLE_GOOD,
                             thaw_view_asker(summary, package, i), THAW_STYLE_PLAIN, "");
    }
    if (is_top || !json_array_size(list))
        thaw_view_branch(summary, &it->tree, level + 1, true,
                         is_top ? THAW_STYLE_GOOD : THAW_STYLE_FAINT,
                         is_top ? "asked for directly" : "nothing asks for it", THAW_STYLE_PLAIN,
                         "");
}

static int missing(struct thaw_summary *summary, const char *name, struct thaw_error *error)
{
    thaw_arena_free(&summary->arena);
    return thaw_error_set(error, -ESRCH, "there is no package '%s' in the target", name);
}

int thaw_write_reverse(const json_t *report, const struct thaw_report_options *options,
                       FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct reverse_tree it = {.summary = &summary,
                              .packages = json_object_get(report, "distributions")};
    const char *name = options && options->view.name ? options->view.name : "";
    size_t place = SIZE_MAX;

    thaw_summary_begin(&summary, report, options, stream);
    it.seen = thaw_arena_allocate(&summary.arena, json_array_size(it.packages) + 1);
    summary.failed |= !it.seen;
    if (!summary.failed && thaw_view_index_packages(&summary, &it.index)) {
        place = thaw_view_find(&summary, &it.index, name);
        if (place == SIZE_MAX)
            return missing(&summary, name, error);
        write_package(&it, place, NULL, 0, true);
    }
    return thaw_summary_end(&summary, error);
}
