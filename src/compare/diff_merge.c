/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "compare/diff_cold.h"
#include "report/keys.h"

/*
 * The import trees of all runs laid upon each other: nodes are paths of names below the role of
 * their process. Those of one name and role are one module, wherever they are.
 */

struct cold_entry {
    size_t key[2];
    size_t number;
    UT_hash_handle hh;
};

/* The number under a key, THAW_COLD_NONE: there is none. */
static size_t find(struct cold_entry *table, size_t first, size_t second)
{
    size_t key[2] = {first, second};
    struct cold_entry *entry;

    HASH_FIND(hh, table, key, sizeof(key), entry);
    return entry ? entry->number : THAW_COLD_NONE;
}

static void enter(struct thaw_cold *cold, struct cold_entry **table, size_t first, size_t second,
                  size_t number)
{
    struct cold_entry *entry = thaw_cold_allocate(cold, 1, sizeof(*entry));

    if (!entry)
        return;
    *entry = (struct cold_entry){.key = {first, second}, .number = number};
    HASH_ADD(hh, *table, key, sizeof(entry->key), entry);
    cold->differ->values.failed |= !entry->hh.tbl;
}

static size_t module_of(struct thaw_cold *cold, enum thaw_cold_role role, size_t name)
{
    size_t number = find(cold->module_table, role, name);
    struct thaw_cold_module *module;

    if (number != THAW_COLD_NONE)
        return number;
    module = thaw_array_add(&cold->modules);
    cold->differ->values.failed |= !module;
    if (!module)
        return THAW_COLD_NONE;
    *module = (struct thaw_cold_module){
        .name = name,
        .role = role,
        .nodes = {THAW_COLD_NONE, THAW_COLD_NONE},
    };
    enter(cold, &cold->module_table, role, name, cold->modules.count - 1);
    return cold->modules.count - 1;
}

/* Below parent; name: of a role's root its number. */
static size_t node_of(struct thaw_cold *cold, size_t parent, size_t name, enum thaw_cold_role role)
{
    size_t number = find(cold->node_table, parent, name), module;
    struct thaw_cold_node *node;

    if (number != THAW_COLD_NONE || name == THAW_COLD_NONE)
        return number;
    module = parent == THAW_COLD_NONE ? THAW_COLD_NONE : module_of(cold, role, name);
    node = thaw_array_add(&cold->nodes);
    cold->differ->values.failed |= !node;
    if (!node)
        return THAW_COLD_NONE;
    *node = (struct thaw_cold_node){.parent = parent, .name = name, .module = module, .role = role};
    enter(cold, &cold->node_table, parent, name, cold->nodes.count - 1);
    return cold->nodes.count - 1;
}

/* The processes of a run, by id. */
struct roles {
    struct process_role {
        uint64_t id;
        enum thaw_cold_role role;
    } * items;
    size_t count;
    bool generic; /* the headline's is a server of no platform: its host may import for it */
};

static int compare_roles(const void *left, const void *right)
{
    const struct process_role *a = left, *b = right;

    return (a->id > b->id) - (a->id < b->id);
}

static enum thaw_cold_role role_of_word(const char *word)
{
    if (!strcmp(word, "worker"))
        return THAW_COLD_FURTHER;
    if (!strcmp(word, "host"))
        return THAW_COLD_HOST;
    return !strcmp(word, "monitor") ? THAW_COLD_MONITOR : THAW_COLD_PROCESS;
}

static void list_roles(struct thaw_cold *cold, const struct thaw_cold_run *run, struct roles *ret)
{
    const json_t *processes = thaw_summary_list(run->report, "processes"), *process;
    uint64_t headline = thaw_summary_number(run->summary.track, "process");
    size_t i;

    *ret = (struct roles){
        .items = thaw_cold_allocate(cold, json_array_size(processes), sizeof(*ret->items)),
    };
    json_array_foreach(processes, i, process)
    {
        uint64_t id = thaw_summary_number(process, "id");

        if (!ret->items)
            return;
        ret->items[ret->count++] = (struct process_role){
            .id = id,
            .role = headline && id == headline ? THAW_COLD_WORKER
                                               : role_of_word(thaw_key_string(process, "role")),
        };
        if (headline && id == headline)
            ret->generic = !strcmp(thaw_key_string(process, "platform"), "generic");
    }
    if (ret->count)
        qsort(ret->items, ret->count, sizeof(*ret->items), compare_roles);
}

static enum thaw_cold_role role_of(const struct roles *roles, uint64_t process)
{
    struct process_role key = {.id = process};
    const struct process_role *found =
        roles->count ? bsearch(&key, roles->items, roles->count, sizeof(key), compare_roles) : NULL;

