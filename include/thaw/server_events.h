/* SPDX-License-Identifier: Apache-2.0 */
#ifndef THAW_SERVER_EVENTS_H
#define THAW_SERVER_EVENTS_H

#include <stdint.h>

/*
 * What a server does until its first reply; part of recording_events.h. TCP only, no addresses.
 * Until a process has answered somebody outside the recorded tree, 64 connections of it are told;
 * then no more. connection is the number of a connection among those its acceptor accepted.
 */

/* listen(2) succeeded; time is the call's end. */
struct thaw_listen {
    uint64_t port;
    uint64_t family; /* AF_INET or AF_INET6 */
};

/* A connection was accepted; time is the call's end. */
struct thaw_accept {
    uint64_t connection;
    uint64_t port; /* of this end */
    uint64_t family;
    uint64_t local;         /* 1: the other end is on this machine */
    uint64_t idle_since_ns; /* from when on the accepting thread did little but wait; 0 unknown */
    uint64_t busy_ns;       /* how long it did not wait after that: each time less than 50 ms */
};

/* First bytes received on a connection (time: the call's end), or sent after that (its start). */
struct thaw_first_bytes {
    uint64_t connection;
    uint64_t acceptor; /* pid of the process that accepted it: often the same */
    uint64_t port;
    uint64_t outgoing;
    uint64_t peer;            /* pid of the recorded process at the other end, 0 none of them */
    uint64_t encrypted;       /* 1: a TLS handshake begins; of this connection nothing follows */
    const char *trace_parent; /* of the request that begins, as in struct thaw_message; "" where it
                                 has none, or was not looked at */
};

/*
 * A file was opened that tells how far the start of a platform's host is; time is the call's end.
 * file is one of these texts: "libhostfxr.so", "*.runtimeconfig.json", "libhostpolicy.so",
 * "libcoreclr.so" (a .NET runtime, in that order), "host.json", "worker.config.json" (the host's
 * configuration), "bundle.json", "extensions.json" (its extension bundle). Source of the names:
 * .NET's native hosting, and host version 4.1037.
 */
struct thaw_host_file {
    const char *file;
};

#endif
