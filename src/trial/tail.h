/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TRIAL_TAIL_H
#define THAW_TRIAL_TAIL_H

#include <stddef.h>

/* The end of what a command prints, any bytes: the caller has the room and how much of it is used.
 */

/* Adds to it; where that is more than fits, the oldest goes. */
void thaw_tail_keep(char *tail, size_t size, size_t *length, const char *bytes, size_t count);

/* The last line of it that has something in it, safe for a terminal; "" none. */
void thaw_tail_line(const char *tail, size_t length, char *ret, size_t size);

#endif
