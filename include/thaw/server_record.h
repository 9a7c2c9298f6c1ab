/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause OR Apache-2.0 */
#ifndef THAW_SERVER_RECORD_H
#define THAW_SERVER_RECORD_H

/* A part of event.h, which includes it behind what it needs: what servers do. */

/* Sockets of a process that listens, and connections it accepts, that are told. */
#define THAW_KERNEL_LISTENS 16
#define THAW_KERNEL_ACCEPTS 64

/*
 * A process listens; accepts a connection; has received, or sends (outgoing: after it received),
 * the first bytes on it. header.time_ns is the end of the call, of sending its start. connection
 * counts those of the acceptor, which may be another process than the one that goes on with it. All
 * that does not apply is 0.
 */
struct thaw_kernel_server {
    struct thaw_kernel_header header;
    thaw_u64 connection;
    thaw_u64 idle_since_ns; /* accept: from when on its thread did little but wait, 0 not known */
    thaw_u64 busy_ns;       /* of the time since then: how long it did not wait */
    thaw_u32 acceptor;
    thaw_u32 peer; /* first bytes: the traced process at the other end, 0 it is none */
    thaw_u16 port; /* of this end, host byte order */
    thaw_u16 family;
    thaw_u8 local; /* accept: the other end is on this machine */
    thaw_u8 outgoing;
    thaw_u8 encrypted; /* first bytes received: they begin a TLS handshake; then nothing follows */
    thaw_u8 reserved;
};

/* Files that tell how far the start of a host is, by their names. */
enum thaw_kernel_host_file_kind {
    THAW_KERNEL_HOST_RESOLVER = 1, /* libhostfxr.so */
    THAW_KERNEL_HOST_RUNTIME_CONFIGURATION = 2,
    THAW_KERNEL_HOST_POLICY = 3,  /* libhostpolicy.so */
    THAW_KERNEL_HOST_RUNTIME = 4, /* libcoreclr.so */
    THAW_KERNEL_HOST_CONFIGURATION = 5,
    THAW_KERNEL_HOST_WORKER_CONFIGURATION = 6,
    THAW_KERNEL_HOST_BUNDLE = 7,
    THAW_KERNEL_HOST_EXTENSIONS = 8,
    THAW_KERNEL_HOST_FILE_KINDS = 9,
};

/* Those of a process that are told. */
#define THAW_KERNEL_HOST_FILES_MOST 64

/* One was opened; header.time_ns is the end of the call. */
struct thaw_kernel_host_file {
    struct thaw_kernel_header header;
    thaw_u32 what; /* enum thaw_kernel_host_file_kind */
    thaw_u32 reserved;
};

_Static_assert(sizeof(struct thaw_kernel_server) == 64, "server has no padding");
_Static_assert(sizeof(struct thaw_kernel_host_file) == 32, "host file has no padding");

#endif
