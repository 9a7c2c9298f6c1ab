/* SPDX-License-Identifier: Apache-2.0 */
#include "analysis/import_share.h"

#include <string.h>

/* What a module computed by itself. */
static uint64_t cpu_ns(const struct thaw_module *module)
{
    uint64_t all = module->self_ns, waited = 0;

    for (size_t part = 0; module->usage_known && part < THAW_PARTS; part++) {
        const struct thaw_spent *spent = &module->parts[part];

        if (part != THAW_PART_GC)
            waited += spent->io_ns + spent->runqueue_ns + spent->sleep_ns;
    }
    return waited < all ? all - waited : 0;
}

/* Is the program itself one of the user's files? */
static bool is_own_program(const struct thaw_needs *needs)
{
    for (size_t i = 0; i < needs->graph.edges.count; i++) {
        const struct thaw_graph_edge *edge = &needs->graph.edges.items[i];

        if (edge->from == needs->main_node && edge->statement != THAW_GRAPH_NO_STATEMENT)
            return true;
    }
    return false;
}

/* Did code of the user's have it loaded? A parent's id is less than its child's. */
static bool is_of_app(const struct thaw_needs *needs, const struct thaw_module *module,
                      bool own_program)
{
    const struct thaw_module *modules = needs->timeline->modules;

    for (;; module = &modules[module->parent - 1]) {
        if (strcmp(module->owner, "app") == 0)
            return true;
        if (!module->parent || module->parent >= module->id)
            return !module->parent && own_program && module->start_ns >= needs->main_ns;
    }
}

double thaw_import_share_of(const struct thaw_needs *needs, const bool *nodes, uint64_t *ret_cpu_ns)
{
    const struct thaw_timeline *timeline = needs->timeline;
    bool own_program = is_own_program(needs);
    uint64_t all = 0, marked = 0;

    for (size_t i = 0; i < timeline->module_count; i++) {
        const struct thaw_module *module = &timeline->modules[i];

        if (module->process != needs->process || !is_of_app(needs, module, own_program))
            continue;
        all += cpu_ns(module);
        marked += nodes[i] ? cpu_ns(module) : 0;
    }
    *ret_cpu_ns = all;
    return all ? (double)marked / (double)all : 0;
}
