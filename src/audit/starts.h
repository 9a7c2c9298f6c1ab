/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_AUDIT_STARTS_H
#define THAW_AUDIT_STARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "audit/start_events.h"
#include "thaw/error.h"

/*
 * Starts that are under way: the events of each process tree are kept together until its first
 * reply, and are then a small recording of their own, of which the timeline is built by the same
 * rules as any other (reduce.h). Memory is bounded: what is given up is told.
 *
 * A tree begins with a Python program that is executed, or a platform's worker with its host, and
 * has all that is started below. A Python program that one with nothing to serve starts is a tree
 * of its own. What is started below a tree that is over begins another: a host's next worker an
 * hour later, to which the host's own start does not belong any more.
 *
 * A server is ready, and its idle time not counted, as soon as it listens and its last import is
 * over: what it does between that and its first request without importing is not told from waiting.
 *
 * A tree is over when all of its workers have answered, when nothing of it is left, or with time
 * (thaw_starts_limits). Servers that share the first one's socket and were not asked meanwhile have
 * no start that could be told.
 */
struct thaw_starts;

/* What is followed to its first reply. */
enum thaw_starts_of {
    THAW_STARTS_OF_PLATFORMS, /* a platform's workers, and servers written in Python */
    THAW_STARTS_OF_ALL,       /* every start of an interpreter, also one that answers nobody */
};

struct thaw_starts_limits {
    size_t events;      /* of one tree; imports beyond are counted and left out */
    size_t bytes;       /* of all trees: the oldest is given up */
    size_t processes;   /* that are known, at most */
    uint64_t settle_ns; /* after a first reply: how long the tree's other workers are waited for */
    uint64_t patience_ns; /* without one; a worker that is ready and waits to be asked has time */
};
extern const struct thaw_starts_limits thaw_starts_usual_limits;

struct thaw_starts_calls {
    void *context;
    /* A tree is over, or some of its workers have answered while others still wait: what is not
     * told yet is to be reduced. Good until the call returns. */
    int (*over)(void *context, const struct thaw_start_events *tree, struct thaw_error *error);
    /* That process has started (and is not told of any more but by messages), or is of no interest.
     */
    void (*started)(void *context, uint32_t process);
    void (*forget)(void *context, uint32_t process);
};

int thaw_starts_open(enum thaw_starts_of of, const struct thaw_starts_limits *limits,
                     const struct thaw_starts_calls *calls, struct thaw_starts **ret,
                     struct thaw_error *error);

/* An event of the machine, in order. Those of starts that are over are passed by. Only lack of
 * memory fails, and what over() returned; the starts stay usable then, without that event. */
int thaw_starts_take(struct thaw_starts *starts, const struct thaw_event *event,
                     struct thaw_error *error);

/* Has it run since before anybody looked? Then it is not said to have started. */
bool thaw_starts_was_there(const struct thaw_starts *starts, uint32_t process);

/* Closes those that have waited long enough; to be called some times a second. */
int thaw_starts_tick(struct thaw_starts *starts, uint64_t now_ns, struct thaw_error *error);

/* Closes all: thaw ends. Those without a first reply are given up with that reason. */
int thaw_starts_finish(struct thaw_starts *starts, const char *reason, struct thaw_error *error);

struct thaw_starts_state {
    size_t open;        /* trees under way */
    size_t bytes;       /* that they take */
    uint64_t seen;      /* trees so far */
    uint64_t given_up;  /* of these, for lack of room or of patience, or at the end */
    uint64_t left_out;  /* events of imports */
    uint64_t passed_by; /* trees that turned out to be no start of interest */
};
void thaw_starts_state(const struct thaw_starts *starts, struct thaw_starts_state *ret);

void thaw_starts_free(struct thaw_starts *starts); /* NULL is fine */

#endif
