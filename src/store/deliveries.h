/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_STORE_DELIVERIES_H
#define THAW_STORE_DELIVERIES_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/array.h"
#include "store/database.h"
#include "thaw/error.h"

/*
 * The queue of what is still to be delivered (export/delivery.h), in order. All may be called
 * within thaw_database_begin() and _end(), or by themselves; by one program at a time
 * (thaw_database_hold()).
 */
#define THAW_DELIVERY_BYTES_MAX ((size_t)1000000) /* of one: a row has at most 1 MiB */

struct thaw_stored_delivery {
    int64_t id;       /* never used again */
    int64_t unix_ns;  /* when it came */
    const char *body; /* with a NUL behind it */
    size_t length;
};

struct thaw_stored_deliveries {
    struct thaw_arena arena;
    THAW_ARRAY(struct thaw_stored_delivery) items;
};

/* Adds one; beyond most_bytes the oldest go, *ret_dropped of them. -EMSGSIZE: it is larger than
 * THAW_DELIVERY_BYTES_MAX, or than most_bytes; nothing was dropped for it. */
int thaw_deliveries_add(struct thaw_database *database, const char *body, size_t length,
                        int64_t unix_ns, uint64_t most_bytes, uint64_t *ret_dropped,
                        struct thaw_error *error);

/* The first so many, of at most so many bytes together (but at least one). Of a zeroed *ret, to be
 * freed in either case. */
int thaw_deliveries_first(struct thaw_database *database, size_t most, size_t most_bytes,
                          struct thaw_stored_deliveries *ret, struct thaw_error *error);
void thaw_stored_deliveries_free(struct thaw_stored_deliveries *deliveries);

/* Those up to id are done with. */
int thaw_deliveries_remove(struct thaw_database *database, int64_t up_to_id,
                           struct thaw_error *error);

int thaw_deliveries_size(struct thaw_database *database, uint64_t *ret_count, uint64_t *ret_bytes,
                         struct thaw_error *error);

/* How many were ever dropped for lack of room, since the file was made. */
int thaw_deliveries_dropped(struct thaw_database *database, int64_t *ret, struct thaw_error *error);

#endif
