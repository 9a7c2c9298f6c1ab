/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_START_TREE_H
#define THAW_AUDIT_START_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/start_events.h"
#include "audit/start_process.h"

/* One process tree whose start is under way: its events, and who is in it. */
struct thaw_start_tree {
    struct thaw_kept_events events;
    struct thaw_start_process *members; /* that have not ended */
    THAW_ARRAY(struct thaw_start_told) told;
    THAW_ARRAY(struct thaw_start_told) ended; /* members that have, and are to be told */
    uint32_t opener;                          /* pid of the process that it was opened for */
    uint64_t opened_ns;
    uint64_t active_ns;  /* its last message, or opened_ns: patience counts from here */
    uint64_t replied_ns; /* first reply since the last telling, 0 none */
    uint64_t left_out;   /* events of imports */
    bool has_worker;     /* of a platform, or its host: what else serves is no start of its own */
    bool has_server;
    bool has_python;
    bool has_program; /* an interpreter began in it, not only forks of one */
    bool further;
    bool thinned;                        /* of all events of imports */
    size_t counted;                      /* bytes of memory that it was last found to take */
    struct thaw_start_tree *prev, *next; /* oldest first */
};

struct thaw_start_tree *thaw_start_tree_new(uint32_t opener, uint64_t opened_ns);

/* It has no members any more. NULL is fine. */
void thaw_start_tree_free(struct thaw_start_tree *tree);

/* The process is one of the tree's from now on, or no longer. */
void thaw_start_tree_join(struct thaw_start_tree *tree, struct thaw_start_process *process);
void thaw_start_tree_leave(struct thaw_start_process *process);

/* A member has ended. -ENOMEM. */
int thaw_start_tree_end(struct thaw_start_process *process, uint64_t time_ns,
                        struct thaw_error *error);

/* The start of the process with that pid, which began before until_ns, is not to be told: it was,
 * or it is not this tree's. -ENOMEM. */
int thaw_start_tree_tell_not(struct thaw_start_tree *tree, uint32_t pid, uint64_t until_ns,
                             struct thaw_error *error);

/* What is there has been told, but for members that wait. -ENOMEM, with some told twice then. */
int thaw_start_tree_tell_no_more(struct thaw_start_tree *tree, uint64_t now_ns,
                                 struct thaw_error *error);

/* Is it of interest, as it is or may become a server's or worker's start? */
bool thaw_start_tree_is_decided(const struct thaw_start_tree *tree);

/* Is the member a platform's worker that may still answer for the first time? */
bool thaw_start_process_is_pending(const struct thaw_start_process *process);

/* Is it one that is ready, and waits to be asked? */
bool thaw_start_process_is_idle(const struct thaw_start_process *process);

/* Keeps an event. Beyond `most` of them those of imports are left out and counted; -ENOSPC: it has
 * become too much even without them; -ENOMEM. */
int thaw_start_tree_take(struct thaw_start_tree *tree, const struct thaw_event *event, size_t most,
                         struct thaw_error *error);

/* Is it of imports, or of what is done while importing? */
bool thaw_start_tree_is_import(const struct thaw_event *event);

/*
 * All events, in order, with a session's begin and end. ended_by: as of a session. watched_ns:
 * until when nothing more was seen to happen, 0 that is of no interest.
 */
int thaw_start_tree_recall(const struct thaw_start_tree *tree, const char *ended_by,
                           uint64_t watched_ns, struct thaw_event_list *ret,
                           struct thaw_error *error);

/* Leaves out the events of imports of those whose start is told, or (all) of everybody. */
int thaw_start_tree_thin(struct thaw_start_tree *tree, bool all, struct thaw_error *error);

/* The bytes of memory it takes. */
size_t thaw_start_tree_bytes(const struct thaw_start_tree *tree);

#endif
