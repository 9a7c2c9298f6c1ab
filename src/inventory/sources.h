/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_SOURCES_H
#define THAW_INVENTORY_SOURCES_H

#include "base/arena.h"
#include "inventory/distributions.h"
#include "inventory/inventory.h"

/* What the interpreters say of the source files they executed. */
struct thaw_sources {
    const struct thaw_inventory_request *request;
    struct thaw_source_inquiry *inquiries; /* one per interpreter; none with inquiry.pid 0 */
};

/*
 * Starts to ask every interpreter of the request that executed source files; they answer
 * meanwhile. Files that one of the distributions owns are not the user's. After 0 the answers must
 * be heard; memory is the arena's. -ENOMEM or 0.
 */
int thaw_sources_ask(const struct thaw_inventory_request *request,
                     const struct thaw_distributions *distributions, struct thaw_arena *arena,
                     struct thaw_sources *ret, struct thaw_error *error);

/*
 * Emits what they answer, and a loss for what can't be had; emit NULL: nothing is wanted any more.
 * Every inquiry is finished, whatever is returned: -ENOMEM, or what emit returned.
 */
int thaw_sources_hear(struct thaw_sources *sources, thaw_inventory_emit emit, void *context,
                      struct thaw_error *error);

#endif
