/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CAPTURE_ELSEWHERE_H
#define THAW_CAPTURE_ELSEWHERE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "thaw/recording.h"

/*
 * Processes of a recording whose root folder is another: a path of theirs would lead to some other
 * file here, so that nothing is read of it.
 */
struct thaw_elsewhere {
    THAW_ARRAY(uint32_t) processes; /* by pid */
};

/* Finds them, with the children that they fork. -ENOMEM or 0. */
int thaw_elsewhere_find(const struct thaw_recording *recording, struct thaw_elsewhere *ret);

bool thaw_elsewhere_holds(const struct thaw_elsewhere *elsewhere, uint32_t pid);

void thaw_elsewhere_free(struct thaw_elsewhere *elsewhere);

#endif
