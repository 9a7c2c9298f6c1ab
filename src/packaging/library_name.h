/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PACKAGING_LIBRARY_NAME_H
#define THAW_PACKAGING_LIBRARY_NAME_H

#include "base/arena.h"

/*
 * A shared library's name as its own project has it: "libgfortran-040039e1.so.5.0.0" is
 * "libgfortran.so.5". auditwheel puts "-" and a hash before the first dot of a file's name, twice
 * where a repaired wheel was repaired again, and takes the file's name as SONAME, with its whole
 * version (auditwheel/repair.py, copylib()). NULL: memory is short.
 */
const char *thaw_library_plain_name(struct thaw_arena *arena, const char *name);

#endif
