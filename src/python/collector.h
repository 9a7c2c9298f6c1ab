/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_PYTHON_COLLECTOR_H
#define THAW_PYTHON_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "native/object.h"

/*
 * Where garbage collections of an interpreter can be seen: at its own probes (builds with dtrace,
 * as Debian's), else at the function that collects, where the symbol table still has it.
 */
struct thaw_python_collector {
    bool marks; /* start and done are set; else function is */
    struct thaw_object_mark start;
    struct thaw_object_mark done;
    const char *symbol; /* of the function */
    uint64_t function;  /* its offset in the file */
};

/* -ENOENT: collections of this build can't be seen. */
int thaw_python_collector_find(const struct thaw_object *object, struct thaw_python_collector *ret);

#endif
