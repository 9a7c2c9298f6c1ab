/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_START_PROCESS_H
#define THAW_AUDIT_START_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HASH_NONFATAL_OOM 1 /* HASH_ADD leaves the entry out, its table's pointer NULL */
#include <uthash.h>

#include "audit/kept_events.h"
#include "platform/platform.h"

/* Processes that are followed, and the little that each is known for when it is part of no tree. */
struct thaw_start_process {
    uint32_t pid;
    uint32_t parent; /* pid, 0 unknown */
    uint64_t begin_ns;
    uint64_t executed_ns;                 /* its last program; 0 none of its own */
    uint64_t active_ns;                   /* it was last seen doing something but to answer */
    const struct thaw_platform *platform; /* of its role or messages, NULL none */
    struct thaw_start_tree *tree;         /* that it is part of, NULL none */
    struct thaw_kept_events memory;       /* roles, programs …: what a later tree needs of it */
    uint32_t waiting;                     /* requests that it was sent and has not answered */
    uint32_t replies;                     /* to invocations, up to the first one that counts */
    bool forked;                          /* begin_ns is that of its fork */
    bool present;                         /* it was there before thaw */
    bool python;
    bool worker; /* of a platform */
    bool host;
    bool server;                            /* it listens, or was asked something */
    bool linked;                            /* messages of it were seen */
    bool loaded;                            /* a worker that was given a function */
    bool answered;                          /* a first reply was seen */
    bool had_workers;                       /* below it that have: others are further ones */
    bool started;                           /* that has been told */
    bool over;                              /* its tree is */
    struct thaw_start_process *prev, *next; /* in its tree */
    UT_hash_handle hh;                      /* oldest first */
};

struct thaw_start_processes {
    struct thaw_start_process *table;
    size_t most; /* that are known at once; of those in no tree the oldest go */
};

/* Is it one of which more is to come: Python, or what has a role? Of other programs nobody may tell
 * any more, not even that they have ended. */
bool thaw_start_process_is_followed(const struct thaw_start_process *process);

/* NULL: it is not known. */
struct thaw_start_process *thaw_start_processes_find(const struct thaw_start_processes *processes,
                                                     uint32_t pid);

/* A new one of that pid, of which there must be none; NULL when memory is short. */
struct thaw_start_process *thaw_start_processes_add(struct thaw_start_processes *processes,
                                                    uint32_t pid, uint64_t begin_ns);

/* Forgets it; it must be in no tree. */
void thaw_start_processes_remove(struct thaw_start_processes *processes,
                                 struct thaw_start_process *process);

/* Keeps the event if it is of a kind that later trees need, within bounds. */
int thaw_start_process_remember(struct thaw_start_process *process, const struct thaw_event *event,
                                struct thaw_error *error);

/* Another program runs in it: what the one before was known for is not its own. */
void thaw_start_process_renew(struct thaw_start_process *process);

/* How a tree is told of a process. */
enum thaw_start_telling {
    THAW_START_TELL_ALL,     /* as it was */
    THAW_START_TELL_PRESENT, /* as one that ran before */
    THAW_START_TELL_HOST,    /* the same, and what is below it runs a program of its own */
};

/* Adds to kept what it is known for. */
int thaw_start_process_tell(const struct thaw_start_process *process, enum thaw_start_telling how,
                            struct thaw_kept_events *kept, struct thaw_error *error);

void thaw_start_processes_free(struct thaw_start_processes *processes);

#endif
