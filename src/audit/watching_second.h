/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_WATCHING_SECOND_H
#define THAW_AUDIT_WATCHING_SECOND_H

#include "audit/watching.h"

/* Events lost so far. */
uint64_t thaw_watching_losses(const struct thaw_observation_state *state);

/* The starts of the last second, and arrivals that are complete by then, go where they belong. */
void thaw_watching_digest(struct thaw_watching *watching, int64_t until_unix_ns);

#endif
