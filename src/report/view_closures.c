/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "report/keys.h"
#include "report/target_view.h"
#include "report/writers.h"

/*
 * `--view libraries`: what each of the target's shared objects needs, as the dynamic loader would
 * find it. Roots are those that no other one of the target needs, largest first; an object is
 * followed once.
 */

struct closures {
    struct thaw_summary *summary;
    const json_t *libraries;
    struct thaw_view_index index;
    struct thaw_view_tree tree;
    bool *reached;  /* written */
    bool *followed; /* with what it needs */
    bool *wanted;   /* another one of the target needs it */
};

static size_t place_of(struct closures *it, const json_t *needed)
{
    const char *path = json_string_value(json_object_get(needed, "resolved"));

    return path ? thaw_view_find(it->summary, &it->index, path) : SIZE_MAX;
}

/* "MISSING when loaded by z.so; runpath of x.so; only when loaded by y.so" */
static const char *reason_of(struct thaw_summary *summary, const json_t *needed)
{
    const char *reason = thaw_summary_text(summary, needed, "reason");
    const char *owner = thaw_summary_text(summary, needed, "owner");
    const char *only = thaw_summary_text(summary, needed, "only_by");
    const char *missing = thaw_summary_text(summary, needed, "missing_by");

    return thaw_summary_format(summary, "%s%s%s%s%s%s%s%s",
                               *missing ? "MISSING when loaded by " : "",
                               thaw_key_last_part(missing), *missing ? "; " : "", reason,
                               !*owner                             ? ""
                               : !strcmp(reason, "already loaded") ? " by "
                                                                   : " of ",
                               thaw_key_last_part(owner), *only ? "; only when loaded by " : "",
                               thaw_key_last_part(only));
}

static void write_needs(struct closures *it, const json_t *library, size_t level);

/* The system's own libraries need each other in ways that tell nothing, unless one is missing. */
static bool is_followed(const json_t *library)
{
    const json_t *needed;
    size_t i;

    if (!thaw_summary_is(library, "outside"))
        return true;
    json_array_foreach(json_object_get(library, "needed"), i, needed)
    {
        if (thaw_key_is_missing(needed))
            return true;
    }
    return false;
}

static void write_needed(struct closures *it, const json_t *needed, size_t level, bool is_last)
{
    struct thaw_summary *summary = it->summary;
    size_t place = place_of(it, needed);
    const json_t *library = json_array_get(it->libraries, place);
    const char *name = thaw_summary_text(summary, needed, "name");
    const char *path = thaw_view_object(summary, needed, "resolved");
    bool followed = library && is_followed(library);
    bool repeated =
        followed && it->followed[place] && json_array_size(json_object_get(library, "needed"));
    size_t room = thaw_view_room(summary, &it->tree, level);

    if (thaw_key_is_missing(needed) && !*path) {
        thaw_view_branch(summary, &it->tree, level, is_last,
                         summary->color ? THAW_STYLE_BAD : THAW_STYLE_STRONG, name, THAW_STYLE_BAD,
                         "MISSING");
        return;
    }
    if (!*path)
        path = name;
    thaw_view_branch(summary, &it->tree, level, is_last, THAW_STYLE_PLAIN,
                     thaw_summary_fit_end(summary, path, room * 2 / 3),
                     thaw_key_is_missing(needed) ? THAW_STYLE_BAD : THAW_STYLE_FAINT,
                     thaw_summary_format(summary, "%s%s", reason_of(summary, needed),
                                         repeated ? "; as above" : ""));
    if (followed && !repeated)
        write_needs(it, library, level);
}

static void write_needs(struct closures *it, const json_t *library, size_t level)
{
    const json_t *list = json_object_get(library, "needed"), *needed;
    size_t place = thaw_view_find(it->summary, &it->index,
                                  json_string_value(json_object_get(library, "path")));
    size_t i;

    if (place != SIZE_MAX)
        it->reached[place] = true;
    if (!thaw_view_goes_below(it->summary, &it->tree, level))
        return;
    if (place != SIZE_MAX)
        it->followed[place] = true;
    json_array_foreach(list, i, needed)
    {
        write_needed(it, needed, level + 1, i + 1 == json_array_size(list));
    }
}

static void write_root(struct closures *it, const json_t *library)
{
    struct thaw_summary *summary = it->summary;
    const char *path = thaw_view_object(summary, library, "path");

    thaw_view_branch(summary, &it->tree, 0, true, THAW_STYLE_STRONG,
                     thaw_summary_fit_end(summary, path, summary->width - 14), THAW_STYLE_FAINT,
                     thaw_summary_size(summary, thaw_summary_number(library, "bytes")));
    write_needs(it, library, 0);
}

static void mark_wanted(struct closures *it)
{
    const json_t *library, *needed;
    size_t i, j;

    json_array_foreach(it->libraries, i, library)
    {
        if (thaw_summary_is(library, "outside"))
            continue;
        json_array_foreach(json_object_get(library, "needed"), j, needed)
        {
            size_t place = place_of(it, needed);

            if (place != SIZE_MAX && place != i)
                it->wanted[place] = true;
        }
    }
}

/* pass 0: what no other one needs; pass 1: what is left, in cycles. */
static size_t write_pass(struct closures *it, const json_t **sorted, size_t most, size_t shown,
                         int pass)
{
    for (size_t i = 0; i < json_array_size(it->libraries); i++) {
        size_t place = thaw_view_find(it->summary, &it->index,
                                      json_string_value(json_object_get(sorted[i], "path")));

        if (place == SIZE_MAX || thaw_summary_is(sorted[i], "outside") || it->reached[place] ||
            (!pass && it->wanted[place]))
            continue;
        if (shown < most)
            write_root(it, sorted[i]);
        else if (pass) /* perhaps below a root that was not shown */
            continue;
        shown++;
    }
    return shown;
}

int thaw_write_closures(const json_t *report, const struct thaw_report_options *options,
                        FILE *stream, struct thaw_error *error)
{
    struct thaw_summary summary;
    struct closures it = {.summary = &summary, .libraries = json_object_get(report, "libraries")};
    size_t count = json_array_size(it.libraries), most, shown;
    const json_t **sorted;

    thaw_summary_begin(&summary, report, options, stream);
    most = thaw_view_rows(&summary, SIZE_MAX);
    sorted = thaw_view_sorted(&summary, it.libraries, "bytes");
    it.reached = thaw_arena_allocate(&summary.arena, count + 1);
    it.followed = thaw_arena_allocate(&summary.arena, count + 1);
    it.wanted = thaw_arena_allocate(&summary.arena, count + 1);
    summary.failed |= !it.reached || !it.followed || !it.wanted;
    if (!summary.failed && thaw_view_index_libraries(&summary, &it.index)) {
        mark_wanted(&it);
        shown = write_pass(&it, sorted, most, 0, 0);
        /* below a depth that was asked for, what was not reached is no root */
        if (!summary.view.depth)
            shown = write_pass(&it, sorted, most, shown, 1);
        thaw_view_rest(&summary, most, shown, "shared objects");
        if (thaw_view_has_libraries(&summary) && !shown)
            thaw_summary_paragraph(&summary, THAW_STYLE_PLAIN, "", "There are no shared objects.");
    }
    return thaw_summary_end(&summary, error);
}
