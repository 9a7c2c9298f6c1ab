/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/* Modules that changed, and those whose times do more than vary. */

enum { most_tested = 30 };

/* What is listed: what came and went at the top, other changes, what came and went below. */
enum { tier_bits = 60 };
enum tier { TIER_BELOW = 1, TIER_CHANGED, TIER_TOP };

struct timed_module {
    struct thaw_cold_module *module;
    struct thaw_cold_measure self;
    double size;
};

/* Values of a run that does not have it are absent. */
static const uint64_t *values_of(struct thaw_cold *cold, int side,
                                 const struct thaw_cold_times *times)
{
    uint64_t *values = thaw_cold_allocate(cold, cold->counts[side], sizeof(*values));

    for (size_t i = 0; values && i < cold->counts[side]; i++)
        values[i] = times->times[i] ? times->self_ns[i] : THAW_COLD_ABSENT;
    return values;
}

static void measure(struct thaw_cold *cold, const struct thaw_cold_module *module,
                    struct thaw_cold_measure *ret)
{
    const uint64_t *before = values_of(cold, 0, &module->sides[0]);
    const uint64_t *after = values_of(cold, 1, &module->sides[1]);

    if (before && after)
        thaw_cold_measure_begin(cold, ret, before, after);
}

static int by_size(const void *left, const void *right)
{
    const struct timed_module *a = left, *b = right;

    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    if (a->module->name != b->module->name)
        return a->module->name > b->module->name ? 1 : -1;
    return (a->module > b->module) - (a->module < b->module); /* of one name in several roles */
}

static json_t *loaded_object(struct thaw_cold *cold, const struct thaw_cold_module *module,
                             int side)
{
    struct thaw_values *values = thaw_cold_values(cold);
    const struct thaw_cold_times *times = &module->sides[side];
    const json_t *report = module->reports[side], *bytes;
    const struct thaw_cold_node *parent;
    json_t *object;
    uint64_t number;

    if (!module->runs[side])
        return json_null();
    object = thaw_values_object(values);
    parent = &cold->nodes.items[cold->nodes.items[module->nodes[side]].parent];
    thaw_values_set_name(values, object, "parent",
                         parent->module == THAW_COLD_NONE ? NULL : cold->names.items[parent->name]);
    thaw_differ_copy(cold->differ, object, report, "kind");
    thaw_values_set_name(values, object, "bytecode",
                         thaw_key_string(json_object_get(report, "bytecode"), "status"));
    thaw_values_set_text(values, object, "status", thaw_key_string(report, "status"));
    thaw_differ_copy(cold->differ, object, report, "file");
    bytes = json_object_get(report, "opened_bytes");
    thaw_values_set(values, object, "bytes",
                    json_is_integer(bytes) ? json_incref((json_t *)bytes) : json_null());
    thaw_values_set_number(values, object, "times",
                           thaw_cold_median(cold, side, times, times->times, &number) ? number : 0);
    thaw_values_set_number(values, object, "runs", module->runs[side]);
    thaw_values_set_number(values, object, "total_ns",
                           thaw_cold_median(cold, side, times, times->total_ns, &number) ? number
                                                                                         : 0);
    thaw_values_set_number(values, object, "self_ns",
                           thaw_cold_median(cold, side, times, times->self_ns, &number) ? number
                                                                                        : 0);
    return object;
}

static json_t *totals(struct thaw_cold *cold, const struct thaw_cold_module *module,
                      uint64_t *ret_largest)
{
    uint64_t numbers[2];
    bool known[2];

    *ret_largest = 0;
    for (int side = 0; side < 2; side++) {
        known[side] = thaw_cold_median(cold, side, &module->sides[side],
                                       module->sides[side].total_ns, &numbers[side]);
        if (known[side] && numbers[side] > *ret_largest)
            *ret_largest = numbers[side];
    }
    return thaw_differ_numbers(cold->differ, known[0] ? &numbers[0] : NULL,
                               known[1] ? &numbers[1] : NULL);
}

