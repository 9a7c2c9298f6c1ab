/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_FUNCTIONS_H
#define THAW_TIMELINE_FUNCTIONS_H

#include <stdbool.h>

#include "thaw/recording.h"
#include "timeline/lookup.h"

/* The user's functions, as far as workers or hosts told of them, by function_id. */
struct thaw_functions {
    const struct thaw_recording *recording;
    struct thaw_lookup names; /* the event + 1 that tells */
    struct thaw_lookup triggers;
};

/* Collects those of a recording, which must outlive *ret. False when memory is short; free in
 * either case. */
bool thaw_functions_collect(struct thaw_functions *ret, const struct thaw_recording *recording);
void thaw_functions_free(struct thaw_functions *functions);

/* Of the function with that id; "" unknown. */
const char *thaw_functions_name(const struct thaw_functions *functions, const char *function_id);
const char *thaw_functions_trigger(const struct thaw_functions *functions, const char *function_id);

#endif
