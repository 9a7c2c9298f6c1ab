/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/* What modules of one distribution, or of one owner without a distribution, cost together. */

enum { most_tested = 30 };

struct package {
    const json_t *report; /* of a module, for its names */
    const struct thaw_cold_module *dearest;
    uint64_t dearest_ns;
    uint64_t *self_ns[2],
        *modules[2]; /* an item for each run; self_ns absent where there is none */
    bool others;     /* other modules of it are loaded */
    size_t runs[2];
    struct thaw_cold_measure measure;
    double size;
};

struct packages {
    struct thaw_cold *cold;
    struct thaw_path_table table;
    THAW_ARRAY(struct package) rows;
    json_t *versions[2]; /* name -> version */
};

static size_t row_of(struct packages *packages, const json_t *report)
{
    struct thaw_cold *cold = packages->cold;
    const char *name = thaw_differ_keep(cold->differ, thaw_key_name(thaw_cold_arena(cold), report,
                                                                    "distribution"));
    const char *key =
        thaw_differ_keep(cold->differ, *name ? name
                                             : thaw_arena_format(thaw_cold_arena(cold), "\n%s",
                                                                 thaw_key_string(report, "owner")));
    size_t number = thaw_path_table_find(&packages->table, key, strlen(key));
    struct package *row;

    if (number != THAW_PATH_NONE || thaw_cold_failed(cold))
        return number;
    row = thaw_array_add(&packages->rows);
    if (!row || thaw_path_table_add(&packages->table, thaw_cold_arena(cold), key, strlen(key),
                                    packages->rows.count - 1) < 0) {
        cold->differ->values.failed = true;
        return THAW_COLD_NONE;
    }
    row->report = report;
    for (int side = 0; side < 2; side++) {
        row->self_ns[side] = thaw_cold_allocate(cold, cold->counts[side], sizeof(uint64_t));
        row->modules[side] = thaw_cold_allocate(cold, cold->counts[side], sizeof(uint64_t));
    }
    return packages->rows.count - 1;
}

static void add_module(struct packages *packages, const struct thaw_cold_module *module)
{
    struct thaw_cold *cold = packages->cold;
    size_t number = row_of(packages, module->reports[module->runs[1] ? 1 : 0]);
    struct package *row;

    if (thaw_cold_failed(cold))
        return;
    row = &packages->rows.items[number];
    row->others |= !module->runs[0] || !module->runs[1];
    for (int side = 0; side < 2; side++) {
        uint64_t ns;

        row->runs[side] += module->runs[side];
        for (size_t i = 0; i < cold->counts[side]; i++) {
            row->self_ns[side][i] += module->sides[side].self_ns[i];
            row->modules[side][i] += module->sides[side].times[i] > 0;
        }
        if (thaw_cold_median(cold, side, &module->sides[side], module->sides[side].total_ns, &ns) &&
            (!row->dearest || ns > row->dearest_ns)) {
            row->dearest = module;
            row->dearest_ns = ns;
        }
    }
}

static void measure(struct thaw_cold *cold, struct package *row)
{
    uint64_t *values[2];

    for (int side = 0; side < 2; side++) {
        values[side] = thaw_cold_allocate(cold, cold->counts[side], sizeof(**values));
        for (size_t i = 0; values[side] && i < cold->counts[side]; i++)
            values[side][i] = row->modules[side][i] ? row->self_ns[side][i] : THAW_COLD_ABSENT;
    }
    if (!thaw_cold_failed(cold))
        thaw_cold_measure_begin(cold, &row->measure, values[0], values[1]);
    row->size = row->runs[0] && row->runs[1] ? thaw_cold_measure_size(&row->measure) : -1;
}

static int by_size(const void *left, const void *right)
{
    const struct package *a = left, *b = right;

    return (a->size < b->size) - (a->size > b->size);
}

/* name -> its version, of the first report of the side that says what is installed. */
static json_t *versions_of(struct thaw_cold *cold, int side)
{
    json_t *versions = thaw_values_object(thaw_cold_values(cold));
    const json_t *list = NULL, *distribution;
    size_t i;

    for (i = 0; i < cold->counts[side] && !list; i++)
        list = thaw_summary_list(cold->runs[side][i].report, "distributions");
    json_array_foreach(list, i, distribution)
    {
        const char *name = thaw_differ_keep(cold->differ, thaw_key_name(thaw_cold_arena(cold),
                                                                        distribution, "name"));

        if (*name && !json_object_get(versions, name))
            thaw_values_set(thaw_cold_values(cold), versions, name,
                            json_incref((json_t *)distribution));
    }
    return versions;
}