    return found ? found->role : THAW_COLD_PROCESS;
}

/* What the headline's worker loads where nothing counts is left out: false. */
static bool place(const struct thaw_cold_run *run, const struct roles *roles,
                  const struct thaw_import_node *node, enum thaw_cold_role *ret)
{
    bool counted;

    *ret = role_of(roles, node->process);
    if (*ret != THAW_COLD_WORKER && !(*ret == THAW_COLD_HOST && roles->generic))
        return true;
    counted = thaw_summary_is_counted(&run->summary, node->module);
    if (*ret == THAW_COLD_WORKER)
        return counted;
    if (counted)
        *ret = THAW_COLD_WORKER;
    return true;
}

static void merge_run(struct thaw_cold *cold, struct thaw_cold_run *run)
{
    struct roles roles;

    list_roles(cold, run, &roles);
    for (size_t i = 0; i < run->tree.count && !thaw_cold_failed(cold); i++) {
        const struct thaw_import_node *node = &run->tree.nodes[i];
        size_t above = node->parent == THAW_IMPORT_NONE ? THAW_COLD_NONE : run->nodes[node->parent];
        enum thaw_cold_role role;
        const char *name;

        run->nodes[i] = THAW_COLD_NONE;
        if (!place(run, &roles, node, &role))
            continue;
        if (above == THAW_COLD_NONE || cold->nodes.items[above].role != role)
            above = node_of(cold, THAW_COLD_NONE, (size_t)role, role);
        name = thaw_differ_keep(cold->differ,
                                thaw_key_raw(thaw_cold_arena(cold), node->module, "name"));
        if (!thaw_cold_failed(cold))
            run->nodes[i] = node_of(cold, above, thaw_cold_name(cold, name), role);
    }
}

static bool allocate(struct thaw_cold *cold, struct thaw_cold_times *times, size_t runs)
{
    times->total_ns = thaw_cold_allocate(cold, runs, sizeof(uint64_t));
    times->self_ns = thaw_cold_allocate(cold, runs, sizeof(uint64_t));
    times->times = thaw_cold_allocate(cold, runs, sizeof(uint64_t));
    return !thaw_cold_failed(cold);
}

static void add_time(struct thaw_cold_times *times, size_t *runs, size_t run,
                     const struct thaw_import_node *node)
{
    *runs += !times->times[run];
    times->times[run]++;
    times->total_ns[run] += node->total_ns;
    times->self_ns[run] += node->self_ns;
}

/* The first one tells what a module is; one that was loaded goes before one that failed. */
static void represent(struct thaw_cold_module *module, int side, const json_t *report, size_t node)
{
    if (module->reports[side] &&
        (!strcmp(thaw_key_string(module->reports[side], "status"), "loaded") ||
         strcmp(thaw_key_string(report, "status"), "loaded") != 0))
        return;
    module->reports[side] = report;
    module->nodes[side] = node;
}

/* The root of its role: everything directly below it. */
static size_t root_of(const struct thaw_cold *cold, size_t node)
{
    size_t parent = cold->nodes.items[node].parent;

    return cold->nodes.items[parent].parent == THAW_COLD_NONE ? parent : THAW_COLD_NONE;
}

static void add_run(struct thaw_cold *cold, int side, size_t number)
{
    const struct thaw_cold_run *run = &cold->runs[side][number];

    for (size_t i = 0; i < run->tree.count; i++) {
        const struct thaw_import_node *node = &run->tree.nodes[i];
        struct thaw_cold_node *merged;
        struct thaw_cold_module *module;
        size_t root;

        if (run->nodes[i] == THAW_COLD_NONE)
            continue;
        merged = &cold->nodes.items[run->nodes[i]];
        module = &cold->modules.items[merged->module];
        add_time(&merged->sides[side], &merged->runs[side], number, node);
        add_time(&module->sides[side], &module->runs[side], number, node);
        represent(module, side, node->module, run->nodes[i]);
        root = root_of(cold, run->nodes[i]);
        if (root != THAW_COLD_NONE) {
            struct thaw_import_node whole = {.total_ns = node->total_ns};

            merged = &cold->nodes.items[root];
            add_time(&merged->sides[side], &merged->runs[side], number, &whole);
        }
    }
}

static bool differs(const json_t *before, const json_t *after, const char *key)
{
    return !json_equal(json_object_get(before, key), json_object_get(after, key));
}

static const char *bytecode(const json_t *module)
{
    return thaw_key_string(json_object_get(module, "bytecode"), "status");
}

