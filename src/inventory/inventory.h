/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_INVENTORY_INVENTORY_H
#define THAW_INVENTORY_INVENTORY_H

#include <stddef.h>
#include <sys/types.h>

#include "python/source_inquiry.h"
#include "thaw/error.h"
#include "thaw/recording.h"

/*
 * What a report needs from the machine, gathered when a session closes and put into its recording:
 * interpreters, distributions, files, imports, what the user's own files do with theirs.
 */
struct thaw_inventory_subject {
    const char *executable; /* a path on this machine; "" or one of another root is not run */
    const char *version;    /* as recognised from its file, "" unknown: kept when it can't be run */
    uid_t user;             /* who it runs as when it is asked about itself */
    gid_t group;
    /* Source files it executed, each once; those marked as the user's own are taken for that
     * unless a distribution owns them. */
    const struct thaw_source_file *sources;
    size_t source_count;
};

struct thaw_inventory_request {
    const struct thaw_inventory_subject *interpreters; /* each executable and user once is enough */
    size_t interpreter_count;
    const char *const *files; /* absolute paths of the modules' files and loaded libraries */
    size_t file_count;
};

/* Takes one event; its texts last until the call returns. Less than 0 ends the collecting. */
typedef int (*thaw_inventory_emit)(void *context, const struct thaw_event *event,
                                   struct thaw_error *error);

/*
 * Emits THAW_EVENT_INVENTORY_INTERPRETER for every interpreter (with empty lists for one that
 * can't be asked), THAW_EVENT_INVENTORY_DISTRIBUTION for every distribution in their site folders
 * and in those the files come from, THAW_EVENT_INVENTORY_FILE for every file that exists, each
 * once; THAW_EVENT_INVENTORY_REQUIREMENT for what the user's own folders require; then for each
 * interpreter's sources THAW_EVENT_INVENTORY_IMPORT, _STATEMENT and _DEFINITION
 * with a THAW_EVENT_LOSS "sources-not-read" when not all could be had. Times are now
 * (CLOCK_BOOTTIME). Fails when memory is short, or with what emit returned.
 */
int thaw_inventory_collect(const struct thaw_inventory_request *request, thaw_inventory_emit emit,
                           void *context, struct thaw_error *error);

#endif
