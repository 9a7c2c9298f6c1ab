/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <string.h>

#include "compare/diff_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/*
 * Libraries are one by their place in their distribution, without what another build of it changes
 * in a file's name: auditwheel's hash, the interpreter's tag, versions behind ".so". Those of the
 * system are one by their names, and stand last: they are not shipped.
 */

enum { hash_digits = 8 }; /* auditwheel: "libfoo-1a2b3c4d.so.1.2" */

/* "-1a2b3c4d" and what stands behind a hash: a dot or the end. */
static bool is_hash(const char *text, const char *end)
{
    if (end - text < hash_digits + 1 || *text != '-')
        return false;
    for (int i = 1; i <= hash_digits; i++)
        if (!isdigit((unsigned char)text[i]) && (text[i] < 'a' || text[i] > 'f'))
            return false;
    return text + hash_digits + 1 == end || text[hash_digits + 1] == '.';
}

/* How much of a file's name is the same in every build. */
static size_t stem(const char *name)
{
    static const char *const marks[] = {".so", ".cpython-", ".abi3"};
    const char *end = name + strlen(name);

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        const char *mark = strstr(name, marks[i]);

        if (mark && mark < end)
            end = mark;
    }
    for (const char *at = name; at < end; at++)
        if (is_hash(at, end))
            end = at;
    return (size_t)(end - name);
}

static const char *identify(struct thaw_differ *differ, int side, const json_t *library, bool exact)
{
    const char *path = thaw_differ_keep(differ, thaw_key_text(&differ->arena, library, "path"));
    const char *owner =
        thaw_differ_keep(differ, thaw_key_name(&differ->arena, library, "distribution"));
    const char *place, *name;
    size_t length;

    if (thaw_summary_is(library, "outside"))
        return thaw_differ_keep(differ, thaw_arena_format(&differ->arena, "outside\n%s",
                                                          thaw_key_last_part(path)));
    place = thaw_differ_place(differ, side, path);
    name = thaw_key_last_part(place);
    length = exact ? strlen(name) : stem(name);
    return thaw_differ_keep(differ,
                            thaw_arena_format(&differ->arena, "%s\n%.*s%.*s", owner,
                                              (int)(name - place), place, (int)length, name));
}

static const char **keys_of(struct thaw_differ *differ, int side, const json_t *list, bool exact)
{
    const char **keys =
        thaw_arena_allocate(&differ->arena, (json_array_size(list) + 1) * sizeof(*keys));
    const json_t *library;
    size_t i;

    differ->values.failed |= !keys;
    if (keys)
        json_array_foreach(list, i, library) keys[i] = identify(differ, side, library, exact);
    return keys;
}

static json_t *state(struct thaw_differ *differ, const json_t *library)
{
    static const char *const keys[] = {"path", "soname", "build_id", "bytes"};
    json_t *object;

    if (!library)
        return json_null();
    object = thaw_values_object(&differ->values);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        thaw_differ_copy(differ, object, library, keys[i]);
    return object;
}

static bool is_known(const json_t *library, const char *key)
{
    const json_t *value = json_object_get(library, key);

    return value && !json_is_null(value);
}

/* NULL: nothing changed. */
static const char *word(const json_t *before, const json_t *after)
{
    const json_t *before_id = json_object_get(before, "build_id");
    const json_t *after_id = json_object_get(after, "build_id");

    if (!before || !after)
        return thaw_differ_word(before, after, "");
    if (is_known(before, "bytes") && is_known(after, "bytes") &&
        thaw_summary_number(before, "bytes") != thaw_summary_number(after, "bytes"))
        return "size";
    if (json_is_string(before_id) && json_is_string(after_id) && !json_equal(before_id, after_id))
        return "build";
    return NULL;
}

/* changes: the target's own, then the system's. */
static void add(struct thaw_differ *differ, struct thaw_diff_changes *changes, const json_t *before,
                const json_t *after)
{
    const json_t *own = after ? after : before;
    bool known = (!before || is_known(before, "bytes")) && (!after || is_known(after, "bytes"));
    bool outside = thaw_summary_is(own, "outside");
    int64_t change = known ? thaw_differ_change(thaw_summary_number(before, "bytes"),
                                                thaw_summary_number(after, "bytes"))
                           : 0;
    json_t *object = thaw_values_object(&differ->values);

    thaw_values_set_text(&differ->values, object, "change", word(before, after));
    thaw_differ_copy(differ, object, own, "path");
    thaw_differ_copy(differ, object, own, "distribution");
    thaw_values_set_boolean(&differ->values, object, "outside", outside);
    thaw_values_set(&differ->values, object, "before", state(differ, before));
    thaw_values_set(&differ->values, object, "after", state(differ, after));
    if (known)
        thaw_values_set_signed(&differ->values, object, "bytes_change", change);
    else
        thaw_values_set_null(&differ->values, object, "bytes_change");
    thaw_differ_add(differ, &changes[outside], object, outside ? 0 : thaw_differ_weight(change),
                    thaw_differ_keep(differ, thaw_key_text(&differ->arena, own, "path")));
}

void thaw_diff_libraries(struct thaw_differ *differ, json_t *diff)
{
    const json_t *lists[2] = {thaw_differ_list(differ, 0, "libraries"),
                              thaw_differ_list(differ, 1, "libraries")};
    struct thaw_diff_changes changes[2] = {0};
    struct thaw_diff_matching matching;
    json_t *sorted, *last;
    uint64_t same = 0;

    if (!lists[0] || !lists[1]) {
        thaw_values_set_null(&differ->values, diff, "libraries");
        thaw_values_set_null(&differ->values, diff, "libraries_same");
        return;
    }
    if (!thaw_differ_begin(differ, lists[0], lists[1], &matching))
        return;
    for (int exact = 1; exact >= 0 && !differ->values.failed; exact--) {
        const char **before = keys_of(differ, 0, lists[0], exact);
        const char **after = keys_of(differ, 1, lists[1], exact);

        if (!differ->values.failed)
            thaw_differ_match(differ, &matching, before, after);
    }
    for (size_t i = 0; i < matching.count[1] && !differ->values.failed; i++) {
        const json_t *after = json_array_get(lists[1], i);
        const json_t *before = json_array_get(lists[0], matching.partner[1][i]);

        if (word(before, after))
            add(differ, changes, before, after);
        else
            same++;
    }
    for (size_t i = 0; i < matching.count[0] && !differ->values.failed; i++)
        if (matching.partner[0][i] == THAW_DIFF_NO_PARTNER)
            add(differ, changes, json_array_get(lists[0], i), NULL);
    sorted = thaw_differ_sorted(differ, &changes[0]);
    last = thaw_differ_sorted(differ, &changes[1]);
    differ->values.failed |= json_array_extend(sorted, last) != 0;
    json_decref(last);
    thaw_values_set(&differ->values, diff, "libraries", sorted);
    thaw_values_set_number(&differ->values, diff, "libraries_same", same);
}
