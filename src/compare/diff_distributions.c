/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * Distributions are one by their normalised names, wherever they are installed. Of a name that is
 * there several times those of one version are one first, the others in the import path's order.
 */

static const char *version_of(const json_t *distribution)
{
    const char *version = json_string_value(json_object_get(distribution, "version"));

    return version ? version : "";
}

static json_t *state(struct thaw_differ *differ, const json_t *distribution)
{
    static const char *const keys[] = {"version", "location", "bytes", "disk_bytes", "files"};
    json_t *object;

    if (!distribution)
        return json_null();
    object = thaw_values_object(&differ->values);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        thaw_differ_copy(differ, object, distribution, keys[i]);
    return object;
}

static int64_t change_of(const json_t *before, const json_t *after, const char *key)
{
    return thaw_differ_change(thaw_summary_number(before, key), thaw_summary_number(after, key));
}

/* NULL: nothing changed. */
static const char *word(const json_t *before, const json_t *after)
{
    if (!before || !after)
        return thaw_differ_word(before, after, "");
    if (strcmp(version_of(before), version_of(after)) != 0)
        return "version";
    if (change_of(before, after, "bytes") || change_of(before, after, "disk_bytes") ||
        change_of(before, after, "files"))
        return "size";
    return NULL;
}

static void add(struct thaw_differ *differ, struct thaw_diff_changes *changes,
                const struct thaw_diff_causes *causes, int side, size_t number)
{
    static const char *const sizes[] = {"disk_bytes", "bytes", "files"};
    const json_t *own = json_array_get(thaw_differ_list(differ, side, "distributions"), number);
    size_t partner = causes->matching->partner[side][number];
    const json_t *other =
        partner == THAW_DIFF_NO_PARTNER
            ? NULL
            : json_array_get(thaw_differ_list(differ, !side, "distributions"), partner);
    const json_t *before = side ? other : own, *after = side ? own : other;
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "change", word(before, after));
    thaw_differ_copy(differ, object, own, "name");
    thaw_values_set(&differ->values, object, "before", state(differ, before));
    thaw_values_set(&differ->values, object, "after", state(differ, after));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const char *key =
            thaw_differ_keep(differ, thaw_arena_format(&differ->arena, "%s_change", sizes[i]));

        thaw_values_set_signed(&differ->values, object, key, change_of(before, after, sizes[i]));
    }
    thaw_differ_copy(differ, object, own, "why");
    thaw_differ_copy(differ, object, own, "direct");
    thaw_differ_copy(differ, object, own, "required_by");
    thaw_values_set(&differ->values, object, "cause",
                    before && after && !strcmp(word(before, after), "size")
                        ? json_null()
                        : thaw_diff_cause(differ, causes, side, number));
    thaw_differ_add(differ, changes, object,
                    thaw_differ_weight(change_of(before, after, "disk_bytes")),
                    thaw_differ_keep(differ, thaw_key_name(&differ->arena, own, "name")));
}

/* The keys of a side's distributions: names, or names with versions. */
static const char **keys_of(struct thaw_differ *differ, const json_t *list, bool versions)
{
    const char **keys =
        thaw_arena_allocate(&differ->arena, (json_array_size(list) + 1) * sizeof(*keys));
    const json_t *distribution;
    size_t i;

    differ->values.failed |= !keys;
    if (!keys)
        return NULL;
    json_array_foreach(list, i, distribution)
    {
        const char *name =
            thaw_differ_keep(differ, thaw_key_name(&differ->arena, distribution, "name"));

        keys[i] = versions
                      ? thaw_arena_format(&differ->arena, "%s\n%s", name, version_of(distribution))
                      : name;
        thaw_differ_keep(differ, keys[i]);
    }
    return keys;
}

static void match(struct thaw_differ *differ, const json_t *const *lists,
                  struct thaw_diff_matching *matching)
{
    if (!thaw_differ_begin(differ, lists[0], lists[1], matching))
        return;
    for (int versions = 1; versions >= 0; versions--) {
        const char **before = keys_of(differ, lists[0], versions);
        const char **after = keys_of(differ, lists[1], versions);

        if (differ->values.failed)
            return;
        thaw_differ_match(differ, matching, before, after);
    }
}

static void put_changes(struct thaw_differ *differ, json_t *diff, const json_t *const *lists,
                        const struct thaw_diff_matching *matching)
{
    struct thaw_diff_changes changes = {0};
    struct thaw_diff_causes causes;
    uint64_t same = 0;

    thaw_diff_causes_begin(differ, &causes, matching);
    for (size_t i = 0; i < matching->count[1] && !differ->values.failed; i++) {
        size_t partner = matching->partner[1][i];

        if (partner == THAW_DIFF_NO_PARTNER ||
            word(json_array_get(lists[0], partner), json_array_get(lists[1], i)))
            add(differ, &changes, &causes, 1, i);
        else
            same++;
    }
    for (size_t i = 0; i < matching->count[0] && !differ->values.failed; i++)
        if (matching->partner[0][i] == THAW_DIFF_NO_PARTNER)
            add(differ, &changes, &causes, 0, i);
    thaw_diff_causes_end(&causes);
    thaw_values_set(&differ->values, diff, "distributions", thaw_differ_sorted(differ, &changes));
    thaw_values_set_number(&differ->values, diff, "distributions_same", same);
}

void thaw_diff_distributions(struct thaw_differ *differ, json_t *diff)
{
    const json_t *lists[2] = {thaw_differ_list(differ, 0, "distributions"),
                              thaw_differ_list(differ, 1, "distributions")};
    struct thaw_diff_matching matching;

    if (!lists[0] || !lists[1]) {
        thaw_values_set_null(&differ->values, diff, "distributions");
        thaw_values_set_null(&differ->values, diff, "distributions_same");
        return;
    }
    match(differ, lists, &matching);
    if (!differ->values.failed)
        put_changes(differ, diff, lists, &matching);
}
