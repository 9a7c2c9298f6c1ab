/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff_parts.h"
#include "report/summary.h"

static const char *const sizes[] = {"bytes", "disk_bytes", "files"};

/* The numbers under key of two objects, of which either may be NULL. */
static void set_numbers(struct thaw_differ *differ, json_t *ret, const json_t *before,
                        const json_t *after, const char *key)
{
    uint64_t numbers[2] = {thaw_summary_number(before, key), thaw_summary_number(after, key)};

    thaw_values_set(&differ->values, ret, key,
                    thaw_differ_numbers(differ, before ? &numbers[0] : NULL,
                                        after ? &numbers[1] : NULL));
}

static json_t *amount(struct thaw_differ *differ, const json_t *before, const json_t *after)
{
    json_t *object = thaw_values_object(&differ->values);

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        set_numbers(differ, object, before, after, sizes[i]);
    return object;
}

static const json_t *object_of(const json_t *object, const char *key)
{
    const json_t *found = json_object_get(object, key);

    return json_is_object(found) ? found : NULL;
}

/* A report lists the kinds it has files of: of the others there are none. */
static json_t *kinds(struct thaw_differ *differ, const json_t *before, const json_t *after)
{
    json_t *object = thaw_values_object(&differ->values);
    json_t *none = thaw_values_object(&differ->values), *value;
    const json_t *lists[2] = {before, after};
    const char *key;

    for (int side = 0; side < 2; side++)
        json_object_foreach((json_t *)lists[side], key, value)
        {
            const json_t *one = object_of(before, key), *other = object_of(after, key);

            if (!json_object_get(object, key))
                thaw_values_set(&differ->values, object, key,
                                amount(differ, one || !before ? one : none,
                                       other || !after ? other : none));
        }
    json_decref(none);
    return object;
}

void thaw_diff_totals(struct thaw_differ *differ, json_t *diff)
{
    const json_t *before = object_of(differ->sides[0]->report, "totals");
    const json_t *after = object_of(differ->sides[1]->report, "totals");
    json_t *object = amount(differ, before, after);

    set_numbers(differ, object, before, after, "directories");
    thaw_values_set(&differ->values, object, "unowned",
                    amount(differ, object_of(before, "unowned"), object_of(after, "unowned")));
    thaw_values_set(&differ->values, object, "app",
                    amount(differ, object_of(before, "app"), object_of(after, "app")));
    thaw_values_set(&differ->values, object, "kinds",
                    kinds(differ, object_of(before, "kinds"), object_of(after, "kinds")));
    thaw_values_set(&differ->values, diff, "totals", object);
}