static void add(struct thaw_cold *cold, struct thaw_diff_changes *changes,
                const struct timed_module *timed)
{
    const struct thaw_cold_module *module = timed->module;
    struct thaw_values *values = thaw_cold_values(cold);
    const json_t *report = module->reports[module->runs[1] ? 1 : 0];
    json_t *object = thaw_values_object(values), *total;
    bool one_side = !module->runs[0] || !module->runs[1];
    uint64_t largest, weight;
    enum tier tier = one_side ? module->top ? TIER_TOP : TIER_BELOW : TIER_CHANGED;

    total = totals(cold, module, &largest);
    thaw_values_set_text(values, object, "change", module->change ? module->change : "time");
    thaw_differ_copy(cold->differ, object, report, "name");
    thaw_values_set_text(values, object, "role", thaw_cold_roles[module->role]);
    thaw_differ_copy(cold->differ, object, report, "distribution");
    thaw_differ_copy(cold->differ, object, report, "owner");
    thaw_values_set(values, object, "before", loaded_object(cold, module, 0));
    thaw_values_set(values, object, "after", loaded_object(cold, module, 1));
    thaw_values_set_boolean(values, object, "top", one_side && module->top);
    thaw_values_set_number(values, object, "below", module->below);
    thaw_values_set(values, object, "self_ns", thaw_cold_measure_object(cold, &timed->self));
    thaw_values_set(values, object, "total_ns", total);
    thaw_cold_chain(cold, object, module);
    thaw_values_set_number(values, object, "node", module->nodes[module->runs[1] ? 1 : 0]);
    weight = one_side ? largest : thaw_differ_weight(thaw_cold_measure_change(&timed->self));
    if (weight >= (uint64_t)1 << tier_bits)
        weight = ((uint64_t)1 << tier_bits) - 1;
    thaw_differ_add(cold->differ, changes, object, (uint64_t)tier << tier_bits | weight,
                    cold->names.items[module->name]);
}

/* Is it told, beside those that changed? The dearest ones of the tested are, where nothing can be
 * tested: those of them whose times differ. */
static bool is_told(const struct timed_module *timed, bool among_dearest)
{
    enum thaw_cold_verdict verdict = thaw_cold_measure_verdict(&timed->self);

    if (timed->module->change)
        return true;
    if (timed->self.tested)
        return verdict == THAW_COLD_SLOWER || verdict == THAW_COLD_FASTER;
    return among_dearest && thaw_cold_measure_change(&timed->self) != 0;
}

void thaw_cold_modules(struct thaw_cold *cold, json_t *object)
{
    struct timed_module *rows = calloc(cold->modules.count + 1, sizeof(*rows));
    struct thaw_cold_measure *tested[most_tested];
    struct thaw_diff_changes changes = {0};
    size_t both = 0, first_tested = 0;
    uint64_t same = 0;

    cold->differ->values.failed |= !rows;
    for (size_t i = 0; rows && i < cold->modules.count && !thaw_cold_failed(cold); i++) {
        struct thaw_cold_module *module = &cold->modules.items[i];

        rows[i].module = module;
        measure(cold, module, &rows[i].self);
        rows[i].size = rows[i].self.present[0] && rows[i].self.present[1]
                           ? thaw_cold_measure_size(&rows[i].self)
                           : -1;
        both += rows[i].size >= 0;
    }
    if (!thaw_cold_failed(cold)) {
        qsort(rows, cold->modules.count, sizeof(*rows), by_size);
        for (; first_tested < both && first_tested < most_tested; first_tested++)
            tested[first_tested] = &rows[first_tested].self;
        cold->tested[THAW_COLD_MODULES] = thaw_cold_measure_test(cold, tested, first_tested);
    }
    for (size_t i = 0; rows && i < cold->modules.count && !thaw_cold_failed(cold); i++) {
        if (is_told(&rows[i], i < first_tested))
            add(cold, &changes, &rows[i]);
        else
            same++;
    }
    free(rows);
    thaw_values_set(thaw_cold_values(cold), object, "modules",
                    thaw_differ_sorted(cold->differ, &changes));
    thaw_values_set_number(thaw_cold_values(cold), object, "modules_same", same);
}