static void set_version(struct packages *packages, json_t *object, int side, const char *key,
                        const struct package *row)
{
    struct thaw_cold *cold = packages->cold;
    const char *name = thaw_differ_keep(cold->differ, thaw_key_name(thaw_cold_arena(cold),
                                                                    row->report, "distribution"));
    const json_t *distribution = json_object_get(packages->versions[side], name);

    thaw_values_set_name(thaw_cold_values(cold), object, key,
                         thaw_differ_keep(cold->differ, thaw_key_raw(thaw_cold_arena(cold),
                                                                     distribution, "version")));
}

static uint64_t modules_of(struct thaw_cold *cold, const struct package *row, int side)
{
    struct thaw_cold_times times = {.times = row->modules[side]};
    uint64_t number;

    return thaw_cold_median(cold, side, &times, times.times, &number) ? number : 0;
}

static bool has_other_version(const json_t *object)
{
    const json_t *before = json_object_get(object, "version_before");
    const json_t *after = json_object_get(object, "version_after");

    return json_is_string(before) && json_is_string(after) && !json_equal(before, after);
}

/* NULL: nothing worth telling. */
static const char *word_of(const struct package *row, const json_t *object, bool among_dearest)
{
    enum thaw_cold_verdict verdict = thaw_cold_measure_verdict(&row->measure);

    if (!row->runs[0] || !row->runs[1])
        return row->runs[1] ? "came" : "went";
    if (row->others)
        return "modules";
    if (has_other_version(object))
        return "version";
    if (row->measure.tested)
        return verdict == THAW_COLD_SLOWER || verdict == THAW_COLD_FASTER ? "time" : NULL;
    return among_dearest && thaw_cold_measure_change(&row->measure) ? "time" : NULL;
}

static void add(struct packages *packages, struct thaw_diff_changes *changes,
                const struct package *row, bool among_dearest)
{
    struct thaw_cold *cold = packages->cold;
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values);
    uint64_t modules[2] = {modules_of(cold, row, 0), modules_of(cold, row, 1)};
    const char *word;

    thaw_values_set_null(values, object, "change");
    thaw_values_set_name(values, object, "name",
                         thaw_differ_keep(cold->differ, thaw_key_raw(thaw_cold_arena(cold),
                                                                     row->report, "distribution")));
    thaw_differ_copy(cold->differ, object, row->report, "owner");
    set_version(packages, object, 0, "version_before", row);
    set_version(packages, object, 1, "version_after", row);
    word = word_of(row, object, among_dearest);
    if (!word || thaw_cold_failed(cold)) {
        json_decref(object);
        return;
    }
    thaw_values_set_text(values, object, "change", word);
    thaw_values_set(values, object, "modules",
                    thaw_differ_numbers(cold->differ, &modules[0], &modules[1]));
    thaw_values_set(values, object, "self_ns", thaw_cold_measure_object(cold, &row->measure));
    thaw_cold_chain(cold, object, row->dearest);
    thaw_differ_add(cold->differ, changes, object,
                    thaw_differ_weight(thaw_cold_measure_change(&row->measure)),
                    thaw_differ_keep(cold->differ, thaw_key_name(thaw_cold_arena(cold), row->report,
                                                                 "distribution")));
}

static void write(struct packages *packages, json_t *object)
{
    struct thaw_cold *cold = packages->cold;
    struct thaw_cold_measure *tested[most_tested];
    struct thaw_diff_changes changes = {0};
    size_t count = 0;

    for (size_t i = 0; i < packages->rows.count && !thaw_cold_failed(cold); i++)
        measure(cold, &packages->rows.items[i]);
    if (packages->rows.count)
        qsort(packages->rows.items, packages->rows.count, sizeof(*packages->rows.items), by_size);
    while (count < packages->rows.count && count < most_tested &&
           packages->rows.items[count].size >= 0) {
        tested[count] = &packages->rows.items[count].measure;
        count++;
    }
    if (!thaw_cold_failed(cold))
        cold->tested[THAW_COLD_PACKAGES] = thaw_cold_measure_test(cold, tested, count);
    for (size_t i = 0; i < packages->rows.count && !thaw_cold_failed(cold); i++)
        add(packages, &changes, &packages->rows.items[i], i < count);
    thaw_values_set(thaw_cold_values(cold), object, "packages",
                    thaw_differ_sorted(cold->differ, &changes));
}

void thaw_cold_packages(struct thaw_cold *cold, json_t *object)
{
    struct packages packages = {.cold = cold};

    for (int side = 0; side < 2; side++)
        packages.versions[side] = versions_of(cold, side);
    for (size_t i = 0; i < cold->modules.count && !thaw_cold_failed(cold); i++)
        if (thaw_cold_is_headline(cold, cold->modules.items[i].role))
            add_module(&packages, &cold->modules.items[i]);
    if (!thaw_cold_failed(cold))
        write(&packages, object);
    json_decref(packages.versions[0]);
    json_decref(packages.versions[1]);
    thaw_path_table_clear(&packages.table);
    thaw_array_free(&packages.rows);
}
