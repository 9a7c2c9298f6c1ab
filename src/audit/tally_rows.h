/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_TALLY_ROWS_H
#define THAW_AUDIT_TALLY_ROWS_H

#include "export/families.h"

/* The metrics of starts and requests: their names are a promise to dashboards. */
enum thaw_tally_row {
    THAW_TALLY_STARTS,
    THAW_TALLY_FURTHER,
    THAW_TALLY_INCOMPLETE,
    THAW_TALLY_DURATION,
    THAW_TALLY_PHASE,
    THAW_TALLY_MODULES,
    THAW_TALLY_MODULES_FAILED,
    THAW_TALLY_IMPORTS,
    THAW_TALLY_IMPORT,
    THAW_TALLY_IMPORT_STARTS,
    THAW_TALLY_IMPORT_OTHER,
    THAW_TALLY_REQUESTS,
    THAW_TALLY_COLD,
    THAW_TALLY_BUSY,
    THAW_TALLY_NOT_MEASURED,
    THAW_TALLY_WAITING,
    THAW_TALLY_LIMIT_KNOWN,
    THAW_TALLY_IN_FLIGHT_MOST,
    THAW_TALLY_PROCESSES,
    THAW_TALLY_DEPLOYMENT,
    THAW_TALLY_ROWS,
};

extern const struct thaw_family_row thaw_tally_rows[THAW_TALLY_ROWS];

/* Upper bounds, in seconds: powers of two, and of its root, so that they are those of a native
 * histogram of Prometheus with schema 0, and 1. */
#define THAW_TALLY_PHASE_BOUNDS 15
#define THAW_TALLY_DURATION_BOUNDS 21
extern const double thaw_tally_phase_bounds[THAW_TALLY_PHASE_BOUNDS];       /* 1/256 s to 64 s */
extern const double thaw_tally_duration_bounds[THAW_TALLY_DURATION_BOUNDS]; /* 1/16 s to 64 s */

#endif
