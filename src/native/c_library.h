/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_C_LIBRARY_H
#define THAW_NATIVE_C_LIBRARY_H

#include <stdbool.h>

#include "base/arena.h"
#include "thaw/c_library.h"
#include "thaw/error.h"

/* What the files of a root tell of the C library and the dynamic loader of its programs. */
struct thaw_c_library_found {
    struct thaw_c_library c_library;
    const char *loader; /* inside the root, as PT_INTERP has it; "" not known */
};

/*
 * Of the program at a path inside the root, whose PT_INTERP tells it; "" or one that does not tell:
 * of /bin/sh, or else of what loader there is, but only where is_whole_root says that these are the
 * target's, too. Nothing is executed: the version is what musl's loader or glibc's libc.so.6 has in
 * it for its own message (musl: __libc_version, which PEP 656 has pip read; glibc: its banner).
 * Texts are constant or the arena's. -ENOMEM; what can't be read is not known.
 */
int thaw_c_library_find(const char *root, const char *program, bool is_whole_root,
                        struct thaw_arena *arena, struct thaw_c_library_found *ret,
                        struct thaw_error *error);

/*
 * The version in the bytes of musl's loader or glibc's libc.so.6; ret->kind says which. False: it
 * has none.
 */
bool thaw_c_library_version(const char *bytes, size_t length, struct thaw_c_library *ret);

#endif
