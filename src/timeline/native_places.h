/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_NATIVE_PLACES_H
#define THAW_TIMELINE_NATIVE_PLACES_H

#include <stdbool.h>

#include "timeline/build.h"
#include "timeline/lookup.h"

/* A function's extent, as the inventory tells it. */
struct thaw_native_extent {
    uint32_t library; /* index */
    uint64_t offset;
    uint64_t bytes;
    const char *name;
};

/* Libraries by path and functions by place, given numbers as they are met. */
struct thaw_native_places {
    struct thaw_build *build;
    struct thaw_lookup libraries;                  /* path to index */
    THAW_ARRAY(struct thaw_native_extent) extents; /* by library, then by offset */
    struct thaw_lookup by_extent;                  /* index of its extent to that of a function */
    struct thaw_lookup *by_offset; /* of each library: offset to function, where no extent is */
    size_t by_offset_count;
};

/* Takes the inventory's functions. False when memory is short. */
bool thaw_native_places_open(struct thaw_native_places *places, struct thaw_build *build);

/* The index of a library or function, added when it is new; UINT32_MAX: memory is short. */
uint32_t thaw_native_library(struct thaw_native_places *places, const char *path);
uint32_t thaw_native_function(struct thaw_native_places *places, uint32_t library, uint64_t offset);

/* Counts a sample of something in a module; lookup: of both, to the index of their share. */
bool thaw_native_share_add(struct thaw_shares *shares, struct thaw_lookup *lookup, uint32_t of,
                           uint32_t module);

void thaw_native_places_close(struct thaw_native_places *places);

#endif
