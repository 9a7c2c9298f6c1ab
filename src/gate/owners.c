/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/array.h"
#include "base/path_table.h"
#include "gate/owners.h"
#include "gate/readers.h"
#include "report/keys.h"

/* Of the gate's own copy of a report: no report that is written has it. */
#define MARK "owners_by_name"

enum { most_bytes = 1000 }; /* of a module's name */

struct naming {
    thaw_gate_owner *owner;
    void *context;
    struct thaw_arena arena;
    struct thaw_path_table table;   /* asked about before -> number of names */
    THAW_ARRAY(const char *) names; /* NULL: of none */
};

/* Kept: many modules are in few packages. */
static int ask(struct naming *it, const char *module, size_t length, const char **ret)
{
    size_t number = thaw_path_table_find(&it->table, module, length);
    const char *key, **slot;

    if (number != THAW_PATH_NONE) {
        *ret = it->names.items[number];
        return 0;
    }
    key = thaw_arena_text(&it->arena, module, length);
    slot = key ? thaw_array_add(&it->names) : NULL;
    if (!slot || thaw_path_table_add(&it->table, &it->arena, key, length, it->names.count - 1) < 0)
        return -ENOMEM;
    *slot = *ret = it->owner(it->context, key);
    return 0;
}

/* What is not there itself is a name within the module above it: six.moves is of six. */
static int find(struct naming *it, const char *module, const char **ret)
{
    size_t length = strlen(module);
    int code = 0;

    *ret = NULL;
    if (length > most_bytes)
        return 0;
    while (!code && !*ret && length) {
        const char *dot;

        code = ask(it, module, length, ret);
        dot = memrchr(module, '.', length);
        length = dot ? (size_t)(dot - module) : 0;
    }
    return code;
}

static int name_module(struct naming *it, json_t *module)
{
    const char *name;
    json_t *text;
    int code;

    if (*thaw_key_string(module, "distribution") || *thaw_key_string(module, "file"))
        return 0;
    code = find(it, thaw_key_string(module, "name"), &name);
    text = code || !name ? NULL : json_string(name);
    if (!text) /* a name that is not UTF-8 is no text of a report */
        return code;
    return json_object_set_new(module, "distribution", text) ? -ENOMEM : 0;
}

static bool is_importtime(const json_t *run)
{
    struct thaw_summary summary;

    thaw_summary_begin(&summary, run, NULL, NULL);
    return thaw_gate_is_importtime(&summary);
}

int thaw_gate_name_owners(json_t *run, const json_t *target, thaw_gate_owner *owner, void *context)
{
    json_t *list = json_object_get(target, "distributions"), *module;
    struct naming it = {.owner = owner, .context = context};
    int code = 0;
    size_t i;

    if (!json_is_array(list) || !is_importtime(run))
        return 0;
    json_array_foreach(json_object_get(run, "modules"), i, module)
    {
        if (!code)
            code = name_module(&it, module);
    }
    thaw_path_table_clear(&it.table);
    thaw_array_free(&it.names);
    thaw_arena_free(&it.arena);
    if (!code && (json_object_set(run, "distributions", list) ||
                  json_object_set_new(run, MARK, json_true())))
        code = -ENOMEM;
    return code;
}

bool thaw_gate_has_owners(const json_t *report)
{
    return thaw_summary_is(report, MARK);
}
