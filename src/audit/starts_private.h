/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_STARTS_PRIVATE_H
#define THAW_AUDIT_STARTS_PRIVATE_H

#include "audit/start_process.h"
#include "audit/start_tree.h"
#include "audit/starts.h"

/* The inside of starts: starts.c takes events, starts_open.c opens trees, starts_close.c closes
 * them, start_signs.c tells what an event makes of its process. */
struct thaw_starts {
    enum thaw_starts_of of;
    struct thaw_starts_limits limits;
    struct thaw_starts_calls calls;
    struct thaw_start_processes processes;
    struct thaw_start_tree *trees;  /* oldest first */
    struct thaw_kept_events probes; /* that could not be attached */
    uint64_t now_ns;                /* the latest time that was told */
    struct thaw_starts_state state;
};

/* Notes what the event says of its process, which is not about its beginning or end. */
void thaw_start_signs_take(struct thaw_starts *starts, struct thaw_start_process *process,
                           const struct thaw_event *event);

/* Does the event begin a tree for its process, which is in none? */
bool thaw_start_signs_begin(const struct thaw_start_process *process,
                            const struct thaw_event *event);

/* The process begins a tree, or joins that of its host. */
int thaw_starts_begin(struct thaw_starts *starts, struct thaw_start_process *process,
                      uint64_t now_ns, struct thaw_error *error);

/* Adds those above it that are its hosts: with their own start where that is part of this one. */
int thaw_starts_add_hosts(struct thaw_starts *starts, struct thaw_start_tree *tree,
                          const struct thaw_start_process *process, uint64_t now_ns,
                          struct thaw_error *error);

/* Takes account of the memory that the tree takes now. */
void thaw_starts_account(struct thaw_starts *starts, struct thaw_start_tree *tree);

/* Keeps an event in a tree, with account of its memory. */
int thaw_starts_keep(struct thaw_starts *starts, struct thaw_start_tree *tree,
                     const struct thaw_event *event, struct thaw_error *error);

/* Closes the tree if it is over by now. It may be gone afterwards. */
int thaw_starts_look(struct thaw_starts *starts, struct thaw_start_tree *tree, uint64_t now_ns,
                     struct thaw_error *error);

/* Closes it whatever it has come to. It is gone afterwards, also when that fails. */
int thaw_starts_close(struct thaw_starts *starts, struct thaw_start_tree *tree,
                      const char *given_up, const char *ended, struct thaw_error *error);

/* Gives up the oldest until what is kept is within its bound. */
int thaw_starts_make_room(struct thaw_starts *starts, struct thaw_error *error);

#endif
