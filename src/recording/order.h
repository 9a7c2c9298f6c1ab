/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_RECORDING_ORDER_H
#define THAW_RECORDING_ORDER_H

#include <stddef.h>

#include "thaw/recording.h"

/*
 * Puts count events in order of time, where they are. Equal times
 * keep their order, but for two kinds: a session's begin comes first of all, whatever its time,
 * and its end last among its equals. -ENOMEM.
 */
int thaw_order_events(struct thaw_event *events, size_t count);

#endif
