/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SHIPPED_LIBRARY_OBJECT_H
#define THAW_SHIPPED_LIBRARY_OBJECT_H

#include "base/arena.h"
#include "native/object.h"
#include "thaw/shipped.h"

/* Is that the name of a shared object: "x.so", "libx.so.6"? */
bool thaw_library_is_name(const char *name);

/* May it be one, by what its name says it is (libraries.c)? */
bool thaw_library_may_be(const struct thaw_shipped_file *file);

/* "x86_64", "aarch64" …, as wheels' tags have it; "EM 243" of one without a name there. */
const char *thaw_library_machine(struct thaw_arena *arena, struct thaw_object_abi abi);

/* The other way round; false: no such name. */
bool thaw_library_abi(const char *machine, struct thaw_object_abi *ret);

/*
 * What an open object says of itself: all but file, outside, path, needed and content_hash. name is
 * that of its file. Texts and sections are arena's. -EBADMSG: its sections can't be told, all else
 * is there; -ENOMEM.
 */
int thaw_library_describe(const struct thaw_object *object, const char *name,
                          struct thaw_arena *arena, struct thaw_shipped_library *ret,
                          struct thaw_error *error);

#endif
