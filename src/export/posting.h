/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EXPORT_POSTING_H
#define THAW_EXPORT_POSTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "thaw/error.h"

/*
 * One request at a time to a Collector, by libcurl, without ever waiting for it. http and https
 * alone, certificates are checked, redirects are not followed: the headers may hold a key. What is
 * read of an answer is bounded, and neither the address nor a header is in any text that is told.
 */
struct thaw_posting;

struct thaw_posting_settings {
    const char *url;            /* what the paths of signals are put behind */
    const char *const *headers; /* "name: value", NULL-terminated, or NULL */
    const char *certificates;   /* a file of CAs, NULL the system's */
    uint64_t timeout_ns;        /* of a request, name and connection included */
};

enum thaw_signal { THAW_SIGNAL_TRACES, THAW_SIGNAL_METRICS, THAW_SIGNALS };

/* What became of a request. */
enum thaw_posted {
    THAW_POSTED_TAKEN,
    THAW_POSTED_LATER,     /* not now: an outage, or too much at a time */
    THAW_POSTED_BROKEN,    /* the Collector failed at it: an outage, or it can't cope with this */
    THAW_POSTED_TOO_LARGE, /* or there is something wrong in it: less of it may do */
    THAW_POSTED_REFUSED,   /* for good */
};

struct thaw_posting_answer {
    enum thaw_posted posted;
    long status;             /* of HTTP, 0 there was none */
    uint64_t retry_after_ns; /* 0: not said */
    uint64_t rejected;       /* items of what was taken that were not */
    char error[160];         /* why it was not taken, "" it was; for people */
};

/* Takes copies of the settings. -ENOSYS: no libcurl; -EINVAL with what is wrong in the settings. */
int thaw_posting_open(const struct thaw_posting_settings *settings, struct thaw_posting **ret,
                      struct thaw_error *error);

/* Begins a request; body is to last until its answer is there. None may be under way. -ENOMEM. */
int thaw_posting_begin(struct thaw_posting *posting, enum thaw_signal signal, const char *body,
                       size_t length, struct thaw_error *error);

/* Goes on with it as far as that goes at once; true: *ret is what became of it. */
bool thaw_posting_step(struct thaw_posting *posting, struct thaw_posting_answer *ret);

bool thaw_posting_is_busy(const struct thaw_posting *posting);

/* Waits until there may be something to do, so long at most. */
void thaw_posting_wait(struct thaw_posting *posting, uint64_t most_ns);

void thaw_posting_close(
    struct thaw_posting *posting); /* gives up what is under way; NULL is fine */

#endif
