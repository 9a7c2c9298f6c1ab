/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_LOOKUP_H
#define THAW_TIMELINE_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Small maps to an index: from texts (which must outlive the map) or from numbers, not both in
 * one map. `struct thaw_lookup pids = {0};` is an empty one.
 */
struct thaw_lookup {
    struct thaw_lookup_entry *entries;
};

/* Sets the key's value, replacing an older one; false when memory is short. */
bool thaw_lookup_set_text(struct thaw_lookup *lookup, const char *key, uint32_t value);
bool thaw_lookup_set_number(struct thaw_lookup *lookup, uint64_t key, uint32_t value);

/* The key's value, or otherwise when there is none. */
uint32_t thaw_lookup_text(const struct thaw_lookup *lookup, const char *key, uint32_t otherwise);
uint32_t thaw_lookup_number(const struct thaw_lookup *lookup, uint64_t key, uint32_t otherwise);

/* Frees the entries; the map is empty and usable afterwards. */
void thaw_lookup_free(struct thaw_lookup *lookup);

#endif
