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
#include "thaw/error.h"

/* What to do when events were lost. */
enum thaw_on_loss { THAW_ON_LOSS_WARN, THAW_ON_LOSS_IGNORE, THAW_ON_LOSS_FAIL };
extern const char *const thaw_on_loss_names[]; /* "warn" …, NULL-terminated */

/* "paths", "names", "modules": of 1 << n of enum thaw_redaction, NULL-terminated. */
extern const char *const thaw_redaction_names[];

/*
 * How `thaw audit` runs: the command line over the configuration's "audit" over what is usual.
 * Those marked * are taken over by a reload (SIGHUP); others need a restart, and a reload that
 * changes one says so.
 */
struct thaw_audit_settings {
    struct thaw_arena arena;    /* of texts that are not the command line's */
    const char *store;          /* NULL: nothing is kept */
    const char *listen;         /* NULL: no endpoint */
    const char *node;           /* * name of this machine in what is sent; NULL its host name */
    const char *platform;       /* "auto" */
    const char *const *pythons; /* to be attached to in advance, NULL-terminated, or NULL */
    const char *user;           /* to become, NULL stay */
    const char *key_file;       /* * of redaction's hashes, NULL: beside the store */
    const char *headers_file;   /* * of deliveries, NULL none */
    enum thaw_starts_of starts;
    enum thaw_on_loss on_loss;         /* * */
    uint64_t split_ns, split_every_ns; /* * 0: never */
    uint64_t import_least_ns;          /* * shorter imports are not kept, and no spans */
    size_t imports;                    /* * kept of a start */
    uint64_t metrics_every_ns;         /* * of OTLP */
    uint64_t duration_ns;              /* then it ends; 0: never */
    struct thaw_starts_limits limits;
    struct thaw_starts_bounds bounds;       /* * */
    struct thaw_naming_settings naming;     /* * */
    struct thaw_delivery_settings delivery; /* * url NULL: none */
    struct thaw_tally_limits tally;
};

/* What is usual, of no memory. */
void thaw_audit_settings_begin(struct thaw_audit_settings *ret);

/*
 * Checks what belongs together, and reads what is in files: the key (made, of mode 0600, where it
 * is missing and make is true) and headers. Without a place for a key it is a random one, of this
 * run. -EINVAL with what is wrong; what reading fails with.
 */
int thaw_audit_settings_complete(struct thaw_audit_settings *settings, bool make,
                                 struct thaw_error *error);

/*
 * A reload: what can't change while it runs is set back in next to what it is in now. Returns the
 * names of what was, "store, listen", "" none; of next's arena. NULL: memory is short.
 */
const char *thaw_audit_settings_hold(const struct thaw_audit_settings *now,
                                     struct thaw_audit_settings *next);

void thaw_audit_settings_free(struct thaw_audit_settings *settings);

#endif
