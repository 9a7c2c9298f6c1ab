/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "python/methods.h"

/* sizeof(PyMethodDef): name, function, flags, documentation (Include/methodobject.h). */
#define METHOD_BYTES 32

/* Python/marshal.c, the same from 3.8 to 3.15. */
static const char *const marshal[] = {"dump", "load", "dumps", "loads"};

static const size_t places[THAW_PYTHON_METHODS] = {
    [THAW_PYTHON_MARSHAL] = 2,
    [THAW_PYTHON_UNMARSHAL] = 3,
};

int thaw_python_methods_find(const struct thaw_object *object,
                             uint64_t offsets[THAW_PYTHON_METHODS], struct thaw_error *error)
{
    static const struct thaw_object_table table = {
        .names = marshal,
        .count = sizeof(marshal) / sizeof(marshal[0]),
        .entry_bytes = METHOD_BYTES,
    };
    int code = thaw_object_methods(object, &table, places, THAW_PYTHON_METHODS, offsets, NULL);

    return code == -ENOMEM ? thaw_error_memory(error) : 0;
}
