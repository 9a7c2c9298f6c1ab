/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <uthash.h>

#include "capture/instances.h"

/* Told apart in one session. */
#define INSTANCES_MOST 65536

struct thaw_instance {
    uint64_t number;
    UT_hash_handle hh;
    char id[];
};

static void forget(struct thaw_instances *instances, struct thaw_instance *instance)
{
    HASH_DEL(instances->first, instance);
    free(instance);
}

uint64_t thaw_instances_number(struct thaw_instances *instances, struct thaw_wire_text id)
{
    struct thaw_instance *instance;

    if (!id.length)
        return 0;
    HASH_FIND(hh, instances->first, id.bytes, id.length, instance);
    if (instance)
        return instance->number;
    if (HASH_COUNT(instances->first) >= INSTANCES_MOST && instances->forgets)
        forget(instances, instances->first);
    else if (HASH_COUNT(instances->first) >= INSTANCES_MOST) {
        instances->not_followed++;
        return 0;
    }
    instance = calloc(1, sizeof(*instance) + id.length);
    if (!instance) {
        instances->memory_short++;
        return 0;
    }
    memcpy(instance->id, id.bytes, id.length);
    instance->number = ++instances->last;
    HASH_ADD_KEYPTR(hh, instances->first, instance->id, id.length, instance);
    return instance->number;
}

void thaw_instances_free(struct thaw_instances *instances)
{
    struct thaw_instance *instance, *next;

    HASH_ITER(hh, instances->first, instance, next)
    {
        forget(instances, instance);
    }
}
