/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_METHODS_H
#define THAW_PYTHON_METHODS_H

#include "native/object.h"

/*
 * C functions of CPython's own modules, which no symbol names in stripped builds: found by the
 * table that makes them callable from Python.
 */
enum thaw_python_method {
    THAW_PYTHON_UNMARSHAL, /* marshal.loads: makes code objects of bytecode */
    THAW_PYTHON_MARSHAL,   /* marshal.dumps: makes bytecode of code objects, to be written */
    THAW_PYTHON_METHODS,
};

/* Where each begins in the file, 0: it was not found. -ENOMEM. */
int thaw_python_methods_find(const struct thaw_object *object,
                             uint64_t offsets[THAW_PYTHON_METHODS], struct thaw_error *error);

#endif
