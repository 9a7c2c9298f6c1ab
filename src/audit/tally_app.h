/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_TALLY_APP_H
#define THAW_AUDIT_TALLY_APP_H

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "audit/tally.h"
#include "audit/tally_rows.h"
#include "base/array.h"

/* What is added up of one app. */
struct tally_counts {
    uint64_t counts[THAW_TALLY_DURATION_BOUNDS + 1]; /* enough for either kind of bounds */
    double sum;
    uint64_t count;
};

struct tally_phase {
    char *name;
    struct tally_counts counts;
};

struct tally_platform {
    char *name;
    uint64_t answered, unanswered;
};

/* An import with a series, or one that may get one. */
struct tally_import {
    uint64_t hash;
    char *name;
    uint64_t ns;     /* that its series has */
    uint64_t starts; /* likewise */
    uint64_t weight; /* what it is found to cost, also before it had one */
};

struct tally_imports {
    THAW_ARRAY(struct tally_import) shown;
    THAW_ARRAY(struct tally_import) candidates;
    uint64_t other_ns;
};

struct tally_deployment {
    uint64_t hash;
    int64_t first_unix_ns;
};

struct tally_app {
    char *name;
    THAW_ARRAY(struct tally_platform) platforms;
    THAW_ARRAY(struct tally_phase) phases;
    THAW_ARRAY(struct tally_deployment) deployments; /* the latest ones */
    struct tally_counts durations;
    struct thaw_exemplar exemplars[THAW_TALLY_DURATION_BOUNDS + 1];
    struct tally_imports imports;
    uint64_t starts;
    uint64_t further, incomplete, modules, modules_failed, imports_ns;
    uint64_t requests, cold, busy_ns, not_measured_ns, at_limit, limit_looks;
    uint64_t most_all, processes; /* of the last window */
    bool arrived;                 /* there was one */
    UT_hash_handle hh;
};

struct thaw_tally {
    struct thaw_tally_limits limits;
    int64_t begin_unix_ns;
    struct tally_app *apps;
};

/* Adds an import's time to its series, or to the others'. -ENOMEM. */
int thaw_tally_imports_add(struct tally_imports *imports, size_t most, const char *name,
                           uint64_t ns);
void thaw_tally_imports_free(struct tally_imports *imports);

#endif
