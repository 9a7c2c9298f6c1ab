/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "compare/diff_cold.h"
#include "report/keys.h"

/* Both import trees in one, as columns: ten thousand nodes as objects would be ten times as long.
 */

static const json_t *report_of(const struct thaw_cold *cold, const struct thaw_cold_node *node)
{
    const struct thaw_cold_module *module;

    if (node->module == THAW_COLD_NONE)
        return NULL;
    module = &cold->modules.items[node->module];
    return module->reports[module->runs[1] ? 1 : 0];
}

static const char *word_of(const struct thaw_cold *cold, const struct thaw_cold_node *node)
{
    const struct thaw_cold_module *module;
    bool here[2] = {node->runs[0] > 0, node->runs[1] > 0};

    if (node->module == THAW_COLD_NONE)
        return here[0] && here[1] ? "same" : here[1] ? "came" : "went";
    module = &cold->modules.items[node->module];
    if (!module->runs[0] || !module->runs[1])
        return here[1] ? "came" : "went";
    if (!here[0] || !here[1])
        return "moved";
    return module->change && strcmp(module->change, "moved") != 0 ? "changed" : "same";
}

/* Where the module is on the other side, if it is there alone. */
static size_t partner_of(const struct thaw_cold *cold, const struct thaw_cold_node *node)
{
    const struct thaw_cold_module *module;
    int side = node->runs[1] ? 0 : 1;
    size_t other;

    if (node->module == THAW_COLD_NONE || (node->runs[0] && node->runs[1]))
        return THAW_COLD_NONE;
    module = &cold->modules.items[node->module];
    other = module->nodes[side];
    return other != THAW_COLD_NONE && !cold->nodes.items[other].runs[!side] ? other
                                                                            : THAW_COLD_NONE;
}

static void append_place(struct thaw_cold *cold, json_t *list, size_t place)
{
    thaw_values_append(thaw_cold_values(cold), list,
                       json_integer(place == THAW_COLD_NONE ? -1 : (json_int_t)place));
}

static json_t *times_column(struct thaw_cold *cold, int side, bool total)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *list = thaw_values_array(values);

    for (size_t i = 0; i < cold->nodes.count; i++) {
        const struct thaw_cold_times *times = &cold->nodes.items[i].sides[side];
        uint64_t number;

        if (thaw_cold_median(cold, side, times, total ? times->total_ns : times->self_ns, &number))
            thaw_values_append_number(values, list, number);
        else
            thaw_values_append(values, list, json_null());
    }
    return list;
}

static json_t *counts_column(struct thaw_cold *cold, int side)
{
    json_t *list = thaw_values_array(thaw_cold_values(cold));

    for (size_t i = 0; i < cold->nodes.count; i++) {
        const struct thaw_cold_times *times = &cold->nodes.items[i].sides[side];
        uint64_t number = 0;

        thaw_cold_median(cold, side, times, times->times, &number);
        thaw_values_append_number(thaw_cold_values(cold), list, number);
    }
    return list;
}

static void set_names(struct thaw_cold *cold, json_t *object)
{
    const char **names = thaw_cold_allocate(cold, cold->nodes.count, sizeof(*names));

    for (size_t i = 0; names && i < cold->nodes.count; i++) {
        const struct thaw_cold_node *node = &cold->nodes.items[i];

        names[i] = node->module == THAW_COLD_NONE ? thaw_cold_roles[node->role]
                                                  : cold->names.items[node->name];
    }
    if (names)
        thaw_values_set_texts(thaw_cold_values(cold), object, "name", names, cold->nodes.count);
}

/* Numbers of distributions in the order in which they come first. */
static void set_packages(struct thaw_cold *cold, json_t *object)
{
    struct thaw_path_table table = {0};
    const char **names = thaw_cold_allocate(cold, cold->nodes.count, sizeof(*names));
    json_t *list = thaw_values_array(thaw_cold_values(cold));
    size_t count = 0;

    for (size_t i = 0; names && i < cold->nodes.count; i++) {
        const json_t *report = report_of(cold, &cold->nodes.items[i]);
        const char *name = thaw_differ_keep(cold->differ, thaw_key_raw(thaw_cold_arena(cold),
                                                                       report, "distribution"));
        size_t number = *name ? thaw_path_table_find(&table, name, strlen(name)) : THAW_COLD_NONE;

        if (*name && number == THAW_PATH_NONE) {
            number = count;
            names[count++] = name;
            cold->differ->values.failed |=
                thaw_path_table_add(&table, thaw_cold_arena(cold), name, strlen(name), number) < 0;
        }
        append_place(cold, list, number);
    }
    thaw_path_table_clear(&table);
    thaw_values_set(thaw_cold_values(cold), object, "package", list);
    if (names)
        thaw_values_set_texts(thaw_cold_values(cold), object, "packages", names, count);
}

json_t *thaw_cold_tree(struct thaw_cold *cold)
{
    struct thaw_values *values = thaw_cold_values(cold);
    json_t *object = thaw_values_object(values), *parents = thaw_values_array(values);
    json_t *changes = thaw_values_array(values), *partners = thaw_values_array(values);
    json_t *owners = thaw_values_array(values);

    for (size_t i = 0; i < cold->nodes.count; i++) {
        const struct thaw_cold_node *node = &cold->nodes.items[i];
        const json_t *owner = json_object_get(report_of(cold, node), "owner");

        append_place(cold, parents, node->parent);
        thaw_values_append(values, changes, json_string(word_of(cold, node)));
        append_place(cold, partners, partner_of(cold, node));
        thaw_values_append(values, owners,
                           json_is_string(owner) ? json_incref((json_t *)owner) : json_null());
    }
    thaw_values_set(values, object, "parent", parents);
    set_names(cold, object);
    thaw_values_set(values, object, "change", changes);
    thaw_values_set(values, object, "partner", partners);
    thaw_values_set(values, object, "before_count", counts_column(cold, 0));
    thaw_values_set(values, object, "after_count", counts_column(cold, 1));
    thaw_values_set(values, object, "before_total_ns", times_column(cold, 0, true));
    thaw_values_set(values, object, "after_total_ns", times_column(cold, 1, true));
    thaw_values_set(values, object, "before_self_ns", times_column(cold, 0, false));
    thaw_values_set(values, object, "after_self_ns", times_column(cold, 1, false));
    thaw_values_set(values, object, "owner", owners);
    set_packages(cold, object);
    return object;
}
