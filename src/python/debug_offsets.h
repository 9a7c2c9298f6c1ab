/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_DEBUG_OFFSETS_H
#define THAW_PYTHON_DEBUG_OFFSETS_H

#include "native/object.h"
#include "python/layouts.h"

/*
 * From 3.13 on a build says in its file how its objects are laid out: _Py_DebugOffsets at the start
 * of _PyRuntime (CPython 3.13: Include/internal/pycore_runtime.h, later:
 * Include/internal/pycore_debug_offsets.h). A build whose block contradicts the row of its version
 * is not read by that row.
 */
enum thaw_debug_offsets {
    THAW_DEBUG_OFFSETS_ABSENT, /* no block in the file, as in all versions before 3.13 */
    THAW_DEBUG_OFFSETS_AGREE,
    THAW_DEBUG_OFFSETS_FREE_THREADED, /* built without the GIL: every object has another header */
    THAW_DEBUG_OFFSETS_DIFFER,
};

enum thaw_debug_offsets thaw_debug_offsets_check(const struct thaw_object *object,
                                                 const struct thaw_python_layout *layout);

#endif
