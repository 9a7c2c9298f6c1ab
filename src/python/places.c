/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "python/places.h"

/* Of everything that returns by calls: the interpreter's functions, then the collector's. */
#define FUNCTIONS (THAW_PYTHON_FUNCTIONS + 1)

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
        functions[i] = info->row->symbols[i] ? info->row->symbols[i] : "";
    functions[THAW_PYTHON_FUNCTIONS] =
        ret->collects && !ret->collector.marks ? ret->collector.symbol : "";
    code = thaw_object_call_returns(object, functions, FUNCTIONS, arena, returns, error);
    thaw_object_close(object);
    if (code)
        return code;
    memcpy(ret->returns, returns, sizeof(ret->returns));
    ret->collector_returns = returns[THAW_PYTHON_FUNCTIONS];
    return 0;
}
