/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_REPORT_SPLIT_SUMS_H
#define THAW_REPORT_SPLIT_SUMS_H

#include "report/summary.h"

/* What the time of imports went into, summed over modules of the report. */
enum { thaw_split_part_count = 12, thaw_split_wait_count = 3 };

struct thaw_split_sum {
    uint64_t ns;
    uint64_t io_ns;
    uint64_t runqueue_ns;
    uint64_t sleep_ns;
    uint64_t minor_faults;
    uint64_t major_faults;
};

struct thaw_split_sums {
    struct thaw_split_sum parts[thaw_split_part_count];
    struct thaw_split_sum all;
    const char *names[thaw_split_part_count];      /* "finding and set-up" */
    const char *wait_names[thaw_split_wait_count]; /* "disk wait" */
    size_t modules;
    bool split; /* more is known than dlopen and Python code */
    bool waits; /* and what was not computing */
    size_t compiled;
    size_t missing; /* of those, without bytecode; likewise the others */
    size_t stale;
    size_t rejected;
    size_t unreadable;
    size_t unwritten; /* compiled, and no new bytecode was written */
    uint64_t failed_lookups;
};

/* Over the modules that are in the track's total, or over all of them. */
void thaw_split_sums_make(struct thaw_summary *summary, struct thaw_split_sums *ret);

/* One module's own. */
struct thaw_split_sum thaw_split_part_of(const json_t *module, size_t part);

#endif
