/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

/* Without these uthash ends the program when memory is short. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(entry) ((entry)->refused = true)
#include <uthash.h>

#include "timeline/lookup.h"

struct thaw_lookup_entry {
    uint64_t number;
    uint32_t value;
    bool refused;
    UT_hash_handle hh;
};

static struct thaw_lookup_entry *find(const struct thaw_lookup *lookup, const void *key,
                                      size_t length)
{
    struct thaw_lookup_entry *entry = NULL;

    HASH_FIND(hh, lookup->entries, key, length, entry);
    return entry;
}

/* key NULL: the entry's own number. */
static bool set(struct thaw_lookup *lookup, const char *key, uint64_t number, uint32_t value)
{
    size_t length = key ? strlen(key) : sizeof(number);
    struct thaw_lookup_entry *entry =
        find(lookup, key ? (const void *)key : (const void *)&number, length);

    if (entry) {
        entry->value = value;
        return true;
    }
    entry = calloc(1, sizeof(*entry));
    if (!entry)
        return false;
    entry->number = number;
    entry->value = value;
    if (key)
        HASH_ADD_KEYPTR(hh, lookup->entries, key, length, entry);
    else
        HASH_ADD(hh, lookup->entries, number, length, entry);
    if (!entry->refused)
        return true;
    free(entry);
    return false;
}

bool thaw_lookup_set_text(struct thaw_lookup *lookup, const char *key, uint32_t value)
{
    return set(lookup, key, 0, value);
}

bool thaw_lookup_set_number(struct thaw_lookup *lookup, uint64_t key, uint32_t value)
{
    return set(lookup, NULL, key, value);
}

uint32_t thaw_lookup_text(const struct thaw_lookup *lookup, const char *key, uint32_t otherwise)
{
    const struct thaw_lookup_entry *entry = find(lookup, key, strlen(key));

    return entry ? entry->value : otherwise;
}

uint32_t thaw_lookup_number(const struct thaw_lookup *lookup, uint64_t key, uint32_t otherwise)
{
    const struct thaw_lookup_entry *entry = find(lookup, &key, sizeof(key));

    return entry ? entry->value : otherwise;
}

void thaw_lookup_free(struct thaw_lookup *lookup)
{
    struct thaw_lookup_entry *entry, *next;

    HASH_ITER(hh, lookup->entries, entry, next)
    {
        HASH_DEL(lookup->entries, entry);
        free(entry);
    }
    lookup->entries = NULL;
}
