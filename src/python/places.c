/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "python/places.h"

/* Of everything that returns by calls: the interpreter's functions, then the collector's. */
#define FUNCTIONS (THAW_PYTHON_FUNCTIONS + 1)

/*
 * Builtin and extension modules are run by a function that importlib's own C code mostly jumps to,
 * so that its calls return into code that everything passes. From 3.15 on it jumps to the older
 * one for modules of the older kind.
 */
static int find_init_exits(const struct thaw_object *object, const struct thaw_python_row *row,
                           struct thaw_arena *arena, struct thaw_call_returns *ret,
                           struct thaw_error *error)
{
    static const char older[] = "PyModule_ExecDef";
    const char *function = row->symbols[THAW_PYTHON_INIT];
    struct thaw_call_returns own, more = {0};
    struct thaw_call_return *items;
    int code = thaw_object_exits(object, function, arena, &own, error);

    if (!code && strcmp(function, older) != 0)
        code = thaw_object_exits(object, older, arena, &more, error);
    if (code)
        return code;
    items = thaw_arena_allocate(arena, (own.count + more.count + 1) * sizeof(*items));
    if (!items)
        return thaw_error_memory(error);
    memcpy(items, own.items, own.count * sizeof(*items));
    if (more.count)
        memcpy(items + own.count, more.items, more.count * sizeof(*items));
    *ret = (struct thaw_call_returns){.items = items, .count = own.count + more.count};
    return 0;
}

int thaw_python_places_find(const struct thaw_interpreter_info *info, struct thaw_arena *arena,
                            struct thaw_python_places *ret, struct thaw_error *error)
{
    struct thaw_call_returns returns[FUNCTIONS];
    const char *functions[FUNCTIONS];
    struct thaw_object *object;
    int code = thaw_object_open(info->open_path, &object, error);

    memset(ret, 0, sizeof(*ret));
    if (code)
        return code;
    ret->collects = thaw_python_collector_find(object, &ret->collector) == 0;
    for (size_t i = 0; i < THAW_PYTHON_FUNCTIONS; i++)
        functions[i] = info->row->symbols[i] && i != THAW_PYTHON_INIT ? info->row->symbols[i] : "";
    functions[THAW_PYTHON_FUNCTIONS] =
        ret->collects && !ret->collector.marks ? ret->collector.symbol : "";
    code = thaw_object_call_returns(object, functions, FUNCTIONS, arena, returns, error);
    if (!code)
        code = find_init_exits(object, info->row, arena, &returns[THAW_PYTHON_INIT], error);
    thaw_object_close(object);
    if (code)
        return code;
    memcpy(ret->returns, returns, sizeof(ret->returns));
    ret->collector_returns = returns[THAW_PYTHON_FUNCTIONS];
    return 0;
}
