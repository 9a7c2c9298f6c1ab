/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_METHODS_H
#define THAW_PYTHON_METHODS_H

#include "native/object.h"

/*
 * C functions of CPython's own modules, which no symbol names in stripped builds: found by the
 * table that makes them callable from Python.
 */

/* Where marshal.loads begins in the file, which makes code objects of bytecode. -ENOENT: it was not
 * found; -ENOMEM. */
int thaw_python_unmarshal_find(const struct thaw_object *object, uint64_t *offset,
                               struct thaw_error *error);

#endif
