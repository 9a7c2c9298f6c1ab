/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_NATIVE_LOADER_CACHE_H
#define THAW_NATIVE_LOADER_CACHE_H

#include <stddef.h>

#include "native/object.h"
#include "thaw/error.h"

/*
 * The dynamic loader's cache, /etc/ld.so.cache: SONAME to path. Source of the format: glibc
 * sysdeps/generic/dl-cache.h, "glibc-ld.so.cache1.1" (alone, or behind the old "ld.so-1.7.0" part).
 * Entries for x86-64, aarch64 and i386 are used, also those for a glibc-hwcaps subfolder.
 */
struct thaw_loader_cache;

/*
 * Reads the cache below root ("" for this machine). A machine without one, or with one of another
 * format, gives an empty cache and 0; fails only when memory is short.
 */
int thaw_loader_cache_open(const char *root, struct thaw_loader_cache **ret,
                           struct thaw_error *error);

/* The same from bytes, which are copied. */
int thaw_loader_cache_parse(const void *bytes, size_t length, struct thaw_loader_cache **ret,
                            struct thaw_error *error);

void thaw_loader_cache_free(struct thaw_loader_cache *cache); /* NULL is allowed */

/*
 * Path for a SONAME, the cache's own text; NULL when it is not in there. cpu_level: of
 * thaw_cpu_level(), the best entry for it or a lower one is taken.
 */
const char *thaw_loader_cache_find(const struct thaw_loader_cache *cache, const char *soname,
                                   struct thaw_object_abi abi, unsigned cpu_level);

#endif
