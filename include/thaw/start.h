/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_START_H
#define THAW_START_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One start of a Python process, reduced: what `thaw audit` keeps of a timeline's track, and all
 * that passes from watching to the store and to exporters. Durations in ns; unix_ns are UNIX time.
 * Texts are UTF-8, never NULL, "" is absent or unknown; they belong to whoever made the start.
 */

/* A top-level phase of the track; those that are counted and unattributed_ns are total_ns. What
 * comes before the first counted one (a host that has run for long, a placeholder's wait) is left
 * out: a start begins with it. */
struct thaw_start_phase {
    const char *name;  /* "worker", as in the timeline */
    uint64_t begin_ns; /* since the start's begin */
    uint64_t ns;
    bool counted;
};

/* An import that took long, with what it was the first to import. */
struct thaw_start_import {
    const char *name;
    uint64_t begin_ns; /* since the start's begin */
    uint64_t total_ns;
    uint64_t self_ns;
    uint32_t parent; /* index + 1 of the import in the list that asked for it, or for one above it;
                        0 none */
    bool failed;
};

/* Whose start it is. What was asked to be redacted is a keyed hash ("~0123456789abcdef"). */
struct thaw_start_identity {
    const char *app;      /* what starts are counted under: see audit/naming.h */
    const char *function; /* whose invocation came first, "" none */
    const char *platform; /* "azure_functions"; "" of none */
    const char *worker;   /* the platform's id of the worker */
    const char *python;   /* "3.11.2" */
    const char *program;  /* path of the interpreter */
    const char *control_group;
    const char *container;  /* its id, 64 hexadecimal digits where that is its form */
    const char *pod;        /* its UID */
    const char *unit;       /* of systemd */
    const char *host_name;  /* of its UTS namespace, where that is not the node's */
    const char *deployment; /* of the app's code: equal as long as its files are; "" unknown */
};

#define THAW_START_TRACE_BYTES 33 /* 32 hexadecimal digits and a NUL */
#define THAW_START_SPAN_BYTES 17

struct thaw_start {
    struct thaw_start_identity identity;
    uint32_t process; /* pid, as thaw sees it */
    int64_t begin_unix_ns;
    int64_t end_unix_ns; /* first reply, or the last instant known */
    uint64_t total_ns;   /* counted phases and unattributed_ns */
    uint64_t unattributed_ns;
    bool answered;          /* a first reply was seen; else total_ns is at least so much */
    bool further;           /* not the first worker of its host */
    bool complete;          /* nothing of it is known to be missing */
    const char *incomplete; /* why it is not, one line for people, else "" */
    const char *ended;      /* why there was no first reply, for people; "" there was, or unknown */
    const struct thaw_start_phase *phases;
    size_t phase_count;
    const struct thaw_start_import *imports; /* the longest, by begin */
    size_t import_count;
    uint64_t modules;                   /* that were imported, however that ended */
    uint64_t modules_failed;            /* among them, also not found */
    uint64_t imports_ns;                /* all imports, by the time of their outermost ones */
    uint64_t other_imports_ns;          /* of those outermost ones that are not in the list */
    char trace[THAW_START_TRACE_BYTES]; /* of the request that came first (W3C traceparent), "" */
    char span[THAW_START_SPAN_BYTES];   /* its caller's span */
};

/* When the request that was answered first came, as far as the start tells: its last phase is the
 * answer's. */
static inline int64_t thaw_start_asked_unix_ns(const struct thaw_start *start)
{
    uint64_t begin_ns = start->phase_count ? start->phases[start->phase_count - 1].begin_ns : 0;

    return start->begin_unix_ns + (int64_t)begin_ns;
}

/*
 * What an app was asked in a bit of time: counted in the kernel for servers, by the platform's
 * messages for its workers.
 */
struct thaw_arrivals {
    const char *app;
    int64_t from_unix_ns; /* THAW_ARRIVALS_NS long, a multiple of it */
    uint64_t requests;
    uint64_t cold;         /* those that waited for a start, by when they came; others are counted
                              when they are looked at: a row may have more of these */
    uint64_t busy_ns;      /* times of those that were answered, added up */
    uint64_t most_at_once; /* requests in flight in one process */
    uint64_t most_all;     /* in all processes of the app, at one look; looks are a second apart */
    uint64_t processes;    /* that were there to answer */
    uint64_t limit_looks;  /* looks at which it was known whether requests wait for a thread */
    uint64_t at_limit;     /* of these: some did */
    bool measured;         /* false: something of it could not be counted, or was given up */
};
#define THAW_ARRIVALS_NS 10000000000ull

#endif
