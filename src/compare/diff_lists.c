/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* Lists of which it is told what came and what went, each item as its report has it. */
struct list {
    const char *key;
    /* What makes an item the same in both reports. */
    const char *(*identify)(struct thaw_differ *differ, int side, const json_t *item);
    const char *members[6]; /* that are taken over */
    const char *weight;     /* the number that sorts them, NULL: by identity alone */
};

static const char *text(struct thaw_differ *differ, const json_t *item, const char *key)
{
    return thaw_differ_keep(differ, thaw_key_text(&differ->arena, item, key));
}

static const char *name(struct thaw_differ *differ, const json_t *item, const char *key)
{
    return thaw_differ_keep(differ, thaw_key_name(&differ->arena, item, key));
}

/* Wherever it is written: a file may be renamed, a line may move. */
static const char *identify_requirement(struct thaw_differ *differ, int side, const json_t *item)
{
    (void)side;
    return thaw_differ_keep(differ,
                            thaw_arena_format(&differ->arena, "%s\n%d", text(differ, item, "text"),
                                              thaw_summary_is(item, "constraint")));
}

static const char *identify_conflict(struct thaw_differ *differ, int side, const json_t *item)
{
    const char *kind = text(differ, item, "kind"), *what = text(differ, item, "what");

    if (!strcmp(kind, "file"))
        what = thaw_differ_place(differ, side, what);
    return thaw_differ_keep(differ, thaw_arena_format(&differ->arena, "%s\n%s\n%s\n%s", kind,
                                                      name(differ, item, "distribution"),
                                                      name(differ, item, "other"), what));
}

static const char *identify_foreign(struct thaw_differ *differ, int side, const json_t *item)
{
    return thaw_differ_place(differ, side, text(differ, item, "path"));
}

static const char *identify_duplicate(struct thaw_differ *differ, int side, const json_t *item)
{
    (void)side;
    return thaw_differ_keep(differ,
                            thaw_arena_format(&differ->arena, "%s\n%s", text(differ, item, "kind"),
                                              text(differ, item, "key")));
}

static const struct list requirements = {
    "requirements", identify_requirement, {"file", "line", "text", "name", "constraint"}, NULL};
static const struct list duplicates = {"duplicates",
                                       identify_duplicate,
                                       {"kind", "key", "paths", "waste_bytes", "winner"},
                                       "waste_bytes"};
static const struct list conflicts = {
    "conflicts", identify_conflict, {"kind", "distribution", "other", "what", "where"}, NULL};
static const struct list foreign = {
    "foreign", identify_foreign, {"path", "distribution", "why"}, NULL};

static json_t *change(struct thaw_differ *differ, const struct list *list, int side,
                      const json_t *item)
{
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "change", side ? "came" : "went");
    for (size_t i = 0; i < 6 && list->members[i]; i++)
        thaw_differ_copy(differ, object, item, list->members[i]);
    return object;
}

static void put(struct thaw_differ *differ, json_t *diff, const struct list *list)
{
    const json_t *items[2] = {thaw_differ_list(differ, 0, list->key),
                              thaw_differ_list(differ, 1, list->key)};
    struct thaw_diff_changes changes = {0};
    struct thaw_diff_matching matching;
    const char **keys[2];

    if (!items[0] || !items[1]) {
        thaw_values_set_null(&differ->values, diff, list->key);
        return;
    }
    if (!thaw_differ_begin(differ, items[0], items[1], &matching))
        return;
    for (int side = 0; side < 2; side++) {
        keys[side] =
            thaw_arena_allocate(&differ->arena, (matching.count[side] + 1) * sizeof(**keys));
        differ->values.failed |= !keys[side];
        for (size_t i = 0; i < matching.count[side] && !differ->values.failed; i++)
            keys[side][i] = list->identify(differ, side, json_array_get(items[side], i));
    }
    if (!differ->values.failed)
        thaw_differ_match(differ, &matching, keys[0], keys[1]);
    for (int side = 1; side >= 0; side--)
        for (size_t i = 0; i < matching.count[side] && !differ->values.failed; i++) {
            const json_t *item = json_array_get(items[side], i);

            if (matching.partner[side][i] == THAW_DIFF_NO_PARTNER)
                thaw_differ_add(differ, &changes, change(differ, list, side, item),
                                list->weight ? thaw_summary_number(item, list->weight) : 0,
                                keys[side][i]);
        }
    thaw_values_set(&differ->values, diff, list->key, thaw_differ_sorted(differ, &changes));
}

void thaw_diff_requirements(struct thaw_differ *differ, json_t *diff)
{
    put(differ, diff, &requirements);
}

void thaw_diff_duplicates(struct thaw_differ *differ, json_t *diff)
{
    put(differ, diff, &duplicates);
}

void thaw_diff_conflicts(struct thaw_differ *differ, json_t *diff)
{
    put(differ, diff, &conflicts);
}

void thaw_diff_foreign(struct thaw_differ *differ, json_t *diff)
{
    put(differ, diff, &foreign);
}
