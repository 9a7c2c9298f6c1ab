/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_EXCHANGES_H
#define THAW_TIMELINE_EXCHANGES_H

#include <stdbool.h>

#include "timeline/build.h"

/*
 * The messages of each worker: requests joined with their responses as its platform pairs them,
 * the first message of its link, and the connect of the connection that carries it.
 */
bool thaw_exchanges_build(struct thaw_build *build);

/* The last byte of the response; 0 when there is none. */
uint64_t thaw_exchange_answered_ns(const struct thaw_exchange *exchange);

#endif
