/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_DELIVERIES_H
#define THAW_STORE_DELIVERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "store/database.h"
#include "thaw/error.h"

/* The queue of what is still to be delivered (export/delivery.h), in order. */
struct thaw_stored_delivery {
    int64_t id;
    int64_t unix_ns; /* when it came */
    const char *body;
    size_t length;
};

struct thaw_stored_deliveries {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_stored_delivery) items;
};

/* Adds one; beyond most_bytes the oldest go, *ret_dropped of them. */
int thaw_deliveries_add(struct thaw_database *database, const char *body, size_t length,
                        int64_t unix_ns, uint64_t most_bytes, uint64_t *ret_dropped,
                        struct thaw_error *error);

/* The first so many, of at most so many bytes together (but at least one). */
int thaw_deliveries_first(struct thaw_database *database, size_t most, size_t most_bytes,
                          struct thaw_stored_deliveries *ret, struct thaw_error *error);
void thaw_stored_deliveries_free(struct thaw_stored_deliveries *deliveries);

/* Those up to id are done with. */
int thaw_deliveries_remove(struct thaw_database *database, int64_t up_to_id,
                           struct thaw_error *error);

int thaw_deliveries_size(struct thaw_database *database, uint64_t *ret_count, uint64_t *ret_bytes,
                         struct thaw_error *error);

#endif
