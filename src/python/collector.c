/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "python/collector.h"

/* Static functions of Modules/gcmodule.c (3.8, 3.9; 3.10 to 3.12) and Python/gc.c (3.13). */
static const char *const functions[] = {"gc_collect_main", "collect"};

int thaw_python_collector_find(const struct thaw_object *object, struct thaw_python_collector *ret)
{
    uint64_t size;

    memset(ret, 0, sizeof(*ret));
    if (!thaw_object_usdt(object, "python", "gc__start", &ret->start) &&
        !thaw_object_usdt(object, "python", "gc__done", &ret->done)) {
        ret->marks = true;
        return 0;
    }
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        ret->symbol = functions[i];
        if (!thaw_object_function(object, functions[i], &ret->function, &size, NULL))
            return 0;
    }
    return -ENOENT;
}
