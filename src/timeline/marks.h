/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_TIMELINE_MARKS_H
#define THAW_TIMELINE_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/array.h"
#include "timeline/build.h"

/*
 * The instants of one track that phases are cut at, in order of time. What a mark means is told by
 * its kind alone, so that the rules in phases.c can be a table.
 */
enum thaw_mark_kind {
    THAW_MARK_HOST = 1 << 0,         /* the host started */
    THAW_MARK_HOST_PRESENT = 1 << 1, /* the same, long before: it is no part of this cold start */
    THAW_MARK_FURTHER = 1 << 2,      /* the host started the first of several workers */
    THAW_MARK_WORKER = 1 << 3,       /* the worker (or the script) started */
    THAW_MARK_LAUNCH = 1 << 4,       /* an exec that was not the last */
    THAW_MARK_EXEC = 1 << 5,         /* the last exec */
    THAW_MARK_INTERPRETER =
        1 << 6, /* the interpreter is up: what the program itself wants begins */
    THAW_MARK_CONNECT = 1 << 7,
    THAW_MARK_HELLO = 1 << 8, /* the link's first message */
    THAW_MARK_POOL = 1 << 9,  /* a placeholder is set up and waits for its customer */
    THAW_MARK_SPECIALIZE = 1 << 10,
    THAW_MARK_REQUEST = 1 << 11,  /* set-up requests of one kind begin */
    THAW_MARK_RESPONSE = 1 << 12, /* the last response to them */
    THAW_MARK_IMPORT = 1 << 13,   /* the user's file begins to be executed */
    THAW_MARK_IMPORTED = 1 << 14,
    THAW_MARK_BLIND = 1 << 15,  /* imports can't be seen: from here on nothing can be told apart */
    THAW_MARK_SET_UP = 1 << 16, /* last set-up response, when no import of the user's was seen */
    THAW_MARK_IDLE = 1 << 17,   /* last set-up response before the first invocation */
    THAW_MARK_INVOCATION = 1 << 18,
    THAW_MARK_LATE_IMPORT = 1 << 19, /* the user's file is executed by the invocation itself */
    THAW_MARK_LATE_IMPORTED = 1 << 20,
    THAW_MARK_REPLY = 1 << 21,
    THAW_MARK_END = 1 << 22, /* the last instant that says anything about this start */
    THAW_MARK_LISTEN = 1 << 23,
    THAW_MARK_WAIT = 1 << 24,  /* a server is ready, and waits for its first connection */
    THAW_MARK_ASKED = 1 << 25, /* the first bytes on it */
    /* The same of the host as of the worker; its own start is THAW_MARK_HOST. */
    THAW_MARK_HOST_LAUNCH = 1 << 26,
    THAW_MARK_HOST_EXEC = 1 << 27,
    THAW_MARK_HOST_INTERPRETER = 1 << 28,
    THAW_MARK_HOST_IMPORT = 1 << 29,
    THAW_MARK_HOST_IMPORTED = 1 << 30,
    THAW_MARK_HOST_LISTEN = 1LL << 31,
    THAW_MARK_LAST_IMPORTED = 1LL << 32, /* a server: no more of the app before it listens */
    THAW_MARK_HOST_LAST_IMPORTED = 1LL << 33,
    THAW_MARK_HOST_RUNTIME = 1LL << 34,       /* a .NET runtime is loaded into the host */
    THAW_MARK_HOST_CONFIGURATION = 1LL << 35, /* it opens the first file of its configuration */
    THAW_MARK_HOST_BUNDLE = 1LL << 36,        /* and of its extension bundle */
    THAW_MARK_HOST_READY = 1LL << 37,         /* it listens, and all that was opened before */
    THAW_MARK_READY = 1LL << 38,              /* the worker asks for work */
    THAW_MARK_FIRST_TRY = 1LL << 39,          /* a worker started that ended before it was ready */
};

/* A set of them. */
typedef uint64_t thaw_mark_set;

struct thaw_mark {
    enum thaw_mark_kind kind;
    uint64_t time_ns;
    enum thaw_confidence confidence;
    const char *words;  /* for a phase's evidence */
    const char *beside; /* of a begin: what else is evidence of the phase, NULL nothing */
    const char *within; /* of an import, "" */
    const struct thaw_platform_exchange *exchange; /* of a request or response, else NULL */
};

struct thaw_marks {
    THAW_ARRAY(struct thaw_mark) marks;
    bool specialized; /* what was before the reload request is not the customer's */
    bool answered;
    uint64_t start_ns; /* of the track: all marks lie within */
    uint64_t end_ns;
};

/* A worker's marks. *ret is zeroed first; free it with thaw_array_free(&ret->marks). */
bool thaw_marks_of_worker(struct thaw_build *build, uint32_t process, struct thaw_marks *ret);

/* The same for a server that belongs to no platform. */
bool thaw_marks_of_server(struct thaw_build *build, uint32_t process, struct thaw_marks *ret);

/* The same for a Python process that belongs to no platform: its start and its first imports. */
bool thaw_marks_of_script(struct thaw_build *build, uint32_t process, struct thaw_marks *ret);

#endif
