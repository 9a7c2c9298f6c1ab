/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_HOLD_H
#define THAW_CAPTURE_HOLD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "capture/programs.h"
#include "thaw/error.h"

/*
 * Holding: a traced process that starts an interpreter nobody has looked at is stopped for the
 * milliseconds it takes to attach to it (bpf/hold.h). Who stops must continue: should thaw die or
 * hang, its keeper does.
 */
struct thaw_hold;

/* How long a process may be held: after that the keeper continues it and no other is held. */
#define THAW_HOLD_MOST_MS 2000

/*
 * Starts the keeper and lets the programs hold from now on. To be called while this process has
 * one thread. On success *ret is ended by thaw_hold_close().
 */
int thaw_hold_open(const struct thaw_programs *programs, struct thaw_hold **ret,
                   struct thaw_error *error);

/* Continues a process that was held; it need not be there any more. */
void thaw_hold_release(struct thaw_hold *hold, pid_t process);

/* Whether a process that was held still is: the keeper lets none wait for too long. NULL: no. */
bool thaw_hold_holds(const struct thaw_hold *hold, pid_t process);

/* Processes that the keeper had to continue since thaw did not come to it in time. */
uint64_t thaw_hold_expired(const struct thaw_hold *hold);

/* Holds nothing more, continues what is held, and ends the keeper; NULL is fine. */
void thaw_hold_close(struct thaw_hold *hold);

#endif