static size_t parent_name(const struct thaw_cold *cold, size_t node)
{
    const struct thaw_cold_node *parent = &cold->nodes.items[cold->nodes.items[node].parent];

    return parent->parent == THAW_COLD_NONE ? THAW_COLD_NONE : parent->name;
}

/* Both known, and not the same. */
static bool has_other_bytes(const json_t *before, const json_t *after)
{
    const json_t *left = json_object_get(before, "opened_bytes");
    const json_t *right = json_object_get(after, "opened_bytes");

    return json_is_integer(left) && json_is_integer(right) && !json_equal(left, right);
}

/* Of what both sides have: "moved", "status" …, NULL none. */
static const char *change_of(struct thaw_cold *cold, const struct thaw_cold_module *module)
{
    const json_t *before = module->reports[0], *after = module->reports[1];

    if (differs(before, after, "status"))
        return "status";
    if (parent_name(cold, module->nodes[0]) != parent_name(cold, module->nodes[1]))
        return "moved";
    if ((differs(before, after, "kind") && *thaw_key_string(before, "kind") &&
         *thaw_key_string(after, "kind")) ||
        (*bytecode(before) && *bytecode(after) && strcmp(bytecode(before), bytecode(after)) != 0))
        return "kind";
    return has_other_bytes(before, after) ? "bytes" : NULL;
}

/* Which modules came or went, and below which of these others did. */
static void find_changes(struct thaw_cold *cold)
{
    size_t *below = thaw_cold_allocate(cold, cold->nodes.count, sizeof(*below));

    for (size_t i = 0; i < cold->modules.count; i++) {
        struct thaw_cold_module *module = &cold->modules.items[i];

        if (module->runs[0] && module->runs[1])
            module->change = change_of(cold, module);
        else
            module->change = module->runs[1] ? "came" : "went";
    }
    for (size_t i = cold->nodes.count; below && i-- > 0;) {
        const struct thaw_cold_node *node = &cold->nodes.items[i];
        struct thaw_cold_module *module =
            node->module == THAW_COLD_NONE ? NULL : &cold->modules.items[node->module];
        const struct thaw_cold_node *parent;

        if (!module || (module->runs[0] && module->runs[1]))
            continue;
        module->below = below[i];
        below[node->parent] += below[i] + 1;
        parent = &cold->nodes.items[node->parent];
        module->top = parent->module == THAW_COLD_NONE ||
                      cold->modules.items[parent->module].change == NULL ||
                      strcmp(cold->modules.items[parent->module].change, module->change) != 0;
    }
}

void thaw_cold_merge(struct thaw_cold *cold)
{
    for (int side = 1; side >= 0; side--) /* the order is that after */
        for (size_t i = 0; i < cold->counts[side]; i++)
            merge_run(cold, &cold->runs[side][i]);
    for (int side = 0; side < 2 && !thaw_cold_failed(cold); side++) {
        for (size_t i = 0; i < cold->nodes.count; i++)
            if (!allocate(cold, &cold->nodes.items[i].sides[side], cold->counts[side]))
                return;
        for (size_t i = 0; i < cold->modules.count; i++)
            if (!allocate(cold, &cold->modules.items[i].sides[side], cold->counts[side]))
                return;
        for (size_t i = 0; i < cold->counts[side]; i++)
            add_run(cold, side, i);
    }
    if (!thaw_cold_failed(cold))
        find_changes(cold);
}

void thaw_cold_merge_end(struct thaw_cold *cold)
{
    HASH_CLEAR(hh, cold->node_table);
    HASH_CLEAR(hh, cold->module_table);
    thaw_array_free(&cold->nodes);
    thaw_array_free(&cold->modules);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

bool thaw_cold_median(struct thaw_cold *cold, int side, const struct thaw_cold_times *times,
                      const uint64_t *values, uint64_t *ret)
{
    uint64_t small[32], *present = small;
    size_t count = 0;

    if (cold->counts[side] > sizeof(small) / sizeof(*small))
        present = thaw_cold_allocate(cold, cold->counts[side], sizeof(*present));
    for (int pass = 0; pass < 2 && !count && present; pass++)
        for (size_t i = 0; i < cold->counts[side]; i++)
            if (times->times[i] && (pass || cold->runs[side][i].used))
                present[count++] = values[i];
    if (!count)
        return false;
    qsort(present, count, sizeof(*present), compare);
    *ret = count % 2 ? present[count / 2]
                     : present[count / 2 - 1] + (present[count / 2] - present[count / 2 - 1]) / 2;
    return true;
}
