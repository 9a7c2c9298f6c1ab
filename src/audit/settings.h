/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_SETTINGS_H
#define THAW_AUDIT_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/naming.h"
#include "audit/starts.h"
#include "audit/tally.h"
#include "base/arena.h"
#include "export/delivery.h"
#include "store/starts.h"

/* What to do when events were lost. */
enum thaw_on_loss { THAW_ON_LOSS_WARN, THAW_ON_LOSS_IGNORE, THAW_ON_LOSS_FAIL };

/* How `thaw audit` runs: the command line over the configuration's "audit" over what is usual.
 * Those marked * are taken over by a reload (SIGHUP); others need a restart, and a reload that
 * changes one says so. */
struct thaw_audit_settings {
    struct thaw_arena arena;
    const char *store;    /* NULL: nothing is kept */
    const char *listen;   /* NULL: no endpoint */
    const char *node;     /* * name of this machine in what is sent; "" none */
    const char *platform; /* "auto" */
    enum thaw_starts_of starts;
    enum thaw_on_loss on_loss;         /* * */
    uint64_t split_ns, split_every_ns; /* * 0: never */
    uint64_t import_least_ns;          /* * shorter imports are no spans of a trace */
    size_t imports;                    /* * kept of a start */
    uint64_t metrics_every_ns;         /* * of OTLP */
    bool stay_privileged;              /* for tests on kernels without seccomp: never in a unit */
    const char *user;                  /* to become, NULL stay */
    struct thaw_starts_limits limits;
    struct thaw_starts_bounds bounds;       /* * */
    struct thaw_naming_settings naming;     /* * */
    struct thaw_delivery_settings delivery; /* * url NULL: none */
    struct thaw_tally_limits tally;
};

#endif
