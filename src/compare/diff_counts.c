/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/* What a run loaded, in numbers. */
enum count {
    COUNT_MODULES,
    COUNT_APP_MODULES,
    COUNT_EXTENSIONS,
    COUNT_COMPILED,
    COUNT_FAILED,
    COUNT_PACKAGES,
    COUNT_LIBRARIES,
    COUNT_OPENED_BYTES,
    COUNT_LOOKUPS,
    COUNT_FAILED_LOOKUPS,
    COUNTS,
};

static const char *const keys[COUNTS] = {
    [COUNT_MODULES] = "modules",       [COUNT_APP_MODULES] = "app_modules",
    [COUNT_EXTENSIONS] = "extensions", [COUNT_COMPILED] = "compiled",
    [COUNT_FAILED] = "failed",         [COUNT_PACKAGES] = "packages",
    [COUNT_LIBRARIES] = "libraries",   [COUNT_OPENED_BYTES] = "opened_bytes",
    [COUNT_LOOKUPS] = "lookups",       [COUNT_FAILED_LOOKUPS] = "failed_lookups",
};

struct counted {
    uint64_t numbers[COUNTS];
    bool known[COUNTS];
};

static void add(struct counted *counted, enum count count, uint64_t number)
{
    counted->numbers[count] += number;
    counted->known[count] = true;
}

static bool is(const json_t *object, const char *key, const char *word)
{
    return !strcmp(thaw_key_string(object, key), word);
}

static void count_module(struct counted *counted, const json_t *module)
{
    const json_t *bytecode = json_object_get(module, "bytecode");
    const json_t *lookups = json_object_get(module, "lookups");

    if (!is(module, "status", "loaded")) {
        add(counted, COUNT_FAILED,
            is(module, "status", "failed") || is(module, "status", "not-found"));
        return;
    }
    add(counted, COUNT_MODULES, 1);
    add(counted, COUNT_APP_MODULES, is(module, "owner", "app"));
    add(counted, COUNT_EXTENSIONS, is(module, "kind", "extension"));
    if (bytecode)
        add(counted, COUNT_COMPILED, !is(bytecode, "status", "used"));
    if (json_object_get(module, "opened_bytes"))
        add(counted, COUNT_OPENED_BYTES, thaw_summary_number(module, "opened_bytes"));
    if (lookups) {
        add(counted, COUNT_LOOKUPS, thaw_summary_number(lookups, "count"));
        add(counted, COUNT_FAILED_LOOKUPS, thaw_summary_number(lookups, "failed"));
    }
}

/* Shared objects that were mapped: of a target's, those that are marked so. */
static void count_libraries(struct counted *counted, const json_t *report)
{
    const json_t *libraries = thaw_summary_list(report, "libraries"), *library;
    size_t i;

    counted->known[COUNT_LIBRARIES] = libraries != NULL;
    json_array_foreach(libraries, i, library)
    {
        add(counted, COUNT_LIBRARIES, !json_is_false(json_object_get(library, "loaded")));
    }
}

static void count_run(struct thaw_cold *cold, const struct thaw_cold_run *run,
                      struct counted *counted)
{
    json_t *packages = thaw_values_object(thaw_cold_values(cold));

    for (enum count count = COUNT_MODULES; count <= COUNT_EXTENSIONS; count++)
        counted->known[count] = true;
    counted->known[COUNT_FAILED] = true;
    for (size_t i = 0; i < run->tree.count && !thaw_cold_failed(cold); i++) {
        const json_t *module = run->tree.nodes[i].module;
        const char *name;

        if (run->nodes[i] == THAW_COLD_NONE ||
            !thaw_cold_is_headline(cold, cold->nodes.items[run->nodes[i]].role))
            continue;
        count_module(counted, module);
        name = thaw_differ_keep(cold->differ,
                                thaw_key_name(thaw_cold_arena(cold), module, "distribution"));
        if (*name)
            thaw_values_set(thaw_cold_values(cold), packages, name, json_true());
    }
    counted->known[COUNT_PACKAGES] = thaw_summary_list(run->report, "distributions") != NULL;
    counted->numbers[COUNT_PACKAGES] = json_object_size(packages);
    count_libraries(counted, run->report);
    json_decref(packages);
}

/* The median of the used runs (of all, where none is) that know it; false: none does. */
static bool median(struct thaw_cold *cold, int side, const struct counted *counted,
                   enum count count, uint64_t *ret)
{
    double *numbers = thaw_cold_allocate(cold, cold->counts[side], sizeof(*numbers)), middle;
    size_t present = 0;
    int code;

    for (size_t i = 0; numbers && i < cold->counts[side]; i++)
        if (counted[i].known[count] && (cold->runs[side][i].used || !cold->used[side]))
            numbers[present++] = (double)counted[i].numbers[count];
    code = numbers ? thaw_statistics_median(numbers, present, &middle) : -ENOMEM;
    cold->differ->values.failed |= code == -ENOMEM;
    if (code)
        return false;
    *ret = (uint64_t)(middle + 0.5);
    return true;
}

void thaw_cold_counts(struct thaw_cold *cold, json_t *object)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *counts = thaw_values_object(values);
    struct counted *counted[2];

    for (int side = 0; side < 2; side++) {
        counted[side] = thaw_cold_allocate(cold, cold->counts[side], sizeof(**counted));
        for (size_t i = 0; counted[side] && i < cold->counts[side]; i++)
            count_run(cold, &cold->runs[side][i], &counted[side][i]);
    }
    for (enum count count = 0; count < COUNTS && !thaw_cold_failed(cold); count++) {
        uint64_t numbers[2];
        bool known[2];

        for (int side = 0; side < 2; side++)
            known[side] = median(cold, side, counted[side], count, &numbers[side]);
        thaw_values_set(values, counts, keys[count],
                        thaw_differ_numbers(cold->differ, known[0] ? &numbers[0] : NULL,
                                            known[1] ? &numbers[1] : NULL));
    }
    thaw_values_set(values, object, "counts", counts);
}
