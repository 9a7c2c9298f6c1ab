/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/diff_cold.h"
#include "report/import_chain.h"

/* How a module comes in: the modules above it, and the user's own statement nearest to it. */

enum { most_links = 32, most_levels = 1000 }; /* Python itself goes no deeper */

static const json_t *report_of(const struct thaw_cold *cold, size_t node, int side)
{
    size_t module = cold->nodes.items[node].module;

    return module == THAW_COLD_NONE ? NULL : cold->modules.items[module].reports[side];
}

/* null: nothing of the user's is in the chain. */
static json_t *importer(struct thaw_cold *cold, size_t node, int side)
{
    struct thaw_values *values = thaw_cold_values(cold);

    for (size_t level = 0; node != THAW_COLD_NONE && level < most_levels;
         level++, node = cold->nodes.items[node].parent) {
        size_t parent = cold->nodes.items[node].parent;
        const json_t *above = parent == THAW_COLD_NONE ? NULL : report_of(cold, parent, side);
        uint64_t line = 0;
        const json_t *place = thaw_import_place(report_of(cold, node, side), above, &line);
        json_t *object;

        if (!place)
            continue;
        object = thaw_values_object(values);
        thaw_differ_copy(cold->differ, object, place, "file");
        thaw_values_set_known(values, object, "line", line);
        return object;
    }
    return json_null();
}

void thaw_cold_chain(struct thaw_cold *cold, json_t *object, const struct thaw_cold_module *module)
{
    int side = module->runs[1] ? 1 : 0;
    size_t node = module->nodes[side], depth = 0, count;
    const char **names;

    for (size_t at = node; cold->nodes.items[at].module != THAW_COLD_NONE && depth < most_levels;
         at = cold->nodes.items[at].parent)
        depth++;
    count = depth > most_links ? most_links : depth;
    names = thaw_cold_allocate(cold, count, sizeof(*names));
    for (size_t at = node, left = depth; names && left-- > 0; at = cold->nodes.items[at].parent) {
        size_t place = left + 1 == depth ? count - 1 : left; /* its own name last */

        if (place < count - 1 || left + 1 == depth)
            names[place] = cold->names.items[cold->nodes.items[at].name];
    }
    if (names)
        thaw_values_set_texts(thaw_cold_values(cold), object, "chain", names, count);
    thaw_values_set(thaw_cold_values(cold), object, "importer", importer(cold, node, side));
}
