/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/path_table.h"
#include "gate/side_parts.h"
#include "report/keys.h"
#include "report/summary.h"

/* What a cold start loads, by the first part of modules' names: any backend tells that. */

struct collecting {
    struct thaw_gate_side *side;
    struct thaw_path_table table; /* name -> number of side->imports */
};

static int count_module(struct collecting *it, const char *module)
{
    struct thaw_gate_side *side = it->side;
    size_t length = strcspn(module, ".");
    size_t number = thaw_path_table_find(&it->table, module, length);
    struct thaw_gate_import *row;
    const char *name;

    if (number != THAW_PATH_NONE) {
        side->imports.items[number].modules++;
        return 0;
    }
    name = thaw_arena_text(&side->arena, module, length);
    row = name ? thaw_array_add(&side->imports) : NULL;
    if (!row)
        return -ENOMEM;
    *row = (struct thaw_gate_import){.name = name, .modules = 1};
    return thaw_path_table_add(&it->table, &side->arena, name, length, side->imports.count - 1) < 0
               ? -ENOMEM
               : 0;
}

static int by_name(const void *left, const void *right)
{
    const struct thaw_gate_import *a = left, *b = right;

    return strcmp(a->name, b->name);
}

void thaw_gate_imports_sort(struct thaw_gate_side *side)
{
    if (side->imports.count)
        qsort(side->imports.items, side->imports.count, sizeof(*side->imports.items), by_name);
}

int thaw_gate_imports_measured(struct thaw_gate_side *side)
{
    const json_t *run = thaw_gate_first_run(side), *module;
    struct collecting it = {.side = side};
    struct thaw_summary summary;
    int code = 0;
    size_t i;

    if (!run)
        return 0;
    thaw_summary_begin(&summary, run, NULL, NULL);
    json_array_foreach(json_object_get(run, "modules"), i, module)
    {
        if (!code && !strcmp(thaw_key_string(module, "status"), "loaded") &&
            thaw_summary_is_counted(&summary, module))
            code = count_module(&it, thaw_key_string(module, "name"));
    }
    thaw_path_table_clear(&it.table);
    thaw_gate_imports_sort(side);
    return code;
}
