/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_LIBRARIES_H
#define THAW_SHIPPED_LIBRARIES_H

#include "native/object.h"
#include "shipped/build.h"

/* Shared by libraries.c and library_closure.c: what the model does not say of an object. */
struct thaw_library_extra {
    struct thaw_object_abi abi;
};

/*
 * Finds what the target's objects need and adds those outside. extras: one for each library of the
 * model. -ENOMEM.
 */
int thaw_library_closure(struct thaw_shipped *shipped, const struct thaw_library_extra *extras,
                         struct thaw_error *error);

#endif
