/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_WATCHING_SECOND_H
#define THAW_AUDIT_WATCHING_SECOND_H

#include "audit/watching.h"

/* Events lost so far. */
uint64_t thaw_watching_losses(const struct thaw_observation_state *state);

/* What one process was asked since the last look. */
void thaw_watching_look(struct thaw_watching *watching, uint32_t process, int64_t now_unix_ns);

/* The starts of the last second, and arrivals that are complete by then, go where they belong. */
void thaw_watching_digest(struct thaw_watching *watching, int64_t until_unix_ns);

#endif
