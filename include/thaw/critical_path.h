/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_CRITICAL_PATH_H
#define THAW_CRITICAL_PATH_H

#include <stdbool.h>
#include <stdint.h>

/* Whom the first reply waited for at one moment. */
enum thaw_waited_for {
    THAW_WAITED_WORKER,
    THAW_WAITED_HOST,
    THAW_WAITED_CHILD,   /* a process that the worker started, and slept meanwhile */
    THAW_WAITED_OUTSIDE, /* nobody here: a customer, the first request */
    THAW_WAITED_UNKNOWN, /* not the worker; its host was not seen */
};

/* One piece of a track's critical path; they follow one another without a gap. */
struct thaw_critical_step {
    uint64_t start_ns;
    uint64_t end_ns;
    enum thaw_waited_for waited_for;
    uint32_t process;    /* id, 0 none */
    uint32_t tid;        /* of it, that imported; 0: none did */
    uint32_t module;     /* id: the costliest that was imported from outside of any, or that waited
                            for the child; 0 none */
    const char *phase;   /* "worker.init", "" in none */
    bool derived;        /* not from events alone */
    uint64_t imports_ns; /* own times of the modules that began in it, on that thread */
    bool waits_known;    /* the next three have meaning: parts of imports_ns off the CPU */
    uint64_t io_ns;
    uint64_t runqueue_ns;
    uint64_t sleep_ns;
};

/* What ran during a track without the first reply having waited for it, as far as is known. */
struct thaw_beside {
    uint32_t process; /* id */
    uint32_t tid;     /* a thread of the worker that imported; 0: the whole process */
    uint64_t start_ns;
    uint64_t end_ns; /* cut to the track */
    uint64_t ns;     /* of a thread: what it imported; of a process: its life */
};

#endif
