/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_EFFECT_RECORD_H
#define THAW_CAPTURE_EFFECT_RECORD_H

#include "base/arena.h"
#include "thaw/event.h"
#include "thaw/recording.h"

/*
 * Makes the stored effect of a record whose bounds were checked: numbers and socket addresses
 * become texts for people. 1, 0 for one that is not known, -ENOMEM.
 */
int thaw_effect_record_event(const struct thaw_kernel_effect *record, struct thaw_arena *arena,
                             struct thaw_effect_seen *ret);

#endif
