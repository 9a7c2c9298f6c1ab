/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_TRACE_PHASES_H
#define THAW_REPORT_TRACE_PHASES_H

#include <jansson.h>

#include "report/nesting.h"
#include "thaw/error.h"

/*
 * The phases of a track, or of anything else that has start_ns, end_ns and phases, in preorder: the
 * first one is the track itself. What is over when the track begins, as a machine's days in a pool,
 * is not among them: it isn't counted, and beside it nothing else could be seen.
 */
struct thaw_trace_phases {
    const json_t **items; /* of the report */
    struct thaw_interval *times;
    size_t *order; /* by time */
    size_t count;  /* at least 1 */
};

/* -ENOMEM; freed in either case by thaw_trace_phases_free(). */
int thaw_trace_phases_build(const json_t *track, struct thaw_trace_phases *ret,
                            struct thaw_error *error);
void thaw_trace_phases_free(struct thaw_trace_phases *phases);

#endif
