/* SPDX-License-Identifier: Apache-2.0 */
#include "python/methods.h"

/* sizeof(PyMethodDef): name, function, flags, documentation (Include/methodobject.h). */
#define METHOD_BYTES 32

/* Python/marshal.c, the same from 3.8 to 3.15. */
static const char *const marshal[] = {"dump", "load", "dumps", "loads"};

int thaw_python_unmarshal_find(const struct thaw_object *object, uint64_t *offset,
                               struct thaw_error *error)
{
    static const struct thaw_object_table table = {
        .names = marshal,
        .count = sizeof(marshal) / sizeof(marshal[0]),
        .entry_bytes = METHOD_BYTES,
    };

    return thaw_object_method(object, &table, table.count - 1, offset, error);
}
