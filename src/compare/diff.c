/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_cold.h"
#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"
#include "thaw/version.h"

/* How many are in the target; null: not looked for. */
static void set_count(struct thaw_differ *differ, json_t *object, int side, const char *key)
{
    const json_t *list = thaw_differ_list(differ, side, key), *item;
    uint64_t count = 0;
    size_t i;

    json_array_foreach(list, i, item) count += !thaw_summary_is(item, "outside");
    if (list)
        thaw_values_set_number(&differ->values, object, key, count);
    else
        thaw_values_set_null(&differ->values, object, key);
}

/* A recording's own, where its report is not of a target. */
static void set_recorded_python(struct thaw_differ *differ, json_t *object, const json_t *report)
{
    struct thaw_summary summary;
    const char *version;
    const json_t *process;
    size_t minor;

    thaw_summary_begin(&summary, report, NULL, NULL);
    process = thaw_cold_python(&summary);
    version = thaw_key_string(process, "python");
    thaw_arena_free(&summary.arena);
    if (!*version)
        return;
    minor = strcspn(version, ".");
    minor += version[minor] ? 1 + strcspn(version + minor + 1, ".") : 0;
    thaw_values_set_text(&differ->values, object, "implementation", "cpython");
    thaw_values_set_text(&differ->values, object, "version",
                         thaw_differ_keep(differ, thaw_arena_format(&differ->arena, "%.*s",
                                                                    (int)minor, version)));
    thaw_values_set_text(&differ->values, object, "full_version", version);
    thaw_differ_copy(differ, object, json_object_get(report, "machine"), "arch");
    thaw_values_set(&differ->values, object, "machine",
                    json_incref(json_object_get(object, "arch")));
    json_object_del(object, "arch");
    json_object_del(object, "arch_bytes");
}

/* What was compared. */
static json_t *side_object(struct thaw_differ *differ, int side)
{
    const json_t *report = differ->sides[side]->report;
    const json_t *target = json_object_get(report, "target");
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "name", differ->sides[side]->name);
    thaw_differ_copy(differ, object, target, "path");
    thaw_differ_copy(differ, object, target, "kind");
    thaw_values_set(&differ->values, object, "python", thaw_values_object(&differ->values));
    for (size_t i = 0; i < 4; i++) {
        static const char *const keys[] = {"implementation", "version", "full_version", "machine"};

        thaw_differ_copy(differ, json_object_get(object, "python"),
                         json_object_get(target, "python"), keys[i]);
    }
    if (!json_is_object(target))
        set_recorded_python(differ, json_object_get(object, "python"), report);
    thaw_values_set_boolean(&differ->values, object, "complete",
                            thaw_summary_is(report, "complete"));
    thaw_values_set_number(&differ->values, object, "faults", thaw_key_unread(report));
    set_count(differ, object, side, "distributions");
    set_count(differ, object, side, "libraries");
    thaw_values_set_text(&differ->values, object, "of",
                         !thaw_differ_is_recording(differ, side) ? "target"
                         : differ->sides[side]->run_count > 1    ? "trials"
                                                                 : "recording");
    return object;
}

bool thaw_diff_is_recording(const json_t *report)
{
    return json_is_object(json_object_get(report, "run")) ||
           !json_is_object(json_object_get(report, "target"));
}

bool thaw_differ_is_recording(const struct thaw_differ *differ, int side)
{
    return thaw_diff_is_recording(differ->sides[side]->report);
}

/* Adds what one or both sides don't have. */
static void not_compared(struct thaw_differ *differ, json_t *list, const char *what,
                         const bool *lacks, const char *why)
{
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "what", what);
    thaw_values_set_text(&differ->values, object, "missing",
                         lacks[0] && lacks[1] ? "both"
                         : lacks[0]           ? "before"
                                              : "after");
    thaw_values_set_text(&differ->values, object, "why", why);
    thaw_values_append(&differ->values, list, object);
}

/* What only one side has; and what is installed, which some recordings don't know. */
void thaw_diff_not_compared(struct thaw_differ *differ, json_t *diff)
{
    static const struct {
        const char *what, *key, *why;
    } lists[] = {
        {"installed", "distributions", "what is installed was not recorded"},
        {"libraries", "libraries", "which shared objects there are was not recorded"},
    };
    json_t *list = thaw_values_array(&differ->values);
    bool lacks[2] = {!thaw_differ_is_recording(differ, 0), !thaw_differ_is_recording(differ, 1)};

    if (lacks[0] != lacks[1])
        not_compared(differ, list, "cold-start", lacks, "what is shipped has no cold start");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        for (int side = 0; side < 2; side++)
            lacks[side] = !thaw_differ_list(differ, side, lists[i].key);
        if (lacks[0] || lacks[1])
            not_compared(differ, list, lists[i].what, lacks, lists[i].why);
    }
    thaw_values_set(&differ->values, diff, "not_compared", list);
}

static json_t *tool_object(struct thaw_differ *differ)
{
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "name", "thaw");
    thaw_values_set_text(&differ->values, object, "version", THAW_VERSION);
    return object;
}

int thaw_diff_build(const struct thaw_diff_side *before, const struct thaw_diff_side *after,
                    json_t **ret, struct thaw_error *error)
{
    static void (*const members[])(struct thaw_differ *, json_t *) = {
        thaw_diff_not_compared,  thaw_diff_cold_start, thaw_diff_totals,  thaw_diff_requirements,
        thaw_diff_distributions, thaw_diff_libraries,  thaw_diff_missing, thaw_diff_duplicates,
        thaw_diff_conflicts,     thaw_diff_foreign,    thaw_diff_folders,
    };
    struct thaw_differ differ = {.sides = {before, after}};
    json_t *diff = thaw_values_object(&differ.values);

    thaw_values_set_text(&differ.values, diff, "schema", THAW_DIFF_SCHEMA);
    thaw_values_set(&differ.values, diff, "tool", tool_object(&differ));
    thaw_values_set(&differ.values, diff, "before", side_object(&differ, 0));
    thaw_values_set(&differ.values, diff, "after", side_object(&differ, 1));
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !differ.values.failed; i++)
        members[i](&differ, diff);
    thaw_arena_free(&differ.arena);
    if (differ.values.failed) {
        json_decref(diff);
        return thaw_error_memory(error);
    }
    *ret = diff;
    return 0;
}
