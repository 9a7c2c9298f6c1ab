/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_EFFECT_EVENTS_H
#define THAW_EFFECT_EVENTS_H

#include <stdint.h>

/* The row of the probe table that tells, when it is attached, that the recording has effects. */
#define THAW_PROBE_EFFECTS "effects.calls"

/*
 * What code did beside defining names, on a thread that has an import open or (inherited) was
 * started by one that had. time is when the call was over; of threads, processes, lookups and the
 * environment it is when it began.
 *   thread, process  started is its tid or pid
 *   socket, bind, listen, connect
 *   write            a file opened for writing
 *   rename, remove, mkdir, rmdir, link
 *   sleep            duration_ns, as it really was
 *   signal           a handler was set
 *   lookup           of a host by the C library
 *   environment      a variable was set or removed: its name, never its value
 */
struct thaw_effect_seen {
    const char *what;
    const char *detail; /* for people: path, peer, "SIGTERM: ignored" */
    int64_t result;     /* of the system call: negative errno when it failed; 0 not known */
    uint64_t started;
    uint64_t duration_ns;
    uint64_t stack; /* as in thaw_file_open */
    uint64_t strand;
    uint64_t inherited;
    uint64_t last; /* 1: there may be more of that kind, which are not in the recording */
};

#endif
