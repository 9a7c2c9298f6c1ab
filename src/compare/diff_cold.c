/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

const char *const thaw_cold_roles[THAW_COLD_ROLES] = {
    [THAW_COLD_WORKER] = "worker",   [THAW_COLD_FURTHER] = "further", [THAW_COLD_HOST] = "host",
    [THAW_COLD_MONITOR] = "monitor", [THAW_COLD_PROCESS] = "process",
};

void *thaw_cold_allocate(struct thaw_cold *cold, size_t count, size_t size)
{
    void *memory = count < SIZE_MAX / size
                       ? thaw_arena_allocate(thaw_cold_arena(cold), (count + 1) * size)
                       : NULL;

    cold->differ->values.failed |= !memory;
    return memory;
}

size_t thaw_cold_name(struct thaw_cold *cold, const char *key)
{
    size_t number = cold->names.count;
    const char **slot, *copy;
    int code;

    if (!key)
        key = "";
    number = thaw_path_table_find(&cold->names_table, key, strlen(key));
    if (number != THAW_PATH_NONE)
        return number;
    copy = thaw_differ_keep(cold->differ, thaw_arena_string(thaw_cold_arena(cold), key));
    slot = thaw_array_add(&cold->names);
    code = slot && !thaw_cold_failed(cold)
               ? thaw_path_table_add(&cold->names_table, thaw_cold_arena(cold), copy, strlen(copy),
                                     cold->names.count - 1)
               : -ENOMEM;
    cold->differ->values.failed |= code < 0;
    if (!slot)
        return THAW_COLD_NONE;
    *slot = copy;
    return cold->names.count - 1;
}

bool thaw_cold_is_headline(const struct thaw_cold *cold, enum thaw_cold_role role)
{
    return role == THAW_COLD_WORKER || !cold->has_track;
}

static json_t *method(struct thaw_cold *cold)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);
    bool tested = cold->used[0] > 1 && cold->used[1] > 1;

    thaw_values_set_number(values, object, "before_runs", cold->used[0]);
    thaw_values_set_number(values, object, "after_runs", cold->used[1]);
    thaw_values_set_name(values, object, "test", tested ? "mann-whitney" : NULL);
    thaw_values_set_real(values, object, "level", THAW_COLD_LEVEL);
    thaw_values_set_name(values, object, "correction", tested ? "benjamini-hochberg" : NULL);
    thaw_values_set_real(values, object, "coverage", THAW_STATISTICS_COVERAGE);
    thaw_values_set_number(values, object, "resamples", THAW_STATISTICS_RESAMPLES);
    thaw_values_set_number(values, object, "phases", cold->tested[THAW_COLD_PHASES]);
    thaw_values_set_number(values, object, "modules", cold->tested[THAW_COLD_MODULES]);
    thaw_values_set_number(values, object, "packages", cold->tested[THAW_COLD_PACKAGES]);
    return object;
}

/* The total is what is asked first: it is tested by itself. */
static void set_total(struct thaw_cold *cold, json_t *object)
{
    struct thaw_cold_measure total, *one = &total;
    uint64_t *values[2];

    for (int side = 0; side < 2; side++) {
        values[side] = thaw_cold_allocate(cold, cold->counts[side], sizeof(**values));
        for (size_t i = 0; values[side] && i < cold->counts[side]; i++)
            values[side][i] = cold->runs[side][i].total_ns;
    }
    if (thaw_cold_failed(cold))
        return;
    thaw_cold_measure_begin(cold, &total, values[0], values[1]);
    thaw_cold_measure_test(cold, &one, 1);
    thaw_values_set(thaw_cold_values(cold), object, "total_ns",
                    thaw_cold_measure_object(cold, &total));
}

/* method stands first, and is known last. */
static json_t *compare(struct thaw_cold *cold)
{
    static void (*const members[])(struct thaw_cold *, json_t *) = {
        set_total,        thaw_cold_phases,  thaw_cold_counts,
        thaw_cold_tracks, thaw_cold_modules, thaw_cold_packages,
    };
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);

    thaw_values_set_null(values, object, "method");
    thaw_values_set(values, object, "unlike", thaw_cold_unlike(cold));
    thaw_cold_merge(cold);
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]) && !thaw_cold_failed(cold); i++)
        members[i](cold, object);
    if (!thaw_cold_failed(cold))
        thaw_values_set(values, object, "tree", thaw_cold_tree(cold));
    thaw_values_set(values, object, "method", method(cold));
    return object;
}

void thaw_diff_cold_start(struct thaw_differ *differ, json_t *diff)
{
    struct thaw_cold cold = {.differ = differ};
    json_t *object = NULL;

    if (thaw_cold_open_runs(&cold))
        object = cold.counts[0] && cold.counts[1] ? compare(&cold) : json_null();
    for (int side = 0; side < 2 && !differ->values.failed; side++)
        thaw_values_set(&differ->values, json_object_get(diff, side ? "after" : "before"), "runs",
                        thaw_cold_runs_list(&cold, side));
    thaw_values_set(&differ->values, diff, "cold_start", object);
    thaw_cold_merge_end(&cold);
    thaw_cold_close_runs(&cold);
    thaw_path_table_clear(&cold.names_table);
    thaw_array_free(&cold.names);
}
